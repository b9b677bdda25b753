"""From similarities to logits, where opposite directions count less."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ConstrainedAngles(keras.layers.Layer):
    """Leaky ReLU of similarities, times the length of the features.

    Under softmax cross entropy these logits are the constrained angle loss.
    Computed in float32 under mixed precision, since DAN's features are at least
    125 long; at features of length zero the gradients are finite.

    Args:
        negative_slope: of negative similarities; 0 is ReLU, 1 leaves them.

    Call arguments:
        inputs: features `(batch, features)` and similarities `(batch,
            num_classes)`, a list.

    Output shape:
        `(batch, num_classes)`, float32.

    Raises:
        ValueError: the slope is outside 0 to 1.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> features, similarity = np.array([[3.0, 4.0]]), np.array([[0.5, -0.5]])
    >>> layer = layers.ConstrainedAngles(negative_slope=0.1)
    >>> layer([features, similarity]).numpy().tolist()
    [[2.5, -0.25]]

    Reference:
        - EMMA, equation 2.
    """

    def __init__(self, negative_slope: float = 0.1, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        check_slope(negative_slope)
        self.negative_slope = negative_slope

    def call(self, inputs):
        features, similarity = inputs
        square = ops.sum(ops.square(features), axis=1, keepdims=True)
        # The slope of the root has no end at zero.
        length = ops.sqrt(ops.maximum(square, 1e-12))
        return length * ops.leaky_relu(similarity, self.negative_slope)

    def compute_output_shape(self, input_shape):
        return input_shape[1]

    def get_config(self):
        return {**super().get_config(), "negative_slope": self.negative_slope}


def check_slope(slope):
    """Refuse slopes that are none.

    Raises:
        ValueError: it is outside 0 to 1.
    """
    if not 0 <= slope <= 1:
        raise ValueError(
            f"`negative_slope` must be from 0 to 1. Received: {slope}"
        )

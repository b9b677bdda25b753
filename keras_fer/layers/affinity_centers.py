"""Centers of features, and how far features lie from them."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class AffinityCenters(keras.layers.Layer):
    """Squared distance of features to centers, over the centers' spread.

    Divided by the variance of the centers, summed over the dimensions, so that
    centers that lie together count as far. Computed in float32 under mixed
    precision. `losses.AffinityLoss` takes this head.

    Args:
        num_classes: number of centers, at least 2.

    Input shape:
        `(batch, features)`.
    Output shape:
        `(batch, num_classes)`, float32, at least 0.

    Raises:
        ValueError: there are fewer than 2 classes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> centers = layers.AffinityCenters(2)
    >>> _ = centers(np.zeros((1, 1)))
    >>> centers.set_weights([np.array([[1.0], [3.0]])])  # variance 2
    >>> centers(np.array([[5.0]])).numpy().tolist()
    [[8.0, 2.0]]

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270) (DAN), equation
          2, and `AffinityLoss` of the published code: centers are drawn from
          N(0, 1), move by the optimizer, and their variance is that of a
          sample.
    """

    def __init__(self, num_classes: int, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        if num_classes < 2:
            raise ValueError(
                f"`num_classes` must be at least 2. Received: {num_classes}"
            )
        self.num_classes = num_classes

    def build(self, input_shape):
        self.centers = self.add_weight(
            shape=(self.num_classes, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="centers",
        )

    def call(self, inputs):
        centers = ops.convert_to_tensor(self.centers)
        differences = ops.cast(inputs, "float32")[:, None] - centers
        distances = ops.sum(ops.square(differences), axis=2)
        spread = ops.sum(ops.square(centers - ops.mean(centers, axis=0)))
        return distances / (spread / (self.num_classes - 1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes}

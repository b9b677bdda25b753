"""A direction for each expression, and how near features point to it."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class EmotionVectors(keras.layers.Layer):
    """Cosine of features to a learned vector for each class.

    The paper's EmoVecs: the rows of a matrix, normalized, without bias.
    Computed in float32 under mixed precision; features of length zero have the
    cosine 0 and finite gradients.

    Args:
        num_classes: number of vectors.

    Input shape:
        `(batch, features)`.
    Output shape:
        `(batch, num_classes)`, float32, -1 to 1.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> vectors = layers.EmotionVectors(2)
    >>> _ = vectors(np.zeros((1, 2)))
    >>> vectors.set_weights([np.array([[2.0, 0.0], [0.0, 3.0]])])
    >>> vectors(np.array([[3.0, 4.0]])).numpy().round(3).tolist()
    [[0.6000000238418579, 0.800000011920929]]

    Reference:
        - EMMA, section 3.1 and equation 4.
        - [Liu et al., 2017](https://arxiv.org/abs/1704.08063) (SphereFace)
    """

    def __init__(self, num_classes: int, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.num_classes = num_classes

    def build(self, input_shape):
        self.vectors = self.add_weight(
            shape=(self.num_classes, input_shape[-1]),
            initializer="glorot_uniform",
            name="vectors",
        )

    def call(self, inputs):
        directions = unit(ops.cast(inputs, "float32"))
        return ops.matmul(directions, ops.transpose(unit(self.vectors)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes}


def unit(vectors):
    """Vectors of length one, but for those shorter than 1e-3.

    So at zero the gradient is at most a thousand, which float16 can hold.
    """
    square = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(square, 1e-6))

"""Which places of a feature map matter."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class SpatialAttention(keras.layers.Layer):
    """Weigh the places of a feature map by what is there in all channels.

    The mean and the maximum over the channels go through one convolution and a
    sigmoid. (The paper says "along the width", but gives the shape of the maps
    as width by height: over the channels is meant.) No bias and no
    normalization, as in equation 3.

    Args:
        kernel_size: side of the convolution's kernel.

    Input shape:
        `(batch, height, width, channels)`; sides may be unknown.
    Output shape:
        `(batch, height, width, 1)`, in (0, 1): multiply the map by it.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 6, 6, 16), "float32")
    >>> layers.SpatialAttention()(maps).shape
    TensorShape([2, 6, 6, 1])

    Reference:
        - DAF-CNN, equation 3.
        - [Woo et al., 2018](https://arxiv.org/abs/1807.06521) (CBAM)
    """

    def __init__(self, kernel_size: int = 7, **kwargs):
        super().__init__(**kwargs)
        self.kernel_size = kernel_size

    def build(self, input_shape):
        self.convolution = keras.layers.Conv2D(
            1,
            self.kernel_size,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            dtype=self.dtype_policy,
            name="convolution",
        )
        self.convolution.build((*input_shape[:-1], 2))

    def call(self, inputs):
        pooled = [f(inputs, axis=3, keepdims=True) for f in (ops.mean, ops.max)]
        return ops.sigmoid(self.convolution(ops.concatenate(pooled, axis=3)))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)

    def get_config(self):
        return {**super().get_config(), "kernel_size": self.kernel_size}

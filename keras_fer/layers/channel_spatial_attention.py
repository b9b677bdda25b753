"""What matters in a feature map: which channels, then which places."""

import keras

from keras_fer.layers.channel_attention import ChannelAttention
from keras_fer.layers.spatial_attention import SpatialAttention


@keras.saving.register_keras_serializable(package="keras_fer")
class ChannelSpatialAttention(keras.layers.Layer):
    """Refine a feature map by its channels and then by its places.

    `layer.weights_of(maps)` gives the two attentions themselves.

    Args:
        reduction: see `ChannelAttention`.
        kernel_size: see `SpatialAttention`.

    Input shape:
        `(batch, height, width, channels)`; sides may be unknown.
    Output shape:
        The same.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 6, 6, 16), "float32")
    >>> attention = layers.ChannelSpatialAttention()
    >>> attention(maps).shape
    TensorShape([2, 6, 6, 16])
    >>> [weights.shape[1:] for weights in attention.weights_of(maps)]
    [TensorShape([1, 1, 16]), TensorShape([6, 6, 1])]

    Reference:
        - DAF-CNN, equations 4 and 5.
    """

    def __init__(self, reduction: int = 8, kernel_size: int = 7, **kwargs):
        super().__init__(**kwargs)
        self.reduction = reduction
        self.kernel_size = kernel_size
        self.channels = ChannelAttention(
            reduction, dtype=self.dtype_policy, name="channels"
        )
        self.places = SpatialAttention(
            kernel_size, dtype=self.dtype_policy, name="places"
        )

    def build(self, input_shape):
        self.channels.build(input_shape)
        self.places.build(input_shape)

    def call(self, inputs):
        refined = inputs * self.channels(inputs)
        return refined * self.places(refined)

    def weights_of(self, inputs) -> tuple:
        """The attention of channels and of places, in (0, 1)."""
        channels = self.channels(inputs)
        return channels, self.places(inputs * channels)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "reduction": self.reduction,
            "kernel_size": self.kernel_size,
        }

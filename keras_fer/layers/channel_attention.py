"""Which channels of a feature map matter."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ChannelAttention(keras.layers.Layer):
    """Weigh the channels of a feature map by their mean and their maximum.

    Both vectors go through the same two dense layers (the first with ReLU, a
    bottleneck); their sum goes through a sigmoid. The paper calls the network
    itself a sigmoid, which is a slip: the code it builds on has none inside.

    Args:
        reduction: channels over units of the bottleneck, which has at least
            one.

    Input shape:
        `(batch, height, width, channels)`; sides may be unknown.
    Output shape:
        `(batch, 1, 1, channels)`, in (0, 1): multiply the map by it.

    Raises:
        ValueError: `reduction` is below 1.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 6, 6, 16), "float32")
    >>> layers.ChannelAttention()(maps).shape
    TensorShape([2, 1, 1, 16])

    Reference:
        - DAF-CNN, equations 1 and 2.
        - [Woo et al., 2018](https://arxiv.org/abs/1807.06521) (CBAM)
    """

    def __init__(self, reduction: int = 8, **kwargs):
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(
                f"`reduction` must be at least 1. Received: {reduction}"
            )
        self.reduction = reduction

    def build(self, input_shape):
        channels = input_shape[-1]
        self.squeeze = keras.layers.Dense(
            max(1, channels // self.reduction),
            activation="relu",
            kernel_initializer="he_normal",
            dtype=self.dtype_policy,
            name="squeeze",
        )
        self.excite = keras.layers.Dense(
            channels,
            kernel_initializer="he_normal",
            dtype=self.dtype_policy,
            name="excite",
        )
        self.squeeze.build((None, channels))
        self.excite.build((None, self.squeeze.units))

    def call(self, inputs):
        pooled = (f(inputs, axis=(1, 2)) for f in (ops.mean, ops.max))
        scores = sum(self.excite(self.squeeze(vector)) for vector in pooled)
        return ops.sigmoid(scores)[:, None, None]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1, 1, input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}

"""Which rows and columns of a map matter, for each channel."""

import keras
from keras import ops

from keras_fer.layers.fused_batch_normalization import FusedBatchNormalization


@keras.saving.register_keras_serializable(package="keras_fer")
class CoordinateAttention(keras.layers.Layer):
    """Weigh each channel of a map by its row and by its column.

    Means over columns and over rows go through one 1×1 convolution with batch
    normalization and hard swish, and then each through one of its own with a
    sigmoid; their product weighs the map.

    Args:
        reduction: channels over those in between, of which there are at least
            8.

    Input shape:
        `(batch, height, width, channels)`.
    Output shape:
        As the input: the map is multiplied.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 7, 5, 64), "float32")
    >>> layers.CoordinateAttention()(maps).shape
    TensorShape([2, 7, 5, 64])

    Reference:
        - [Hou et al., 2021](https://arxiv.org/abs/2103.02907)
    """

    def __init__(self, reduction: int = 32, **kwargs):
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(
                f"`reduction` must be at least 1. Received: {reduction}"
            )
        self.reduction = reduction

    def build(self, input_shape):
        channels = input_shape[-1]
        between = max(8, channels // self.reduction)
        self.squeeze = pointwise(between, channels, self, "squeeze")
        self.normalization = FusedBatchNormalization(
            momentum=0.9,
            epsilon=1e-5,
            dtype=self.dtype_policy,
            name="normalization",
        )
        self.normalization.build((None, None, 1, between))
        self.excite_rows = pointwise(channels, between, self, "excite_rows")
        self.excite_columns = pointwise(
            channels, between, self, "excite_columns"
        )

    def call(self, inputs, training=None):
        rows = ops.mean(inputs, axis=2, keepdims=True)
        columns = ops.mean(inputs, axis=1, keepdims=True)
        weights = direction_weights(self, rows, columns, training)
        return inputs * weights

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}


def pointwise(after, before, layer, name):
    """A 1×1 convolution with bias, drawn as PyTorch draws it."""
    limit = before**-0.5
    # Two, since one would give the bias the numbers of the kernel.
    kernel, bias = (
        keras.initializers.RandomUniform(-limit, limit) for _ in range(2)
    )
    convolution = keras.layers.Conv2D(
        after,
        1,
        kernel_initializer=kernel,
        bias_initializer=bias,
        dtype=layer.dtype_policy,
        name=name,
    )
    convolution.build((None, None, None, before))
    return convolution


def direction_weights(layer, rows, columns, training):
    """From rows `(B, H, 1, C)` and columns `(B, 1, W, C)` to `(B, H, W, C)`."""
    height = ops.shape(rows)[1]
    both = ops.concatenate([rows, ops.transpose(columns, (0, 2, 1, 3))], axis=1)
    both = layer.normalization(layer.squeeze(both), training=training)
    both = ops.hard_swish(both)
    columns = ops.transpose(both[:, height:], (0, 2, 1, 3))
    return ops.sigmoid(layer.excite_rows(both[:, :height])) * ops.sigmoid(
        layer.excite_columns(columns)
    )

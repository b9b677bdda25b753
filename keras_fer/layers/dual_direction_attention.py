"""One of the heads by which DDAMFN looks along rows and columns."""

import keras

from keras_fer.layers.coordinate_attention import direction_weights
from keras_fer.layers.coordinate_attention import pointwise
from keras_fer.layers.fused_batch_normalization import FusedBatchNormalization


@keras.saving.register_keras_serializable(package="keras_fer")
class DualDirectionAttention(keras.layers.Layer):
    """What each place of a map counts, by kernels that span rows and columns.

    As `CoordinateAttention`, but what that takes as means are here depthwise
    convolutions over whole rows and whole columns, with batch normalization.

    Args:
        reduction: channels over those in between, of which there are at least
            8.

    Input shape:
        `(batch, height, width, channels)`; the sides must be known.
    Output shape:
        As the input, in (0, 1): multiply the map by it.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 7, 5, 64), "float32")
    >>> layers.DualDirectionAttention()(maps).shape
    TensorShape([2, 7, 5, 64])

    Reference:
        - [Zhang et al., 2023](https://doi.org/10.3390/electronics12173595)
          (DDAMFN), `networks/DDAM.py` of the published code, which multiplies
          the map outside of the heads.
    """

    def __init__(self, reduction: int = 32, **kwargs):
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(
                f"`reduction` must be at least 1. Received: {reduction}"
            )
        self.reduction = reduction

    def build(self, input_shape):
        _, height, width, channels = input_shape
        if not (height and width):
            raise ValueError(
                "the sides of the map must be known. Received: "
                f"{tuple(input_shape)}"
            )
        between = max(8, channels // self.reduction)
        for name, kernel in (("rows", (1, width)), ("columns", (height, 1))):
            limit = (kernel[0] * kernel[1]) ** -0.5
            convolution = keras.layers.DepthwiseConv2D(
                kernel,
                use_bias=False,
                depthwise_initializer=keras.initializers.RandomUniform(
                    -limit, limit
                ),
                dtype=self.dtype_policy,
                name=name,
            )
            convolution.build(input_shape)
            setattr(self, name, convolution)
            normalization = self._normalization(f"{name}_normalization")
            normalization.build((None, None, None, channels))
            setattr(self, f"{name}_normalization", normalization)
        self.squeeze = pointwise(between, channels, self, "squeeze")
        self.normalization = self._normalization("normalization")
        self.normalization.build((None, None, 1, between))
        self.excite_rows = pointwise(channels, between, self, "excite_rows")
        self.excite_columns = pointwise(
            channels, between, self, "excite_columns"
        )

    def _normalization(self, name):
        return FusedBatchNormalization(
            momentum=0.9, epsilon=1e-5, dtype=self.dtype_policy, name=name
        )

    def call(self, inputs, training=None):
        rows = self.rows_normalization(self.rows(inputs), training=training)
        columns = self.columns_normalization(
            self.columns(inputs), training=training
        )
        return direction_weights(self, rows, columns, training)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}

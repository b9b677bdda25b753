"""One of the heads by which DAN looks at several places of a face."""

import keras
from keras import ops

from keras_fer.layers.fused_batch_normalization import FusedBatchNormalization

_REDUCTION = 16  # channels over units of the bottleneck


@keras.saving.register_keras_serializable(package="keras_fer")
class CrossAttentionHead(keras.layers.Layer):
    """Weigh the places and then the channels of a map, and take the mean.

    Places: a 1×1 convolution to half the channels, from there convolutions of
    3×3, 1×3 and 3×1 back to all, each with batch normalization; the ReLU of
    their sum, summed over the channels, is what a place counts. Channels: the
    mean over the places through two dense layers and a sigmoid. The sum over
    the channels has no upper end, as published, so what comes after it is
    computed in float32.

    Input shape:
        `(batch, height, width, channels)`; sides may be unknown.
    Output shape:
        `(batch, channels)`, float32.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 7, 7, 64), "float32")
    >>> layers.CrossAttentionHead()(maps).shape
    TensorShape([2, 64])

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270), section 3.2, and
          `networks/dan.py` of the published code. There a channel's mean over
          places is computed twice, to the same end.
    """

    def build(self, input_shape):
        channels = input_shape[-1]
        half = channels // 2
        shapes = {
            "reduce": ((1, 1), channels, half),
            "square": ((3, 3), half, channels),
            "row": ((1, 3), half, channels),
            "column": ((3, 1), half, channels),
        }
        self.convolutions, self.normalizations = {}, {}
        for name, (kernel, before, after) in shapes.items():
            convolution = keras.layers.Conv2D(
                after,
                kernel,
                padding="same",
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, "fan_out", "untruncated_normal"
                ),
                dtype=self.dtype_policy,
                name=name,
            )
            convolution.build((*input_shape[:-1], before))
            normalization = self._normalization(f"{name}_normalization")
            normalization.build((*input_shape[:-1], after))
            self.convolutions[name] = convolution
            self.normalizations[name] = normalization
        units = max(1, channels // _REDUCTION)
        self.squeeze = self._dense(units, "squeeze", channels)
        self.squeeze_normalization = self._normalization(
            "squeeze_normalization", dtype="float32"
        )
        self.squeeze_normalization.build((None, units))
        self.excite = self._dense(channels, "excite", units)

    def _normalization(self, name, dtype=None):
        return FusedBatchNormalization(
            momentum=0.9,
            epsilon=1e-5,
            dtype=dtype or self.dtype_policy,
            name=name,
        )

    def _dense(self, units, name, before):
        dense = keras.layers.Dense(
            units,
            # A new one each time: it would give the same numbers again.
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
            dtype="float32",
            name=name,
        )
        dense.build((None, before))
        return dense

    def call(self, inputs, training=None):
        def apply(name, x):
            x = self.convolutions[name](x)
            return self.normalizations[name](x, training=training)

        reduced = apply("reduce", inputs)
        places = ops.relu(
            apply("square", reduced)
            + apply("row", reduced)
            + apply("column", reduced)
        )
        weights = ops.sum(ops.cast(places, "float32"), axis=3, keepdims=True)
        attended = ops.cast(inputs, "float32") * weights
        pooled = ops.mean(attended, axis=(1, 2))
        x = self.squeeze_normalization(self.squeeze(pooled), training=training)
        return pooled * ops.sigmoid(self.excite(ops.relu(x)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def compute_output_spec(self, inputs, training=None):
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape), "float32"
        )

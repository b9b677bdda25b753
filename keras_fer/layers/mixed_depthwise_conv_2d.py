"""Depthwise convolutions of several sizes, each over its share of channels."""

import itertools

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class MixedDepthwiseConv2D(keras.layers.Layer):
    """Convolve groups of channels with kernels of different sizes.

    Edges are padded by half a kernel on either side, also with strides, as
    PyTorch does. No bias, no normalization and no activation.

    Args:
        splits: channels of each kernel size, e.g. `{3: 64, 5: 32}`.
        strides: step along height and width.

    Input shape:
        `(batch, height, width, channels)`, channels as many as in `splits`.
    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), channels)`.

    Raises:
        ValueError: a size is even, or the channels are not those of `splits`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.ones((2, 9, 9, 96), "float32")
    >>> layers.MixedDepthwiseConv2D({3: 64, 5: 32}, strides=2)(maps).shape
    TensorShape([2, 5, 5, 96])

    Reference:
        - [Tan and Le, 2019](https://arxiv.org/abs/1907.09595) (MixConv)
        - [Zhang et al., 2023](https://doi.org/10.3390/electronics12173595)
          (DDAMFN), `networks/MixedFeatureNet.py` of the published code, where
          batch normalization and PReLU are built and never called.
    """

    def __init__(self, splits: dict[int, int], strides: int = 1, **kwargs):
        super().__init__(**kwargs)
        # Keys are text once they were written as JSON.
        self.splits = {int(size): count for size, count in splits.items()}
        self.strides = strides
        if any(size % 2 == 0 for size in self.splits):
            raise ValueError(
                f"sizes in `splits` must be odd. Received: {self.splits}"
            )

    def build(self, input_shape):
        if input_shape[-1] != sum(self.splits.values()):
            raise ValueError(
                f"`splits` is for {sum(self.splits.values())} channels. "
                f"Received: {input_shape[-1]}"
            )
        # On CPUs their gradient takes several times as long in bfloat16.
        bfloat16 = self.compute_dtype == "bfloat16"
        dtype = "float32" if bfloat16 else self.dtype_policy
        self.convolutions = []
        for size, count in self.splits.items():
            convolution = keras.layers.DepthwiseConv2D(
                size,
                strides=self.strides,
                padding="same" if self.strides == 1 else "valid",
                use_bias=False,
                # PyTorch's default; it counts one channel as the fan.
                depthwise_initializer=keras.initializers.RandomUniform(
                    -1 / size, 1 / size
                ),
                dtype=dtype,
                name=f"kernel_{size}",
            )
            convolution.build((None, None, None, count))
            self.convolutions.append(convolution)

    def call(self, inputs):
        *ends, _ = itertools.accumulate(self.splits.values())
        # Slices would be padded and added in the gradient, a fifth of a step.
        parts = ops.split(inputs, ends, axis=3) if ends else [inputs]
        outputs = []
        for size, convolution, part in zip(
            self.splits, self.convolutions, parts, strict=True
        ):
            if self.strides > 1:
                pad = (size // 2, size // 2)
                part = ops.pad(part, ((0, 0), pad, pad, (0, 0)))
            outputs.append(convolution(part))
        return ops.cast(ops.concatenate(outputs, axis=3), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        sides = (s and -(-s // self.strides) for s in input_shape[1:3])
        return (input_shape[0], *sides, input_shape[3])

    def get_config(self):
        return {
            **super().get_config(),
            "splits": {str(size): n for size, n in self.splits.items()},
            "strides": self.strides,
        }

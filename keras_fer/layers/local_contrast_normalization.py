"""Subtraction of the local mean and division by the local deviation."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class LocalContrastNormalization(keras.layers.Layer):
    """Remove the local mean of an image and, if asked, its local deviation.

        d = x - box(x)
        y = d / max(sqrt(box(d ** 2)), epsilon)      (`divide_std=True`)

    `box` is the mean over a square window around a pixel. Beyond the border
    the image counts as zero while the divisor stays the whole window, as in
    the published code; every channel is normalized on its own.

    Args:
        size: side of the window in pixels, odd.
        divide_std: divide by the local standard deviation. The paper says so;
            its published code divides by 1 instead, since the exponent `1/2`
            is the integer 0 in Python 2.
        epsilon: smallest deviation that is divided by, in units of the input.
            Flat patches are thereby not blown up into noise.

    Input shape:
        `(batch, height, width, channels)`, any range.
    Output shape:
        The same.

    Raises:
        ValueError: `size` is not odd and positive, or `epsilon` is not
            positive.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> flat = np.full((1, 9, 9, 1), 100.0)
    >>> float(layers.LocalContrastNormalization()(flat)[0, 4, 4, 0])
    0.0

    Reference:
        - [Khorrami et al., 2015, section 4](https://arxiv.org/abs/1510.02969):
          "patch-wise mean subtraction and scaling to unit variance". The
          window of 5 pixels and the zero border are those of its code.
    """

    def __init__(
        self,
        size: int = 5,
        divide_std: bool = True,
        epsilon: float = 1e-2,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if size < 1 or size % 2 == 0:
            raise ValueError(
                f"`size` must be odd and positive. Received: size={size}"
            )
        if epsilon <= 0:
            raise ValueError(
                f"`epsilon` must be positive. Received: epsilon={epsilon}"
            )
        self.size = size
        self.divide_std = divide_std
        self.epsilon = epsilon

    def call(self, inputs):
        deviations = inputs - self._box_mean(inputs)
        if not self.divide_std:
            return deviations
        variance = self._box_mean(ops.square(deviations))
        return deviations / ops.sqrt(ops.maximum(variance, self.epsilon**2))

    def _box_mean(self, images):
        edge = self.size // 2
        padded = ops.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
        return ops.average_pool(padded, self.size, strides=1, padding="valid")

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "divide_std": self.divide_std,
            "epsilon": self.epsilon,
        }

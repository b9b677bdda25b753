"""Max pooling over the four quadrants of a feature map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class QuadrantPooling2D(keras.layers.Layer):
    """Keep the largest response in each quadrant of every feature map.

    Whatever the size of the map, four numbers a channel remain: the strongest
    response top left, top right, bottom left and bottom right. Where a side is
    odd, its middle row or column belongs to both neighbors, so that mirrored
    images give mirrored quadrants.

    Input shape:
        `(batch, height, width, channels)`, both sides known and at least 2.
    Output shape:
        `(batch, 2, 2, channels)`.

    Raises:
        ValueError: a side is unknown or below 2.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> layers.QuadrantPooling2D()(maps).numpy().ravel().tolist()
    [5.0, 7.0, 13.0, 15.0]

    Reference:
        - [Khorrami et al., 2015, section 3.1](https://arxiv.org/abs/1510.02969)
        - [Coates et al., 2011](https://proceedings.mlr.press/v15/coates11a.html),
          who sum where the zero-bias CNN takes the maximum.
    """

    def build(self, input_shape):
        height, width = input_shape[1:3]
        for side, length in (("height", height), ("width", width)):
            if length is None or length < 2:
                raise ValueError(
                    "`QuadrantPooling2D` needs a known height and width of at "
                    f"least 2. Received: {side}={length} in input_shape="
                    f"{tuple(input_shape)}"
                )
        # An odd side of 2n + 1 is covered by two windows of n + 1 that start
        # n apart.
        self._pool_size = (-(-height // 2), -(-width // 2))
        self._strides = (height // 2, width // 2)

    def call(self, inputs):
        return ops.max_pool(inputs, self._pool_size, self._strides, "valid")

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2, 2, input_shape[3])

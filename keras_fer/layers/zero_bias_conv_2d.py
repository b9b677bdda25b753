"""Convolution without biases."""

import keras


@keras.saving.register_keras_serializable(package="keras_fer")
class ZeroBiasConv2D(keras.layers.Conv2D):
    """Convolve without biases, then rectify.

    A bias in front of a ReLU mostly sets how sparse the responses are; without
    it a unit answers to the pattern alone, so its strongest inputs can be read
    as what it looks for. The network trains faster and has fewer parameters.

    Args:
        filters: number of output channels.
        kernel_size: one side, or (height, width), in pixels.
        padding: `"same"` keeps the size of the map, as the paper's network.
        activation: what follows the convolution.
        kwargs: further arguments of `keras.layers.Conv2D`, biases excepted.

    Input shape:
        `(batch, height, width, channels)`.
    Output shape:
        `(batch, new_height, new_width, filters)`.

    Raises:
        ValueError: an argument about biases is given.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> layer = layers.ZeroBiasConv2D(64, 5)
    >>> layer(np.zeros((1, 48, 48, 1))).shape
    TensorShape([1, 48, 48, 64])
    >>> layer.count_params()
    1600

    Reference:
        - [Khorrami et al., 2015, section 3.1](https://arxiv.org/abs/1510.02969)
        - [Memisevic et al., 2015](https://arxiv.org/abs/1402.3337)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        padding: str = "same",
        activation="relu",
        **kwargs,
    ):
        biases = sorted(name for name in kwargs if "bias" in name)
        if biases:
            raise ValueError(
                "`ZeroBiasConv2D` has no biases, so no argument may speak of "
                f"them. Received: {', '.join(biases)}"
            )
        super().__init__(
            filters,
            kernel_size,
            padding=padding,
            activation=activation,
            use_bias=False,
            **kwargs,
        )

    def get_config(self):
        config = super().get_config()
        return {k: v for k, v in config.items() if "bias" not in k}

"""The augmentation with which the zero-bias CNN was trained."""

import math

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ZeroBiasAugmentation(keras.layers.Layer):
    """Rotate, zoom, shift, mirror and change the gamma of each image.

    All four movements are one affine warp (bilinear, black outside), so an
    image is resampled once. The gray values x in [0, 1] become x ** gamma and
    are then stretched to the full range.

    The published code computes `x ** gamma * b + c` with random b and c, then
    stretches between the smallest and the largest value. The stretch cancels b
    and c exactly, so they are left out here: only gamma acts. Validation
    images are not stretched, there as here.

    Args:
        rotation_degrees: largest angle, either way.
        scale: range of the side of the sampled window as a share of the
            image: below 1 zooms in, above 1 zooms out. The window is shifted
            by up to the slack that this leaves.
        flip: mirror every other image, left and right.
        gamma: range of the exponent.
        seed: integer seed, for calls without a seed of their own.

    Call arguments:
        images: `(batch, height, width, channels)`, in `[0, 255]`.
        training: `False` returns the images as they came.
        seed: two integers. The same seed gives the same pixels, whatever else
            runs, so that a `tf.data` map may be parallel and a run resumed.

    Input shape:
        `(batch, height, width, channels)`.
    Output shape:
        The same, float32.

    Raises:
        ValueError: a range is empty or not positive.

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> augment = augmentation.ZeroBiasAugmentation()
    >>> faces = np.random.default_rng(0).uniform(0, 255, (2, 48, 48, 1))
    >>> one, two = (augment(faces, seed=(7, 1)) for _ in range(2))
    >>> bool(np.all(one == two))
    True

    Reference:
        - [Khorrami et al., 2015, section 3.2](https://arxiv.org/abs/1510.02969);
          the ranges are those of its published code.
    """

    def __init__(
        self,
        rotation_degrees: float = 5.0,
        scale: tuple[float, float] = (0.7, 1.4),
        flip: bool = True,
        gamma: tuple[float, float] = (0.25, 4.0),
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, (low, high) in (("scale", scale), ("gamma", gamma)):
            if not 0 < low <= high:
                raise ValueError(
                    f"`{name}` must be a range (low, high) with 0 < low <= "
                    f"high. Received: {name}={(low, high)}"
                )
        self.rotation_degrees = rotation_degrees
        self.scale = tuple(scale)
        self.flip = flip
        self.gamma = tuple(gamma)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training=True, seed=None):
        images = ops.cast(images, "float32")
        if not training:
            return images
        if seed is None:
            seed = self.seed_generator.next()
        batch = tf.shape(images)[0]
        # One row a random number, drawn at once: uniform in [0, 1)
        draws = tf.random.stateless_uniform((6, batch), tf.cast(seed, "int32"))
        transforms = self._transforms(draws[:5], *images.shape[1:3])
        images = ops.image.affine_transform(images, transforms)
        return self._change_gamma(images, draws[5])

    def _transforms(self, draws, height, width):
        """Rows (a0, a1, a2, b0, b1, b2, 0, 0): output pixel to input pixel."""
        angle = math.radians(self.rotation_degrees) * (2 * draws[0] - 1)
        low, high = self.scale
        scale = low + (high - low) * draws[1]
        shift_x = width * (1 - scale) * (draws[2] - 0.5)
        shift_y = height * (1 - scale) * (draws[3] - 0.5)
        mirror = ops.where(draws[4] < 0.5, -1.0, 1.0) if self.flip else 1.0
        cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
        a0, a1, b0, b1 = cos * mirror, -sin, sin * mirror, cos
        center_x, center_y = (width - 1) / 2, (height - 1) / 2
        a2 = center_x + shift_x - a0 * center_x - a1 * center_y
        b2 = center_y + shift_y - b0 * center_x - b1 * center_y
        zeros = ops.zeros_like(a0)
        return ops.stack([a0, a1, a2, b0, b1, b2, zeros, zeros], axis=-1)

    def _change_gamma(self, images, draws):
        low, high = self.gamma
        gamma = (low + (high - low) * draws)[:, None, None, None]
        images = ops.power(ops.clip(images / 255, 0, 1), gamma)
        darkest = ops.min(images, axis=(1, 2, 3), keepdims=True)
        contrast = ops.max(images, axis=(1, 2, 3), keepdims=True) - darkest
        # A blank image has no contrast to stretch: it turns black.
        return 255 * (images - darkest) / ops.maximum(contrast, 1e-6)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "rotation_degrees": self.rotation_degrees,
            "scale": self.scale,
            "flip": self.flip,
            "gamma": self.gamma,
            "seed": self.seed,
        }

"""The augmentation with which the zero-bias CNN was trained."""

import keras
from keras import ops

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.augmentation import between
from keras_fer.augmentation.augmentation import check_range
from keras_fer.augmentation.augmentation import turn
from keras_fer.augmentation.augmentation import uniform
from keras_fer.augmentation.augmentation import warp


@keras.saving.register_keras_serializable(package="keras_fer")
class ZeroBiasAugmentation(Augmentation):
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

    Call arguments, input and output shape: those of `Augmentation`.

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
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("scale", scale)
        check_range("gamma", gamma)
        self.rotation_degrees = rotation_degrees
        self.scale = tuple(scale)
        self.flip = flip
        self.gamma = tuple(gamma)

    def augment(self, images, seed):
        draws = uniform(images, 6, seed)
        height, width = images.shape[1:3]
        scale = between(draws[1], *self.scale)
        images = warp(
            images,
            angle=turn(draws[0], self.rotation_degrees),
            scale=scale,
            shift=(
                width * (1 - scale) * (draws[2] - 0.5),
                height * (1 - scale) * (draws[3] - 0.5),
            ),
            mirror=draws[4] < 0.5 if self.flip else None,
        )
        return self._change_gamma(images, draws[5])

    def _change_gamma(self, images, draws):
        gamma = between(draws, *self.gamma)[:, None, None, None]
        images = ops.power(ops.clip(images / 255, 0, 1), gamma)
        darkest = ops.min(images, axis=(1, 2, 3), keepdims=True)
        contrast = ops.max(images, axis=(1, 2, 3), keepdims=True) - darkest
        # A blank image has no contrast to stretch: it turns black.
        return 255 * (images - darkest) / ops.maximum(contrast, 1e-6)

    def get_config(self):
        return {
            **super().get_config(),
            "rotation_degrees": self.rotation_degrees,
            "scale": self.scale,
            "flip": self.flip,
            "gamma": self.gamma,
        }

"""The augmentation with which DAN and DDAMFN are trained."""

import math

import keras
import tensorflow as tf

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.augmentation import between
from keras_fer.augmentation.augmentation import check_range
from keras_fer.augmentation.augmentation import check_share
from keras_fer.augmentation.augmentation import cover
from keras_fer.augmentation.augmentation import jitter
from keras_fer.augmentation.augmentation import uniform

_MEAN = (123.675, 116.28, 103.53)  # of ImageNet, which both networks subtract
_LUMA = (0.299, 0.587, 0.114)
_RATIO = (0.3, 3.3)  # of the sides of the erased rectangle


@keras.saving.register_keras_serializable(package="keras_fer")
class DANAugmentation(Augmentation):
    """Mirror, now and then move, and erase a rectangle of each image.

    Both networks' code mirrors half of the images, moves a few (turned, and
    either cropped from a padded copy or shifted and scaled), and erases a
    rectangle of half of them. The defaults are DAN's on RAF-DB; the others:

    | | rotation_degrees | shift | scale | move_rate | erased_area |
    |---|---|---|---|---|---|
    | DAN, RAF-DB | 20 | 32 / 224 | 1, 1 | .2 | .02, .25 |
    | DDAMFN, RAF-DB | 5 | 8 / 112 | 1, 1 | .2 | .02, .25 |
    | DDAMFN, FER+ | 10 | 16 / 112 | 1, 1 | .2 | .02, .25 |
    | both, AffectNet | 20 | .2 | .8, 1 | .7 | .02, .33 |

    Differences to the code: turn, shift and scale are one bilinear step; an
    erased rectangle that would be larger than the image is cut to its side
    instead of drawn again.

    Args:
        rotation_degrees: largest angle, either way.
        shift: largest shift either way, as a share of the side. Cropping from
            a copy padded by p pixels is a shift by up to p.
        scale: range of the size of the face.
        move_rate: share of the images that are turned, shifted and scaled.
        flip: mirror every other image.
        erased_area: range of the erased rectangle's area as a share.
        erasing_rate: share of the images that lose a rectangle. It is filled
            with the mean of ImageNet, zero after both networks' normalization.
        seed: integer seed, for calls without a seed of their own.

    Call arguments, input and output shape: those of `Augmentation`; 1 or 3
    channels.

    Raises:
        ValueError: a range is empty, or a share is not in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> augment = augmentation.DANAugmentation(rotation_degrees=5.0)
    >>> augment(np.full((2, 112, 112, 3), 200.0), seed=(7, 1)).shape
    TensorShape([2, 112, 112, 3])

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270) (DAN), the code.
        - [Zhang et al., 2023](https://doi.org/10.3390/electronics12173595)
          (DDAMFN), the code.
        - [Zhong et al., 2020](https://arxiv.org/abs/1708.04896) (erasing)
    """

    def __init__(
        self,
        rotation_degrees: float = 20.0,
        shift: float = 32 / 224,
        scale: tuple[float, float] = (1.0, 1.0),
        move_rate: float = 0.2,
        flip: bool = True,
        erased_area: tuple[float, float] = (0.02, 0.25),
        erasing_rate: float = 0.5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("scale", scale)
        check_range("erased_area", erased_area)
        for name, value in (
            ("shift", shift),
            ("move_rate", move_rate),
            ("erasing_rate", erasing_rate),
        ):
            check_share(name, value)
        self.rotation_degrees = rotation_degrees
        self.shift = shift
        self.scale = tuple(scale)
        self.move_rate = move_rate
        self.flip = flip
        self.erased_area = tuple(erased_area)
        self.erasing_rate = erasing_rate

    def augment(self, images, seed):
        draws = uniform(images, 11, seed)
        images = jitter(
            images,
            draws[:5],
            rotation_degrees=self.rotation_degrees,
            shift=self.shift,
            scale=self.scale,
            flip=self.flip,
            chosen=draws[5] < self.move_rate,
        )
        return self._erase(images, draws[6:])

    def _erase(self, images, draws):
        height, width, channels = images.shape[1:]
        area = between(draws[0], *self.erased_area) * height * width
        ratio = tf.exp(between(draws[1], *map(math.log, _RATIO)))
        rows = tf.minimum(tf.round(tf.sqrt(area * ratio)), float(height))
        columns = tf.minimum(tf.round(tf.sqrt(area / ratio)), float(width))
        columns = tf.where(draws[2] < self.erasing_rate, columns, 0.0)
        top = tf.floor(draws[3] * (height - rows + 1))
        left = tf.floor(draws[4] * (width - columns + 1))
        gray = sum(m * share for m, share in zip(_MEAN, _LUMA, strict=True))
        fill = _MEAN if channels == 3 else gray
        return cover(images, left, top, left + columns, top + rows, fill)

    def get_config(self):
        return {
            **super().get_config(),
            "rotation_degrees": self.rotation_degrees,
            "shift": self.shift,
            "scale": self.scale,
            "move_rate": self.move_rate,
            "flip": self.flip,
            "erased_area": self.erased_area,
            "erasing_rate": self.erasing_rate,
        }

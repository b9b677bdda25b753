"""The augmentation with which CAKE's features were trained."""

import keras

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.augmentation import check_range
from keras_fer.augmentation.augmentation import check_share
from keras_fer.augmentation.augmentation import cover
from keras_fer.augmentation.augmentation import jitter
from keras_fer.augmentation.augmentation import uniform


@keras.saving.register_keras_serializable(package="keras_fer")
class CAKEAugmentation(Augmentation):
    """Move each face as an unsure detector would, and cover a square of it.

    The paper names jitter, rotation and one cutout of 45×45 pixels in 224×224;
    it gives neither ranges nor the fill. Here jitter is a shift and a change of
    size, both small, and the square is gray. Its middle falls anywhere in the
    image, so that it may reach beyond the border.

    Args:
        rotation_degrees: largest angle, either way.
        shift: largest shift either way, as a share of the side.
        scale: range of the size of the face.
        flip: mirror every other image; the paper does not mention it.
        cutout: side of the square as a share of the image's.
        cutout_rate: share of the images that lose a square.
        fill: gray level of the square.
        seed: integer seed, for calls without a seed of their own.

    Call arguments, input and output shape: those of `Augmentation`.

    Raises:
        ValueError: a range is empty, or a share is not in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> augment = augmentation.CAKEAugmentation(flip=True)
    >>> augment(np.full((2, 112, 112, 3), 200.0), seed=(7, 1)).shape
    TensorShape([2, 112, 112, 3])

    Reference:
        - [Kervadec et al., 2018, section 2.2](
          https://arxiv.org/abs/1807.11215)
        - [DeVries and Taylor, 2017](https://arxiv.org/abs/1708.04552) (cutout)
    """

    def __init__(
        self,
        rotation_degrees: float = 10.0,
        shift: float = 0.05,
        scale: tuple[float, float] = (0.9, 1.1),
        flip: bool = False,
        cutout: float = 45 / 224,
        cutout_rate: float = 1.0,
        fill: float = 127.5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("scale", scale)
        for name, value in (
            ("shift", shift),
            ("cutout", cutout),
            ("cutout_rate", cutout_rate),
        ):
            check_share(name, value)
        self.rotation_degrees = rotation_degrees
        self.shift = shift
        self.scale = tuple(scale)
        self.flip = flip
        self.cutout = cutout
        self.cutout_rate = cutout_rate
        self.fill = fill

    def augment(self, images, seed):
        draws = uniform(images, 8, seed)
        images = jitter(
            images,
            draws[:5],
            rotation_degrees=self.rotation_degrees,
            shift=self.shift,
            scale=self.scale,
            flip=self.flip,
        )
        height, width = images.shape[1:3]
        chosen = keras.ops.cast(draws[5] < self.cutout_rate, "float32")
        half_width = chosen * self.cutout * width / 2
        half_height = chosen * self.cutout * height / 2
        x, y = width * draws[6], height * draws[7]
        return cover(
            images,
            x - half_width,
            y - half_height,
            x + half_width,
            y + half_height,
            self.fill,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "rotation_degrees": self.rotation_degrees,
            "shift": self.shift,
            "scale": self.scale,
            "flip": self.flip,
            "cutout": self.cutout,
            "cutout_rate": self.cutout_rate,
            "fill": self.fill,
        }

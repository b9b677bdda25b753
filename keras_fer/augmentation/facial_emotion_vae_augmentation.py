"""The augmentation with which the facial-emotion VAEs were trained."""

import math

import keras
import tensorflow as tf
from keras import ops

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.augmentation import between
from keras_fer.augmentation.augmentation import check_range
from keras_fer.augmentation.augmentation import check_share
from keras_fer.augmentation.augmentation import uniform


@keras.saving.register_keras_serializable(package="keras_fer")
class FacialEmotionVAEAugmentation(Augmentation):
    """Mirror every other image, then do exactly one thing to each.

    One of three, equally often: brightness and contrast change, the corners
    move (a perspective), or the image turns. Values are those of the published
    code; there the copies were made before the corpus was split, so that some
    of them tested. `Corpus.balance` is the other half of the procedure.

    Args:
        contrast: range of the factor on the gray levels.
        brightness: range of the gray levels that are added; whole numbers.
            What passes 255 is cut.
        perspective: how far each corner moves at most along either axis, as a
            share of the side.
        rotation_degrees: range of the angle, whole degrees counterclockwise.
        flip: mirror every other image.
        seed: integer seed, for calls without a seed of their own.

    Call arguments, input and output shape: those of `Augmentation`.

    Raises:
        ValueError: a range is empty, or the share is not in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> augment = augmentation.FacialEmotionVAEAugmentation()
    >>> augment(np.full((2, 128, 128, 1), 90.0), seed=(7, 1)).shape
    TensorShape([2, 128, 128, 1])

    Reference:
        - Barradas-Chacon et al., Facial Emotion Representation and
          Reconstruction with VAEs, section 1.1; ranges of its code.
    """

    def __init__(
        self,
        contrast: tuple[float, float] = (1.0, 2.5),
        brightness: tuple[int, int] = (10, 89),
        perspective: float = 8 / 128,
        rotation_degrees: tuple[int, int] = (-5, 4),
        flip: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("contrast", contrast)
        check_range("brightness", brightness, -256)
        check_range("rotation_degrees", rotation_degrees, -360)
        check_share("perspective", perspective)
        self.contrast = tuple(contrast)
        self.brightness = tuple(brightness)
        self.perspective = perspective
        self.rotation_degrees = tuple(rotation_degrees)
        self.flip = flip

    def augment(self, images, seed):
        draws = uniform(images, 13, seed)
        if self.flip:
            mirrored = draws[0, :, None, None, None] < 0.5
            images = tf.where(mirrored, images[:, :, ::-1], images)
        kind = tf.floor(3 * draws[1])
        brighter = images * self._four(between(draws[2], *self.contrast))
        brighter += self._four(_whole(draws[3], *self.brightness))
        images = tf.where(
            self._four(kind) == 0, tf.clip_by_value(brighter, 0, 255), images
        )
        return self._move(images, kind, draws[4], draws[5:])

    def _four(self, values):
        return values[:, None, None, None]

    def _move(self, images, kind, angle, moves):
        """Bring corners to where a perspective or a turn has them."""
        height, width = images.shape[1:3]
        last = tf.constant([width - 1, height - 1], "float32")
        corners = tf.constant([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
        corners = (corners * last)[None]
        moves = tf.reshape(tf.transpose(moves), (-1, 4, 2))
        sides = tf.constant([width, height], "float32")
        moved = corners + between(moves, -1, 1) * self.perspective * sides
        degrees = _whole(angle, *self.rotation_degrees)
        cos, sin = (f(degrees * math.pi / 180) for f in (tf.cos, tf.sin))
        x, y = tf.unstack(corners - last / 2, axis=2)
        cos, sin = cos[:, None], sin[:, None]
        turned = tf.stack([cos * x + sin * y, cos * y - sin * x], axis=2)
        turned += last / 2
        kind = kind[:, None, None]
        target = tf.where(
            kind == 1, moved, tf.where(kind == 2, turned, corners)
        )
        start = tf.broadcast_to(corners, tf.shape(target))
        return ops.image.perspective_transform(images, start, target)

    def get_config(self):
        return {
            **super().get_config(),
            "contrast": self.contrast,
            "brightness": self.brightness,
            "perspective": self.perspective,
            "rotation_degrees": self.rotation_degrees,
            "flip": self.flip,
        }


def _whole(draws, low, high):
    """Whole numbers from low to high, both included."""
    return tf.floor(between(draws, low, high + 1))

"""An augmentation for DAF-CNN, whose paper leaves it open."""

import keras

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.augmentation import check_range
from keras_fer.augmentation.augmentation import check_share
from keras_fer.augmentation.augmentation import jitter
from keras_fer.augmentation.augmentation import uniform


@keras.saving.register_keras_serializable(package="keras_fer")
class DAFCNNAugmentation(Augmentation):
    """Mirror, turn, shift and scale each image in one step.

    The paper says that "a data augmentation strategy is employed", and nothing
    of which. These are what small networks on FER2013 are commonly trained
    with; black outside, bilinear.

    Args:
        rotation_degrees: largest angle, either way.
        shift: largest shift either way, as a share of the side.
        scale: range of the size of the face.
        flip: mirror every other image.
        seed: integer seed, for calls without a seed of their own.

    Call arguments, input and output shape: those of `Augmentation`.

    Raises:
        ValueError: a range is empty, or a share is not in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> augment = augmentation.DAFCNNAugmentation(rotation_degrees=15.0)
    >>> augment(np.full((2, 96, 96, 1), 200.0), seed=(7, 1)).shape
    TensorShape([2, 96, 96, 1])

    Reference:
        - DAF-CNN, section 4.2 (no ranges given).
    """

    def __init__(
        self,
        rotation_degrees: float = 10.0,
        shift: float = 0.1,
        scale: tuple[float, float] = (0.9, 1.1),
        flip: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("scale", scale)
        check_share("shift", shift)
        self.rotation_degrees = rotation_degrees
        self.shift = shift
        self.scale = tuple(scale)
        self.flip = flip

    def augment(self, images, seed):
        return jitter(
            images,
            uniform(images, 5, seed),
            rotation_degrees=self.rotation_degrees,
            shift=self.shift,
            scale=self.scale,
            flip=self.flip,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "rotation_degrees": self.rotation_degrees,
            "shift": self.shift,
            "scale": self.scale,
            "flip": self.flip,
        }

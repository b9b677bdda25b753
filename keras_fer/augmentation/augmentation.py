"""What all augmentation has in common: seeds, one warp, patches."""

import math

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class Augmentation(keras.layers.Layer):
    """Base of the layers that change training images at random.

    A subclass has `augment(images, seed)`, and draws all its numbers from the
    seed, one for each image.

    Args:
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

    Example:

    >>> import numpy as np
    >>> import tensorflow as tf
    >>> from keras_fer import augmentation
    >>> class Darker(augmentation.Augmentation):
    ...     def augment(self, images, seed):
    ...         shape = (len(images), 1, 1, 1)
    ...         return images * tf.random.stateless_uniform(shape, seed)
    >>> images = np.full((2, 8, 8, 1), 200.0)
    >>> bool(np.ptp(Darker()(images, seed=(0, 1))[:, 0, 0]) > 1)
    True
    """

    def __init__(self, seed: int | None = None, **kwargs):
        # Pixels keep their precision under a mixed policy, too.
        super().__init__(autocast=False, **kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training=True, seed=None):
        images = ops.cast(images, "float32")
        if not training:
            return images
        if seed is None:
            seed = self.seed_generator.next()
        return self.augment(images, tf.cast(seed, "int32"))

    def augment(self, images, seed):
        """Change float32 images; `seed` is a tensor of two integers."""
        raise NotImplementedError(f"{type(self).__name__} has no `augment`")

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


def uniform(images, count: int, seed):
    """Draw `count` rows of numbers in [0, 1), one for each image."""
    return tf.random.stateless_uniform((count, tf.shape(images)[0]), seed)


def between(draws, low: float, high: float):
    """Stretch numbers in [0, 1) to [low, high)."""
    return low + (high - low) * draws


def turn(draws, degrees: float):
    """Stretch numbers in [0, 1) to angles of `degrees` either way."""
    return math.radians(degrees) * (2 * draws - 1)


def warp(images, *, angle=0.0, scale=1.0, shift=(0.0, 0.0), mirror=None):
    """Mirror, turn, scale and shift images in one step.

    Bilinear, black where the image ends. Numbers are one for all images or one
    for each, `(batch,)`.

    Args:
        images: float32 `(batch, height, width, channels)`.
        angle: in radians, by which the window that is shown is turned about
            its middle.
        scale: side of the window as a share of the image: below 1 zooms in.
        shift: of the window to the right and down, in pixels.
        mirror: true where left and right are exchanged.
    """
    height, width = images.shape[1:3]
    batch = tf.shape(images)[0]
    angle, scale, shift_x, shift_y = (
        tf.broadcast_to(tf.cast(value, "float32"), [batch])
        for value in (angle, scale, *shift)
    )
    sign = 1.0 if mirror is None else ops.where(mirror, -1.0, 1.0)
    cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
    # Rows (a0, a1, a2, b0, b1, b2, 0, 0): output pixel to input pixel.
    a0, a1, b0, b1 = cos * sign, -sin, sin * sign, cos
    center_x, center_y = (width - 1) / 2, (height - 1) / 2
    a2 = center_x + shift_x - a0 * center_x - a1 * center_y
    b2 = center_y + shift_y - b0 * center_x - b1 * center_y
    zeros = ops.zeros_like(a0)
    rows = ops.stack([a0, a1, a2, b0, b1, b2, zeros, zeros], axis=-1)
    return ops.image.affine_transform(images, rows)


def jitter(
    images,
    draws,
    *,
    rotation_degrees: float,
    shift: float,
    scale: tuple[float, float],
    flip: bool,
    chosen=True,
):
    """Turn, shift and scale images by five rows of numbers in [0, 1).

    Args:
        images: float32 `(batch, height, width, channels)`.
        draws: `(5, batch)`.
        rotation_degrees: largest angle, either way.
        shift: largest shift either way, as a share of the side.
        scale: range of the size of the face.
        flip: mirror every other image.
        chosen: whether an image is moved, `(batch,)`; mirrored it is anyway.
    """
    height, width = images.shape[1:3]
    angle = tf.where(chosen, turn(draws[0], rotation_degrees), 0.0)
    # The window shrinks as the face grows.
    size = tf.where(chosen, 1 / between(draws[1], *scale), 1.0)
    x, y = (
        tf.where(chosen, side * between(draw, -shift, shift), 0.0)
        for side, draw in ((width, draws[2]), (height, draws[3]))
    )
    cos, sin = size * tf.cos(angle), size * tf.sin(angle)
    return warp(
        images,
        angle=angle,
        scale=size,
        # Of the result, not of the image before it is turned and scaled.
        shift=(cos * x - sin * y, sin * x + cos * y),
        mirror=draws[4] < 0.5 if flip else None,
    )


def cover(images, left, top, right, bottom, fill):
    """Fill a rectangle of each image.

    Args:
        images: float32 `(batch, height, width, channels)`.
        left, top, right, bottom: `(batch,)`, in pixels; a pixel is covered if
            its middle lies inside. Nothing is where `right` is not beyond
            `left`.
        fill: gray level, or one for each channel.
    """
    height, width = images.shape[1:3]
    x = tf.range(width, dtype="float32") + 0.5
    y = tf.range(height, dtype="float32") + 0.5
    columns = (x >= left[:, None]) & (x < right[:, None])
    rows = (y >= top[:, None]) & (y < bottom[:, None])
    inside = (rows[:, :, None] & columns[:, None])[..., None]
    return tf.where(inside, tf.cast(fill, "float32"), images)


def check_range(name: str, pair, low: float = 0.0):
    """Refuse a range that is empty or reaches `low` or below."""
    if len(pair) != 2 or not low < pair[0] <= pair[1]:
        raise ValueError(
            f"`{name}` must be a range (low, high) with {low:g} < low <= high. "
            f"Received: {name}={tuple(pair)}"
        )


def check_share(name: str, value: float):
    """Refuse what is not in [0, 1]."""
    if not 0 <= value <= 1:
        raise ValueError(
            f"`{name}` must be in [0, 1]. Received: {name}={value}"
        )

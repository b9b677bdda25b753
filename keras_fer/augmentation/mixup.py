"""Pairs of images and of their targets, mixed."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_fer")
class Mixup(keras.layers.Layer):
    """Mix each image of a batch with another one, and their targets likewise.

    The share of the first is drawn from Beta(alpha, alpha) for each pair.
    `keras.layers.MixUp` does the same; its draws depend on how often it was
    called, those here on the seed alone, so that a run can be resumed.

    Args:
        alpha: the larger, the more even the mixtures.
        seed: integer seed, for calls without a seed of their own.

    Call arguments:
        images: `(batch, height, width, channels)`.
        targets: `(batch, classes)`, one-hot or soft.
        training: `False` returns both as they came.
        seed: two integers, as of `Augmentation`.

    Returns:
        Images and targets, float32.

    Raises:
        ValueError: `alpha` is not positive, or the targets are numbers of
            classes, which cannot be mixed.

    Example:

    >>> import numpy as np
    >>> from keras_fer import augmentation
    >>> images, targets = np.zeros((4, 8, 8, 1)), np.eye(4)
    >>> mixed, soft = augmentation.Mixup()(images, targets, seed=(7, 1))
    >>> np.allclose(np.sum(soft, axis=1), 1)
    True

    Reference:
        - [Zhang et al., 2018](https://arxiv.org/abs/1710.09412)
    """

    def __init__(self, alpha: float = 0.2, seed: int | None = None, **kwargs):
        # Pixels and targets keep their precision under a mixed policy, too.
        super().__init__(autocast=False, **kwargs)
        if not alpha > 0:
            raise ValueError(
                f"`alpha` must be positive. Received: alpha={alpha}"
            )
        self.alpha = alpha
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, targets, training=True, seed=None):
        images = tf.cast(images, "float32")
        targets = tf.convert_to_tensor(targets)
        if len(targets.shape) != 2:
            raise ValueError(
                "`targets` must be one-hot or soft, (batch, classes). "
                f"Received: shape {tuple(targets.shape)}"
            )
        targets = tf.cast(targets, "float32")
        if not training:
            return images, targets
        if seed is None:
            seed = self.seed_generator.next()
        seed = tf.cast(seed, "int32")
        order, *pair = (
            tf.random.experimental.stateless_fold_in(seed, n) for n in range(3)
        )
        size = tf.shape(images)[0]
        partners = tf.random.experimental.stateless_shuffle(
            tf.range(size), order
        )
        # Beta from two gammas, in logs: of a small alpha both may be too small
        # for float32. Gamma(a) is Gamma(a + 1) times a power of a uniform.
        first, second = (
            tf.math.log(
                tf.random.stateless_gamma((size,), draw, self.alpha + 1)
            )
            + tf.math.log(1 - tf.random.stateless_uniform((size,), draw + 1))
            / self.alpha
            for draw in pair
        )
        share = tf.sigmoid(first - second)

        def mix(values):
            weight = tf.reshape(share, (-1, *[1] * (len(values.shape) - 1)))
            return weight * values + (1 - weight) * tf.gather(values, partners)

        return mix(images), mix(targets)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha, "seed": self.seed}

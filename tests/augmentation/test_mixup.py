import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer.augmentation import Mixup


def batch(size=64, classes=4):
    images = np.random.default_rng(0).uniform(0, 255, (size, 6, 6, 1))
    return images.astype("float32"), np.eye(classes, dtype="float32")[
        np.arange(size) % classes
    ]


def test_images_and_targets_are_mixed_alike():
    """Each image holds its own one-hot row, so that both can be compared."""
    targets = np.eye(64, dtype="float32")
    images = np.broadcast_to(targets[:, None, None], (64, 6, 6, 64)).copy()
    mixed, soft = Mixup(alpha=1.0)(images, targets, seed=(1, 2))
    np.testing.assert_allclose(mixed[:, 3, 3], soft, atol=1e-6)
    np.testing.assert_allclose(np.sum(soft, axis=1), 1, atol=1e-6)
    assert (np.count_nonzero(soft, axis=1) <= 2).all()
    partners = np.count_nonzero(soft, axis=0)
    assert partners.max() <= 2  # each is partner once


@pytest.mark.parametrize("alpha", [0.01, 0.2, 1.0, 4.0])
def test_shares_are_those_of_a_beta_distribution(alpha):
    targets = np.eye(4000, dtype="float32")
    images = np.zeros((4000, 1, 1, 1))
    _, soft = Mixup(alpha=alpha)(images, targets, seed=(3, 4))
    share = np.diagonal(soft)
    deviation = np.sqrt(1 / (4 * (2 * alpha + 1)))
    assert abs(share.mean() - 0.5) < 0.03
    assert abs(share.std() - deviation) < 0.03


def test_same_seed_same_mixture_in_a_parallel_map():
    mix, (images, targets) = Mixup(), batch()

    def run(parallel):
        dataset = tf.data.Dataset.range(8).map(
            lambda i: mix(
                images, targets, seed=tf.stack([5, tf.cast(i, "int32")])
            ),
            num_parallel_calls=parallel,
        )
        return [
            np.concatenate([x.numpy().ravel(), y.numpy().ravel()])
            for x, y in dataset
        ]

    for one, other in zip(run(4), run(1), strict=True):
        np.testing.assert_array_equal(one, other)


def test_not_training_changes_nothing():
    images, targets = batch()
    one, two = Mixup()(images, targets, training=False)
    np.testing.assert_array_equal(one, images)
    np.testing.assert_array_equal(two, targets)


def test_config_round_trip():
    layer = Mixup(alpha=0.7, seed=3)
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (again.alpha, again.seed) == (0.7, 3)


def test_refuses():
    with pytest.raises(ValueError, match="alpha=0"):
        Mixup(alpha=0)
    with pytest.raises(ValueError, match="one-hot or soft.*shape .64,"):
        Mixup()(batch()[0], np.arange(64))

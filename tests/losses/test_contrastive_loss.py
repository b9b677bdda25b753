import numpy as np
import pytest
import tensorflow as tf

from keras_fer.losses import ContrastiveLoss


def test_pairs_by_a_loop():
    draws = np.random.default_rng(0)
    distances, same = draws.uniform(0, 3, 20), draws.integers(2, size=20)
    each = ContrastiveLoss(1.5, reduction="none")(same, distances[:, None])
    for found, d, s in zip(each.numpy(), distances, same, strict=True):
        expected = d**2 if s else max(0, 1.5 - d) ** 2
        assert np.isclose(found, expected, rtol=1e-5)


def test_weights_gradient_and_float16():
    same = np.array([1, 0, 0])
    distances = tf.Variable([2.0, 0.25, 4.0])
    with tf.GradientTape() as tape:
        loss = ContrastiveLoss()(same, distances, sample_weight=[1, 2, 1])
    # (4 + 2 · .75²) / 3
    assert np.isclose(loss, 5.125 / 3)
    gradient = tape.gradient(loss, distances)
    np.testing.assert_allclose(gradient, [4 / 3, -1, 0], rtol=1e-5)
    half = ContrastiveLoss()(same, np.array([2, 0.25, 4], "float16"))
    assert np.isclose(half, 4.5625 / 3)


def test_refuses():
    with pytest.raises(ValueError, match="above 0. Received: 0"):
        ContrastiveLoss(margin=0)
    assert ContrastiveLoss(2.0).get_config()["margin"] == 2.0

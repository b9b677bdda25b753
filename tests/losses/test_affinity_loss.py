import numpy as np
import tensorflow as tf

from keras_fer.layers import AffinityCenters
from keras_fer.losses import AffinityLoss


def test_as_published_with_its_centers():
    """Masked distances over the summed variance, clamped, by a loop."""
    draws = np.random.default_rng(0)
    features, centers = draws.normal(size=(9, 6)), draws.normal(size=(4, 6))
    labels = draws.integers(4, size=9)
    layer = AffinityCenters(4)
    layer.build((None, 6))
    layer.set_weights([centers])
    found = float(AffinityLoss()(labels, layer(features)))
    spread = sum(np.var(centers[:, d], ddof=1) for d in range(6))
    total = 0.0
    for feature, label in zip(features, labels, strict=True):
        for k in range(4):
            distance = ((feature - centers[k]) ** 2).sum() if k == label else 0
            total += np.clip(distance / spread, 1e-12, 1e12)
    assert np.isclose(found, total / 9, rtol=1e-5)


def test_the_gradient_goes_through_the_spread():
    """Pulling the centers apart lowers it, whatever the features."""
    layer = AffinityCenters(2)
    layer.build((None, 1))
    layer.set_weights([np.array([[1.0], [3.0]])])
    features, labels = np.array([[1.0], [1.0]]), np.array([1, 1])
    with tf.GradientTape() as tape:
        loss = AffinityLoss()(labels, layer(features))
    gradient = tape.gradient(loss, layer.centers)
    # (1 - c)² / ((c - a)² / 2) with a = 1, c = 3 is 2 whatever c is; of a it
    # falls where a leaves c: 2·4·2/(c - a)³ = 2.
    np.testing.assert_allclose(gradient, [[2.0], [0.0]], atol=1e-5)

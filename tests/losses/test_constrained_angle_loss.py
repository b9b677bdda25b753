import keras
import numpy as np
import pytest

from keras_fer.losses import ConstrainedAngleLoss


@pytest.mark.parametrize("slope", [0, 0.1, 0.5, 1])
def test_equation_2_by_a_loop(slope):
    """The length inside the brackets of equation 2, outside of the layer."""
    draws = np.random.default_rng(0)
    norms, cosines = draws.uniform(1, 9, 8), draws.uniform(-1, 1, (8, 4))
    labels = draws.integers(4, size=8)
    total = 0.0
    for norm, angles, label in zip(norms, cosines, labels, strict=True):
        powers = [np.exp(norm * (c if c > 0 else slope * c)) for c in angles]
        total -= np.log(powers[label] / sum(powers))
    found = ConstrainedAngleLoss(slope)(labels, norms[:, None] * cosines)
    assert np.isclose(float(found), total / 8, rtol=1e-5)


def test_slope_1_is_the_modified_softmax():
    logits = np.random.default_rng(0).normal(0, 5, (6, 3))
    labels = np.arange(6) % 3
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert np.isclose(
        ConstrainedAngleLoss()(labels, logits), softmax(labels, logits)
    )
    assert ConstrainedAngleLoss(0.1)(labels, logits) != softmax(labels, logits)


def test_features_as_long_as_those_of_dan():
    logits = np.array([[125.0, -250.0], [-4e4, 4e4]], "float16")
    loss = ConstrainedAngleLoss(0.1, reduction="none")
    found = loss(np.array([0, 0]), logits)
    np.testing.assert_allclose(found, [0, 4e4 * 1.1], rtol=1e-3, atol=1e-6)


def test_refuses():
    with pytest.raises(ValueError, match="from 0 to 1. Received: 1.5"):
        ConstrainedAngleLoss(1.5)

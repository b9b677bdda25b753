import numpy as np
import pytest
import tensorflow as tf

from keras_fer.losses import AngularMarginLoss


def cosines(size=30):
    draws = np.random.default_rng(0)
    return draws.uniform(-1, 1, (size, 5)), draws.integers(5, size=size)


def crossentropy(logits, label):
    return np.log(np.exp(logits).sum()) - logits[label]


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("cosine", [0.0, 0.35])
def test_by_a_loop(angle, cosine):
    values, labels = cosines()
    past = []
    for row, label in zip(values, labels, strict=True):
        logits = row.copy()
        past.append(np.arccos(row[label]) + angle > np.pi)
        logits[label] = (
            row[label] - angle * np.sin(angle)
            if past[-1]
            else np.cos(np.arccos(row[label]) + angle)
        )
        logits[label] -= cosine
        expected = crossentropy(8 * logits, label)
        loss = AngularMarginLoss(8.0, angle, cosine)
        found = loss(np.array([label]), row[None])
        assert np.isclose(float(found), expected, rtol=1e-4, atol=1e-6)
    assert any(past) == (angle > 0) and not all(past)


def test_the_gradient_is_finite_at_both_ends():
    values = tf.Variable([[1.0, -1.0], [-1.0, 1.0], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = AngularMarginLoss(angle=0.5)(np.zeros(3), values)
    assert np.isfinite(tape.gradient(loss, values)).all()


def test_a_margin_makes_it_harder():
    values, labels = cosines()
    plain, arc, cos = (
        float(AngularMarginLoss(8.0, **margin)(labels, values))
        for margin in ({}, {"angle": 0.5}, {"cosine": 0.35})
    )
    assert plain < min(arc, cos)


def test_refuses():
    refused = {"scale": 0}, {"angle": -1}, {"angle": 28.6}, {"cosine": -0.1}
    for options in refused:
        with pytest.raises(ValueError, match="at least 0. Received"):
            AngularMarginLoss(**options)

import numpy as np
import pytest
import tensorflow as tf

from keras_fer.losses import SupervisedContrastiveLoss


def by_a_loop(labels, embeddings, temperature):
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    losses = []
    for i in range(len(labels)):
        others = [a for a in range(len(labels)) if a != i]
        total = sum(np.exp(unit[i] @ unit[a] / temperature) for a in others)
        positives = [p for p in others if labels[p] == labels[i]]
        logs = [
            np.log(np.exp(unit[i] @ unit[p] / temperature) / total)
            for p in positives
        ]
        losses.append(-np.mean(logs) if positives else 0.0)
    return np.array(losses)


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_equation_2_by_a_loop(temperature):
    draws = np.random.default_rng(0)
    embeddings = draws.normal(size=(12, 5)).astype("float32")
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 3])  # 3 is alone
    expected = by_a_loop(labels, embeddings, temperature)
    loss = SupervisedContrastiveLoss(temperature, reduction="none")
    np.testing.assert_allclose(loss(labels, embeddings), expected, rtol=1e-4)
    assert expected[-1] == 0
    mean = SupervisedContrastiveLoss(temperature)
    weights = np.arange(12.0)
    assert np.isclose(
        mean(labels[:, None], 7 * embeddings, sample_weight=weights),
        (weights * expected).mean(),
        rtol=1e-4,
    )


def test_gradient_and_float16():
    draws = np.random.default_rng(0)
    values = draws.normal(size=(6, 4)).astype("float32")
    values[0] = 0  # a direction that is none
    labels = np.array([0, 0, 1, 1, 2, 2])
    embeddings = tf.Variable(values)
    loss = SupervisedContrastiveLoss(0.5)
    with tf.GradientTape() as tape:
        value = loss(labels, embeddings)
    gradient = tape.gradient(value, embeddings).numpy()
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0
    step = values - 0.01 * gradient
    assert loss(labels, step) < value
    half = loss(labels, values.astype("float16"))
    assert np.isclose(half, value, rtol=1e-2)


def test_refuses():
    with pytest.raises(ValueError, match="above 0. Received: 0"):
        SupervisedContrastiveLoss(temperature=0)

import numpy as np
import pytest
import tensorflow as tf

from keras_fer.losses import TripletLoss


def test_the_hardest_of_the_batch_by_a_loop():
    draws = np.random.default_rng(0)
    embeddings = draws.normal(size=(20, 6)).astype("float32")
    labels = draws.integers(4, size=20)
    each = TripletLoss(0.5, reduction="none")(labels, embeddings).numpy()
    for i in range(20):

        def distance(j, i=i):
            return np.linalg.norm(embeddings[i] - embeddings[j])

        own = [
            distance(j) for j in range(20) if labels[j] == labels[i] and j != i
        ]
        other = [distance(j) for j in range(20) if labels[j] != labels[i]]
        expected = max(max(own) + 0.5 - min(other), 0)
        assert np.isclose(each[i], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_a_batch_with_nothing_to_compare_costs_nothing(labels):
    embeddings = tf.Variable([[0.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    with tf.GradientTape() as tape:
        loss = TripletLoss()(np.array(labels), embeddings)
    assert loss == 0
    assert np.isfinite(tape.gradient(loss, embeddings)).all()


def test_equal_embeddings_have_a_finite_gradient():
    embeddings = tf.Variable(np.ones((4, 3), "float32"))
    with tf.GradientTape() as tape:
        loss = TripletLoss()(np.array([0, 0, 1, 1]), embeddings)
    assert np.isclose(loss, 1.0)
    assert np.isfinite(tape.gradient(loss, embeddings)).all()


def test_refuses():
    with pytest.raises(ValueError, match="positive. Received: -1"):
        TripletLoss(margin=-1)

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer.layers import ClassCenters
from keras_fer.losses import TripletCenterLoss


def test_by_a_loop():
    draws = np.random.default_rng(0)
    distances = draws.uniform(0, 20, (50, 7)).astype("float32")
    labels = draws.integers(7, size=50)
    labels[:25] = distances[:25].argmin(axis=1)  # right, some by the margin
    each = TripletCenterLoss(4.0, reduction="none")(labels, distances).numpy()
    for row in range(50):
        nearest = min(distances[row, j] for j in range(7) if j != labels[row])
        expected = max(distances[row, labels[row]] + 4.0 - nearest, 0)
        assert np.isclose(each[row], expected, rtol=1e-5, atol=1e-6)
    assert 0 < (each > 0).sum() < 50


def test_equation_11():
    """The gradient of an active face is nearest center minus own center.

    By differentiation, and by finite differences.
    """
    layer = ClassCenters(3, initializer="zeros")
    layer.build((None, 4))
    centers = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    layer.centers.assign(centers)
    embeddings = tf.Variable(
        np.random.default_rng(2).normal(size=(8, 4)).astype("float32")
    )
    labels = np.arange(8) % 3
    with tf.GradientTape() as tape:
        distances = layer(embeddings)
        loss = TripletCenterLoss(0.5, reduction="sum")(labels, distances)
    gradient = tape.gradient(loss, embeddings).numpy()
    small = 1e-2 * np.eye(4, dtype="float32")
    for row, label in enumerate(labels):
        up, down = (
            TripletCenterLoss(0.5, reduction="none")(
                np.repeat(label, 4), layer(embeddings[row] + sign * small)
            )
            for sign in (1, -1)
        )
        slope = (up - down).numpy() / 2e-2
        np.testing.assert_allclose(slope, gradient[row], atol=1e-3)
    distances = distances.numpy()
    active = 0
    for row, label in enumerate(labels):
        others = np.where(np.arange(3) == label, np.inf, distances[row])
        nearest = others.argmin()
        if distances[row, label] + 0.5 - others.min() > 0:
            active += 1
            expected = centers[nearest] - centers[label]
        else:
            expected = np.zeros(4)
        np.testing.assert_allclose(gradient[row], expected, atol=1e-5)
    assert 0 < active < 8


def test_no_loss_beyond_the_margin():
    distances = np.array([[1.0, 12.0, 13.0]])
    assert TripletCenterLoss(11.0)(np.array([0]), distances) == 0
    assert np.isclose(TripletCenterLoss(11.5)(np.array([0]), distances), 0.5)


def test_plain_fit_beside_softmax(tmp_path):
    """The optimizer moves network and centers, which a file keeps."""
    keras.utils.set_random_seed(0)
    features = keras.Input((4,))
    embedding = keras.layers.Dense(3)(features)
    heads = {
        "logits": keras.layers.Dense(2, name="logits")(embedding),
        "distances": ClassCenters(2, name="distances")(embedding),
    }
    model = keras.Model(features, heads)
    model.compile(
        keras.optimizers.Adam(3e-2),
        {
            "logits": keras.losses.SparseCategoricalCrossentropy(True),
            "distances": TripletCenterLoss(2.0),
        },
        loss_weights={"logits": 1.0, "distances": 0.5},
    )
    labels = np.arange(32) % 2
    x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    x[:, 0] += 3 * labels
    y = {"logits": labels, "distances": labels}
    before = model.get_layer("distances").centers.numpy().copy()
    history = model.fit(x, y, epochs=40, verbose=0).history
    assert history["distances_loss"][-1] < 0.5 * history["distances_loss"][0]
    centers = model.get_layer("distances").centers.numpy()
    assert np.abs(centers - before).max() > 0.1
    found = model.predict(x, verbose=0)
    assert (found["distances"].argmin(axis=1) == labels).mean() > 0.9
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.get_layer("distances").centers, centers
    )


def test_refuses():
    with pytest.raises(ValueError, match="positive. Received: 0"):
        TripletCenterLoss(margin=0)
    with pytest.raises(ValueError, match="at least two classes"):
        TripletCenterLoss()(np.array([0]), np.array([[1.0]]))

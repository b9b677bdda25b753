import numpy as np
import tensorflow as tf
from contracts import check_layer

from keras_fer.layers import EmotionVectors


def test_contract(tmp_path):
    check_layer(EmotionVectors(5), (4, 9), (4, 5), tmp_path)


def test_cosines():
    layer = EmotionVectors(3)
    features = np.random.default_rng(0).normal(size=(6, 4))
    found = layer(features).numpy()
    (vectors,) = layer.get_weights()
    for row, feature in zip(found, features, strict=True):
        for value, vector in zip(row, vectors, strict=True):
            length = np.linalg.norm(feature) * np.linalg.norm(vector)
            assert np.isclose(value, feature @ vector / length, atol=1e-5)
    # Lengths do not matter, neither of features nor of vectors.
    layer.set_weights([7 * vectors])
    np.testing.assert_allclose(layer(100 * features), found, atol=1e-5)


def test_zero_features_and_large_halves():
    layer = EmotionVectors(3, dtype="mixed_float16")
    features = tf.Variable(np.zeros((2, 512), "float16"))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(features))
    assert total == 0
    assert np.isfinite(tape.gradient(total, features)).all()
    # As DAN's: all negative, hundreds long; the square overflows float16.
    found = layer(np.full((2, 512), -40.0, "float16")).numpy()
    assert found.dtype == "float32" and (np.abs(found) <= 1 + 1e-5).all()
    (vectors,) = layer.get_weights()
    expected = -vectors.sum(1) / np.linalg.norm(vectors, axis=1) / 512**0.5
    np.testing.assert_allclose(found[0], expected, rtol=1e-3, atol=1e-4)

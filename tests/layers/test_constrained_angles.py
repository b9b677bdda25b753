import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer.layers import ConstrainedAngles
from keras_fer.losses import ConstrainedAngleLoss


def test_the_loss_is_softmax_of_these_logits():
    draws = np.random.default_rng(0)
    features, similarity = draws.normal(size=(6, 9)), draws.normal(size=(6, 4))
    labels = np.arange(6) % 4
    logits = ConstrainedAngles(0.2)([features, similarity])
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    plain = ConstrainedAngles(1.0)([features, similarity])
    length = np.linalg.norm(features, axis=1, keepdims=True)
    np.testing.assert_allclose(plain, length * similarity, rtol=1e-5)
    assert np.isclose(
        softmax(labels, logits), ConstrainedAngleLoss(0.2)(labels, plain)
    )


def test_zero_features_have_finite_gradients():
    features = tf.Variable(np.zeros((2, 5), "float32"))
    similarity = tf.Variable([[1.0, -1.0], [0.0, 2.0]])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(ConstrainedAngles()([features, similarity]))
    for gradient in tape.gradient(total, [features, similarity]):
        assert np.isfinite(gradient).all()


def test_config_and_save(tmp_path):
    features, similarity = keras.Input((9,)), keras.Input((4,))
    layer = ConstrainedAngles(0.3)
    model = keras.Model([features, similarity], layer([features, similarity]))
    assert model.output_shape == (None, 4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    draws = np.random.default_rng(0)
    inputs = [draws.normal(size=(3, 9)), draws.normal(size=(3, 4))]
    np.testing.assert_array_equal(
        model.predict(inputs, verbose=0), loaded.predict(inputs, verbose=0)
    )
    half = ConstrainedAngles(dtype="mixed_float16")
    assert half([np.float16(x) for x in inputs]).dtype == "float32"


def test_refuses():
    with pytest.raises(ValueError, match="from 0 to 1. Received: -0.1"):
        ConstrainedAngles(-0.1)

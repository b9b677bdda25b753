import keras
import numpy as np
import tensorflow as tf

from keras_fer.layers import GaussianSampling


def test_the_distribution_is_the_one_asked_for():
    mean = np.tile([[1.0, -2.0]], (20_000, 1)).astype("float32")
    log_variance = np.tile([[0.0, np.log(9.0)]], (20_000, 1)).astype("float32")
    drawn = GaussianSampling(seed=0)([mean, log_variance], training=True)
    np.testing.assert_allclose(drawn.numpy().mean(axis=0), [1, -2], atol=0.08)
    np.testing.assert_allclose(drawn.numpy().std(axis=0), [1, 3], rtol=0.03)
    np.testing.assert_array_equal(GaussianSampling()([mean, mean]), mean)


def test_gradients_pass_and_draws_follow_the_seed():
    statistics = [tf.Variable(np.zeros((3, 2), "float32")) for _ in range(2)]
    layers = [GaussianSampling(seed=s) for s in (4, 4, 5)]
    with tf.GradientTape() as tape:
        drawn = [layer(statistics, training=True) for layer in layers]
        total = tf.reduce_sum(drawn[0])
    of_mean, of_variance = tape.gradient(total, statistics)
    np.testing.assert_array_equal(of_mean, np.ones((3, 2)))
    np.testing.assert_allclose(of_variance, 0.5 * drawn[0], rtol=1e-6)
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], layers[0](statistics, training=True))


def test_config_save_and_mixed_precision(tmp_path):
    inputs = [keras.Input((2,)), keras.Input((2,))]
    layer = GaussianSampling(seed=3, dtype="mixed_float16")
    model = keras.Model(inputs, layer(inputs))
    assert model.output.dtype == "float32" and model.output_shape == (None, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    data = [np.ones((1, 2), "float32"), np.zeros((1, 2), "float32")]
    np.testing.assert_array_equal(loaded.predict(data, verbose=0), data[0])
    assert loaded.layers[-1].get_config() == layer.get_config()

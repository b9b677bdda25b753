import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer.analysis.layer_outputs import by_batches
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.layer_outputs import layer_outputs


def network():
    inputs = keras.Input((4,))
    inner = keras.Model(inputs, keras.layers.Dense(3, name="inner")(inputs))
    outer = keras.Input((4,))
    return keras.Model(outer, keras.layers.Dense(2, name="outer")(inner(outer)))


def test_layers_inside_layers_are_heard():
    model = network()
    batch = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    layers = [find_layer(model, name) for name in ("inner", "outer")]
    inner, outer = layer_outputs(model, batch, layers)
    np.testing.assert_allclose(inner, layers[0](batch), rtol=1e-6)
    np.testing.assert_allclose(outer, model(batch), rtol=1e-6)
    # Nothing stays behind.
    assert all("call" not in vars(layer) for layer in layers)


def test_a_layer_that_is_called_twice_is_refused():
    inputs = keras.Input((4,))
    twice = keras.layers.Dense(4, name="twice")
    model = keras.Model(inputs, twice(twice(inputs)))
    with pytest.raises(ValueError, match="one call of layer twice.*: 2"):
        layer_outputs(model, np.zeros((1, 4)), [twice])


def test_batches_of_images_and_of_what_belongs_to_them():
    images = np.arange(14.0).reshape(7, 2)
    factors = np.arange(7, dtype=np.int32)

    def scaled(batch, numbers):
        return batch * tf.cast(numbers, tf.float32)[:, None]

    for size in (1, 3, 100):
        found = by_batches(scaled, size, images, factors)
        np.testing.assert_array_equal(found, images * factors[:, None])
    listed = by_batches(scaled, 4, images.tolist(), factors)
    np.testing.assert_array_equal(listed, images * factors[:, None])

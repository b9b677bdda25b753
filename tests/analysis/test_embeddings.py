import keras
import numpy as np
import pytest

from keras_fer import analysis

IMAGES = np.random.default_rng(0).uniform(0, 1, (5, 8, 8, 1))


def network(nested):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(3, 3, name="conv")(inputs)
    x = keras.layers.Flatten()(maps)
    x = keras.layers.Dropout(0.9)(x)
    vectors = keras.layers.Dense(4, name="embedding")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(vectors))
    if not nested:
        return model, keras.Model(inputs, vectors)
    outer = keras.Input((8, 8, 1))
    both = keras.Model(inputs, vectors)
    return keras.Model(outer, keras.layers.Softmax()(model(outer))), both


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("batch_size", [2, 256])
def test_what_the_layer_gives(nested, batch_size):
    model, expected = network(nested)
    found = analysis.embeddings(model, IMAGES, batch_size=batch_size)
    assert found.shape == (5, 4) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected(IMAGES), rtol=1e-5)


def test_refused():
    model, _ = network(False)
    with pytest.raises(ValueError, match="conv, which gives .*6, 6, 3"):
        analysis.embeddings(model, IMAGES, "conv")
    with pytest.raises(ValueError, match="called 'features'"):
        analysis.embeddings(model, IMAGES, "features")

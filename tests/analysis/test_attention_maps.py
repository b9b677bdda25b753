import keras
import numpy as np
import pytest

from keras_fer import analysis
from keras_fer import layers


def network(nested=False):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((12, 12, 1))
    maps = keras.layers.Conv2D(8, 3, padding="same", name="conv")(inputs)
    attended = layers.ChannelSpatialAttention(4, 3, name="attention")(maps)
    features = keras.layers.GlobalAveragePooling2D()(attended)
    outputs = keras.layers.Dense(3, name="logits")(features)
    model = keras.Model(inputs, outputs)
    if not nested:
        return model
    outer = keras.Input((12, 12, 1))
    return keras.Model(outer, keras.layers.Softmax()(model(outer)))


IMAGES = np.random.default_rng(0).uniform(0, 1, (5, 12, 12, 1))


@pytest.mark.parametrize("nested", [False, True])
def test_maps_are_what_the_layer_multiplies_by(nested):
    plain = network()
    maps = keras.Model(plain.input, plain.get_layer("conv").output)(IMAGES)
    _, expected = plain.get_layer("attention").weights_of(maps)
    found = analysis.attention_maps(network(nested), IMAGES, batch_size=2)
    np.testing.assert_allclose(found, expected[..., 0], rtol=1e-5)
    assert found.shape == (5, 12, 12) and found.dtype == np.float32


def test_refuses_other_layers():
    with pytest.raises(ValueError, match="Received: Conv2D conv"):
        analysis.attention_maps(network(), IMAGES, "conv")
    with pytest.raises(ValueError, match="no layer of"):
        analysis.attention_maps(network(), IMAGES, "nothing")

import keras
import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import ChannelSpatialAttention


@pytest.mark.parametrize("size", [(1, 1), (5, 7)])
def test_contract(size, tmp_path):
    shape = (2, *size, 16)
    check_layer(ChannelSpatialAttention(), shape, shape, tmp_path)


def test_equations_4_and_5():
    """First the channels, and the places of what is left of them."""
    maps = np.random.default_rng(0).normal(size=(2, 6, 6, 16)).astype("float32")
    layer = ChannelSpatialAttention(reduction=4, kernel_size=3)
    refined = layer(maps).numpy()
    channels, places = (np.asarray(w) for w in layer.weights_of(maps))
    np.testing.assert_allclose(channels, layer.channels(maps), rtol=1e-6)
    np.testing.assert_allclose(places, layer.places(maps * channels), rtol=1e-6)
    np.testing.assert_allclose(refined, maps * channels * places, rtol=1e-5)
    assert not np.allclose(places, layer.places(maps))


def test_sides_may_be_unknown():
    inputs = keras.Input((None, None, 8))
    model = keras.Model(inputs, ChannelSpatialAttention()(inputs))
    for size in (4, 9):
        assert model(np.zeros((1, size, size, 8))).shape == (1, size, size, 8)

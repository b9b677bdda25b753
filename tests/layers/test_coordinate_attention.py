import keras
import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import CoordinateAttention


@pytest.mark.parametrize("size", [(5, 3)])
def test_contract(size, tmp_path):
    check_layer(
        CoordinateAttention(2), (2, *size, 24), (2, *size, 24), tmp_path
    )


def directions(layer, rows, columns):
    """Weights from what rows and columns give, place by place, in NumPy."""

    def pointwise(x, convolution):
        kernel, bias = convolution.get_weights()
        return x @ kernel[0, 0] + bias

    def squeeze(x):
        gamma, beta, mean, variance = layer.normalization.get_weights()
        x = pointwise(x, layer.squeeze)
        x = gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta
        return x * np.clip(x + 3, 0, 6) / 6

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    return (
        sigmoid(pointwise(squeeze(rows), layer.excite_rows))[:, :, None]
        * sigmoid(pointwise(squeeze(columns), layer.excite_columns))[:, None]
    )


def test_as_published():
    draws = np.random.default_rng(0)
    layer = CoordinateAttention()
    maps = draws.normal(size=(3, 4, 5, 16)).astype("float32")
    layer(maps)
    layer.set_weights(
        [draws.uniform(0.2, 0.9, w.shape) for w in layer.get_weights()]
    )
    weights = directions(layer, maps.mean(axis=2), maps.mean(axis=1))
    np.testing.assert_allclose(layer(maps), maps * weights, rtol=1e-4)
    assert layer.squeeze.filters == 8


def test_sides_may_be_unknown():
    layer = CoordinateAttention()
    inputs = keras.Input((None, None, 16))
    model = keras.Model(inputs, layer(inputs))
    for size in ((1, 1), (4, 6)):
        maps = np.random.default_rng(0).normal(size=(2, *size, 16))
        found = model.predict(maps, verbose=0)
        np.testing.assert_allclose(found, layer(maps), rtol=1e-5)


def test_initial_values():
    """Within one over the root of the fan; the bias draws its own."""
    layer = CoordinateAttention(reduction=2)
    layer.build((None, 3, 3, 64))
    for convolution, fan in (
        (layer.squeeze, 64),
        (layer.excite_rows, 32),
        (layer.excite_columns, 32),
    ):
        kernel, bias = convolution.get_weights()
        for drawn in (kernel, bias):
            assert 0.8 < np.abs(drawn).max() * fan**0.5 <= 1
        assert np.isin(bias, kernel).mean() < 0.2
    rows, columns = layer.excite_rows, layer.excite_columns
    drawn = [of.get_weights()[0] for of in (rows, columns)]
    assert np.isin(*drawn).mean() < 0.01


def test_refuses():
    with pytest.raises(ValueError, match="at least 1. Received: 0"):
        CoordinateAttention(0)

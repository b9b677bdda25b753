import numpy as np
import pytest
from contracts import check_layer
from layers.test_coordinate_attention import directions

from keras_fer.layers import DualDirectionAttention


@pytest.mark.parametrize("size", [(5, 3)])
def test_contract(size, tmp_path):
    check_layer(
        DualDirectionAttention(), (2, *size, 24), (2, *size, 24), tmp_path
    )


def test_as_published():
    draws = np.random.default_rng(0)
    layer = DualDirectionAttention()
    maps = draws.normal(size=(3, 4, 5, 16)).astype("float32")
    layer(maps)
    layer.set_weights(
        [draws.uniform(0.2, 0.9, w.shape) for w in layer.get_weights()]
    )

    def linear(kernel, normalization, axis):
        (kernel,) = kernel.get_weights()
        x = (maps * kernel[None, ..., 0]).sum(axis=axis)
        gamma, beta, mean, variance = normalization.get_weights()
        return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta

    weights = directions(
        layer,
        linear(layer.rows, layer.rows_normalization, 2),
        linear(layer.columns, layer.columns_normalization, 1),
    )
    np.testing.assert_allclose(layer(maps), weights, rtol=1e-4)


def test_refuses():
    with pytest.raises(ValueError, match="at least 1. Received: 0"):
        DualDirectionAttention(0)
    with pytest.raises(ValueError, match="sides of the map must be known"):
        DualDirectionAttention().build((None, None, 7, 16))

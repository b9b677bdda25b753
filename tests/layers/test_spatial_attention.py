import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import SpatialAttention


@pytest.mark.parametrize("size", [(1, 1), (5, 7)])
def test_contract(size, tmp_path):
    check_layer(SpatialAttention(), (2, *size, 8), (2, *size, 1), tmp_path)


def test_equation_3_by_a_loop():
    maps = np.random.default_rng(0).normal(size=(2, 5, 6, 4)).astype("float32")
    layer = SpatialAttention(kernel_size=3)
    attention = layer(maps).numpy()[..., 0]
    kernel = layer.convolution.kernel.numpy()[..., 0]
    assert kernel.shape == (3, 3, 2)
    pooled = np.stack([maps.mean(axis=3), maps.max(axis=3)], axis=3)
    padded = np.pad(pooled, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for row in range(5):
        for column in range(6):
            window = padded[:, row : row + 3, column : column + 3]
            total = (window * kernel).sum(axis=(1, 2, 3))
            np.testing.assert_allclose(
                attention[:, row, column], 1 / (1 + np.exp(-total)), rtol=1e-4
            )


def test_it_has_neither_bias_nor_normalization():
    layer = SpatialAttention()
    layer(np.zeros((1, 6, 6, 4), "float32"))
    assert [tuple(v.shape) for v in layer.variables] == [(7, 7, 2, 1)]

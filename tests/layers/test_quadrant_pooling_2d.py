import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import QuadrantPooling2D


@pytest.mark.parametrize("size", [(4, 4), (5, 7)])
def test_contract(size, tmp_path):
    shape = (2, *size, 3)
    check_layer(QuadrantPooling2D(), shape, (2, 2, 2, 3), tmp_path)


def test_even_map_by_hand():
    maps = np.zeros((1, 4, 6, 1), "float32")
    maps[0, 1, 2], maps[0, 0, 3], maps[0, 2, 0], maps[0, 3, 5] = 1, 2, 3, 4
    assert np.ravel(QuadrantPooling2D()(maps)).tolist() == [1, 2, 3, 4]


def test_middle_of_an_odd_map_belongs_to_all_quadrants():
    maps = np.zeros((1, 5, 5, 1), "float32")
    maps[0, 2, 2] = 9
    assert np.ravel(QuadrantPooling2D()(maps)).tolist() == [9, 9, 9, 9]


def test_mirrored_maps_give_mirrored_quadrants():
    maps = np.random.default_rng(1).normal(size=(3, 7, 9, 2))
    pooled = QuadrantPooling2D()(maps).numpy()
    mirrored = QuadrantPooling2D()(maps[:, :, ::-1]).numpy()
    np.testing.assert_array_equal(mirrored, pooled[:, :, ::-1])


def test_equals_the_published_pooling():
    """12×12 windows with stride 12 on the 24×24 map, as in the code."""
    maps = np.random.default_rng(2).normal(size=(2, 24, 24, 4))
    expected = maps.reshape(2, 2, 12, 2, 12, 4).max(axis=(2, 4))
    np.testing.assert_allclose(QuadrantPooling2D()(maps), expected, rtol=1e-6)


@pytest.mark.parametrize("size", [(1, 4), (4, None)])
def test_refuses_sides_without_two_halves(size):
    with pytest.raises(ValueError, match="height=1|width=None"):
        QuadrantPooling2D().build((None, *size, 1))

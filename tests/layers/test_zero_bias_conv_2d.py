import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import ZeroBiasConv2D


def test_contract(tmp_path):
    check_layer(ZeroBiasConv2D(4, 5), (2, 8, 9, 1), (2, 8, 9, 4), tmp_path)


def test_has_no_bias_and_rectifies():
    layer = ZeroBiasConv2D(1, 1, kernel_initializer="ones")
    outputs = layer(np.array([[[[-2.0], [3.0]]]], "float32"))
    assert [w.shape for w in layer.weights] == [(1, 1, 1, 1)]
    assert np.ravel(outputs).tolist() == [0, 3]


def test_scaled_images_give_scaled_responses():
    """Without biases the layer is homogeneous: f(a x) = a f(x)."""
    images = np.random.default_rng(0).normal(size=(2, 9, 9, 1))
    layer = ZeroBiasConv2D(3, 5)
    np.testing.assert_allclose(
        layer(4 * images), 4 * layer(images).numpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", ["use_bias", "bias_initializer"])
def test_refuses_arguments_about_biases(name):
    with pytest.raises(ValueError, match=name):
        ZeroBiasConv2D(1, 1, **{name: "zeros"})

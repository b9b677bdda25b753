import numpy as np
import pytest
import scipy.signal
from contracts import check_layer

from keras_fer.layers import CrossAttentionHead


@pytest.mark.parametrize("size", [(3, 5)])
def test_contract(size, tmp_path):
    check_layer(CrossAttentionHead(), (2, *size, 32), (2, 32), tmp_path)


def convolve(maps, layer, normalization):
    kernel, bias = layer.get_weights()
    padded = [k // 2 for k in kernel.shape[:2]]
    padded = np.pad(maps, ((0, 0), *((p, p) for p in padded), (0, 0)))
    outputs = np.zeros((*maps.shape[:3], kernel.shape[-1]))
    for image in range(len(maps)):
        for after in range(kernel.shape[-1]):
            outputs[image, ..., after] = bias[after] + scipy.signal.correlate(
                padded[image], kernel[..., after], mode="valid"
            ).squeeze(2)
    return normalize(outputs, normalization)


def normalize(values, layer):
    gamma, beta, mean, variance = layer.get_weights()
    return gamma * (values - mean) / np.sqrt(variance + 1e-5) + beta


def test_as_published():
    """The order of operations of `networks/dan.py`, in NumPy."""
    draws = np.random.default_rng(0)
    layer = CrossAttentionHead()
    maps = draws.normal(size=(2, 4, 3, 16)).astype("float32")
    layer(maps)
    layer.set_weights(
        [draws.uniform(0.1, 0.6, w.shape) for w in layer.get_weights()]
    )
    found = layer(maps).numpy()

    def step(name, x):
        return convolve(x, layer.convolutions[name], layer.normalizations[name])

    reduced = step("reduce", maps)
    total = sum(step(name, reduced) for name in ("square", "row", "column"))
    places = np.maximum(total, 0).sum(axis=3, keepdims=True)
    pooled = (maps * places).mean(axis=(1, 2))
    kernel, bias = layer.squeeze.get_weights()
    hidden = normalize(pooled @ kernel + bias, layer.squeeze_normalization)
    kernel, bias = layer.excite.get_weights()
    scores = np.maximum(hidden, 0) @ kernel + bias
    expected = pooled / (1 + np.exp(-scores))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_large_maps_stay_finite_in_float16():
    layer = CrossAttentionHead(dtype="mixed_float16")
    maps = np.random.default_rng(0).uniform(0, 40, (2, 7, 7, 512))
    outputs = layer(maps.astype("float16")).numpy()
    assert outputs.dtype == "float32" and np.isfinite(outputs).all()


def test_parameters():
    layer = CrossAttentionHead()
    layer.build((None, 7, 7, 512))
    trainable = sum(int(np.prod(w.shape)) for w in layer.trainable_weights)
    assert trainable == 2_135_904

import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import MixedDepthwiseConv2D


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("size", [(6, 7)])
def test_contract(size, strides, tmp_path):
    layer = MixedDepthwiseConv2D({3: 4, 5: 2, 7: 2}, strides)
    after = tuple(-(-side // strides) for side in size)
    check_layer(layer, (2, *size, 8), (2, *after, 8), tmp_path)


@pytest.mark.parametrize("strides", [1, 2])
def test_by_a_loop(strides):
    """Half a kernel of zeros on either side, whatever the stride."""
    maps = np.random.default_rng(0).normal(size=(1, 6, 5, 5)).astype("float32")
    layer = MixedDepthwiseConv2D({3: 3, 5: 2}, strides)
    found = layer(maps).numpy()[0]
    sizes = [3, 3, 3, 5, 5]
    kernels = [w[..., 0] for w in layer.get_weights()]
    kernels = [kernels[0][..., k] for k in range(3)] + [
        kernels[1][..., k] for k in range(2)
    ]
    for channel, (size, kernel) in enumerate(zip(sizes, kernels, strict=True)):
        half = size // 2
        padded = np.pad(maps[0, ..., channel], half)
        for row in range(found.shape[0]):
            for column in range(found.shape[1]):
                top, left = strides * row, strides * column
                part = padded[top : top + size, left : left + size]
                assert np.isclose(
                    found[row, column, channel],
                    (part * kernel).sum(),
                    atol=1e-5,
                )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_goes_in_and_out(dtype):
    maps = np.random.default_rng(0).normal(size=(2, 6, 5, 5)).astype("float32")
    layer = MixedDepthwiseConv2D({3: 3, 5: 2})
    half = MixedDepthwiseConv2D({3: 3, 5: 2}, dtype=f"mixed_{dtype}")
    expected = layer(maps)
    half.build(maps.shape)
    half.set_weights(layer.get_weights())
    found = half(maps)
    assert found.dtype == dtype
    np.testing.assert_allclose(
        np.asarray(found, "float32"), expected, atol=0.05
    )


def test_refuses():
    with pytest.raises(ValueError, match="must be odd. Received: {4: 3}"):
        MixedDepthwiseConv2D({4: 3})
    with pytest.raises(ValueError, match="for 5 channels. Received: 6"):
        MixedDepthwiseConv2D({3: 5})(np.ones((1, 4, 4, 6)))

import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import ChannelAttention


def maps(shape=(2, 5, 7, 16)):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("size", [(1, 1), (5, 7)])
def test_contract(size, tmp_path):
    check_layer(ChannelAttention(), (2, *size, 16), (2, 1, 1, 16), tmp_path)


def test_equation_1_by_hand():
    layer = ChannelAttention(reduction=4)
    attention = layer(maps()).numpy()[:, 0, 0]

    def net(vector):
        hidden = np.maximum(
            vector @ layer.squeeze.kernel.numpy() + layer.squeeze.bias.numpy(),
            0,
        )
        return hidden @ layer.excite.kernel.numpy() + layer.excite.bias.numpy()

    total = net(maps().mean(axis=(1, 2))) + net(maps().max(axis=(1, 2)))
    np.testing.assert_allclose(attention, 1 / (1 + np.exp(-total)), rtol=1e-4)
    assert layer.squeeze.kernel.shape == (16, 4)
    assert len(layer.trainable_variables) == 4  # shared by both vectors


def test_the_bottleneck_has_at_least_one_unit():
    layer = ChannelAttention(reduction=8)
    layer(maps((1, 3, 3, 4)))
    assert layer.squeeze.units == 1


def test_refuses():
    with pytest.raises(ValueError, match="at least 1. Received: 0"):
        ChannelAttention(reduction=0)

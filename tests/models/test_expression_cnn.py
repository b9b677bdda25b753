import keras
import numpy as np
import pytest
from contracts import check_model

from keras_fer.models import ExpressionCNN


def count(side, strides, classes=7):
    """Pools of stride 1 with padding leave the map as large as it is."""
    side = side // 4 if strides == 2 else side
    convolutions = 3 * 3 * 8 + 8 + 3 * 3 * 8 * 32 + 32
    dense = (side * side * 32 + 1) * 256 + 257 * 100 + 101 * classes
    return convolutions + dense


def test_parameters():
    assert ExpressionCNN().count_params() == count(128, 2) == 8_417_687
    # As printed, counted and not built; and built where it is small.
    assert count(128, 1) == 134_246_807
    small = ExpressionCNN((16, 16, 1), 3, pool_strides=1)
    assert small.count_params() == count(16, 1, 3)


def test_contract(tmp_path):
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).uniform(0, 255, (6, 16, 16, 1))
    model = ExpressionCNN((16, 16, 1), 3, dropout_rate=0.0)
    check_model(model, images.astype("float32"), np.arange(6) % 3, tmp_path)


def test_heads_and_errors():
    model = ExpressionCNN((16, 16, 3), 4, heads=("logits", "embedding"))
    shapes = {head: tensor.shape for head, tensor in model.output.items()}
    assert shapes == {"logits": (None, 4), "embedding": (None, 100)}
    with pytest.raises(ValueError, match="1 or 2. Received: 3"):
        ExpressionCNN(pool_strides=3)
    with pytest.raises(ValueError, match="`heads`"):
        ExpressionCNN(heads=("maps",))

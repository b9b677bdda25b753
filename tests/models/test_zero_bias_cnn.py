import keras
import numpy as np
import pytest
from contracts import check_model

from keras_fer.models import ZeroBiasCNN

SMALL = {"filters": (4, 6, 8), "hidden_dim": 10}


def faces(shape=(48, 48, 1), size=8):
    images = np.random.default_rng(0).uniform(0, 255, (size, *shape))
    return images.astype("float32"), np.arange(size) % 3


@pytest.mark.parametrize(
    ("num_classes", "parameters"), [(8, 1335508), (7, 1335207), (6, 1334906)]
)
@pytest.mark.parametrize("side", [48, 96])
def test_parameters(num_classes, parameters, side):
    model = ZeroBiasCNN((side, side, 1), num_classes)
    assert model.count_params() == parameters


@pytest.mark.parametrize("divide_std", [True, False])
def test_contract(divide_std, tmp_path):
    keras.utils.set_random_seed(0)
    model = ZeroBiasCNN((48, 48, 1), 3, divide_std=divide_std, **SMALL)
    check_model(model, *faces(), tmp_path)


@pytest.mark.parametrize("size", [(48, 48), (49, 51), (64, 50), (97, 96)])
def test_any_size_gives_the_same_parameters(size):
    model = ZeroBiasCNN((*size, 1), 3, **SMALL)
    assert model(np.zeros((1, *size, 1))).shape == (1, 3)
    assert model.get_layer("pooled").output.shape == (None, 4 * 8)


def test_published_map_sizes():
    """Layer by layer as in the published code."""
    model = ZeroBiasCNN()
    shapes = {
        name: model.get_layer(name).output.shape[1:]
        for name in ("conv1", "conv2", "conv3", "pooled", "embedding")
    }
    assert shapes == {
        "conv1": (96, 96, 64),
        "conv2": (48, 48, 128),
        "conv3": (24, 24, 256),
        "pooled": (1024,),
        "embedding": (300,),
    }


def test_initial_deviation_is_k_by_the_root_of_fan_in():
    keras.utils.set_random_seed(0)
    model = ZeroBiasCNN((48, 48, 1), 7, k=0.9)
    for name, fan_in in (("conv2", 1600), ("conv3", 3200), ("embedding", 1024)):
        deviation = model.get_layer(name).kernel.numpy().std()
        assert deviation == pytest.approx(0.9 / fan_in**0.5, rel=0.02)
    assert set(model.get_layer("embedding").bias.numpy()) == {1}


def test_one_k_a_model_drawn_from_the_global_seed():
    def ks():
        model = ZeroBiasCNN((48, 48, 1), 7, **SMALL)
        return [
            model.get_layer(name).kernel_initializer.scale ** 0.5
            for name in ("conv1", "conv2", "conv3", "embedding", "logits")
        ]

    keras.utils.set_random_seed(1)
    first, second = ks(), ks()
    keras.utils.set_random_seed(1)
    assert first == ks()
    assert len(set(first)) == 1
    assert 0.2 <= first[0] <= 1.2
    assert first != second


@pytest.mark.parametrize("place", ["pooled", "hidden"])
def test_dropout_stands_where_it_is_asked_for(place):
    model = ZeroBiasCNN((48, 48, 1), 3, dropout_on=place, **SMALL)
    width = {"pooled": 32, "hidden": 10}[place]
    assert model.get_layer("dropout").output.shape == (None, width)


def test_without_dropout():
    model = ZeroBiasCNN((48, 48, 1), 3, dropout_rate=0, **SMALL)
    assert "dropout" not in [layer.name for layer in model.layers]


def test_several_heads_are_a_dict():
    model = ZeroBiasCNN((48, 48, 1), 3, heads=("logits", "embedding"), **SMALL)
    outputs = model(faces()[0])
    assert {k: v.shape for k, v in outputs.items()} == {
        "logits": (8, 3),
        "embedding": (8, 10),
    }


def test_integer_pixels_give_the_same_answer():
    images = np.random.default_rng(3).integers(0, 256, (2, 48, 48, 1), "uint8")
    model = ZeroBiasCNN((48, 48, 1), 3, **SMALL)
    np.testing.assert_array_equal(
        model.predict(images, verbose=0),
        model.predict(images.astype("float32"), verbose=0),
    )


def test_pixels_and_logits_stay_float32_under_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = ZeroBiasCNN((48, 48, 1), 3, **SMALL)
    finally:
        keras.config.set_dtype_policy(before)
    dtypes = {layer.name: layer.compute_dtype for layer in model.layers}
    assert dtypes["normalization"] == dtypes["logits"] == "float32"
    assert dtypes["conv2"] == "bfloat16"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_shape": (7, 48, 1)}, r"input_shape=\(7, 48, 1\)"),
        ({"input_shape": (48, 48)}, r"input_shape=\(48, 48\)"),
        ({"input_shape": (None, None, 1)}, r"input_shape=\(None, None, 1\)"),
        ({"num_classes": 1}, "Received: 1"),
        ({"dropout_on": "input"}, "dropout_on='input'"),
        ({"heads": ("centers",)}, r"heads=\('centers',\)"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        ZeroBiasCNN(**arguments)

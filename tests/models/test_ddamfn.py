import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer import losses
from keras_fer.models import DDAMFN
from keras_fer.models import ddamfn

HEADS = ("logits", "embedding", "attention")


@pytest.fixture
def small(monkeypatch):
    """Four blocks of 35, one of them with what comes before it added."""
    once = tuple(
        (*block[:-1], 1)
        for block in ddamfn._BLOCKS
        if block[0] not in ("conv_4", "conv_5")
    )
    monkeypatch.setattr(ddamfn, "_BLOCKS", once)


@pytest.fixture
def model(small):
    keras.utils.set_random_seed(0)
    return DDAMFN((48, 48, 1), heads=HEADS)


def faces(size=6, channels=1):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 255, (size, 48, 48, channels)).astype("float32")


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def test_parameters():
    """The published counts; below 112 pixels the last kernels are smaller."""
    assert trainable(DDAMFN()) == 4_105_999
    # Depthwise kernels over 7×7, and in two heads over 7 rows and columns.
    spans = 512 * (7 * 7 - 3 * 3) + 2 * 512 * 2 * (7 - 3)
    gray = DDAMFN((48, 48, 1))
    assert trainable(gray) == 4_105_999 - spans - 2 * 9 * 64


def test_heads(model):
    outputs = model.predict(faces(), verbose=0)
    shapes = {head: values.shape for head, values in outputs.items()}
    assert shapes == {
        "logits": (6, 7),
        "embedding": (6, 512),
        "attention": (6, 2, 3, 3, 512),
    }
    attention = outputs["attention"]
    assert (attention >= 0).all() and (attention <= 1).all()
    assert not np.allclose(attention[:, 0], attention[:, 1])


def test_the_larger_weight_counts(model):
    maps = model.get_layer("conv_6_sep_prelu").output
    parts = keras.Model(
        model.input, [maps, model.output["attention"], *_last(model)]
    )
    maps, attention, attended, embedding = parts.predict(faces(), verbose=0)
    np.testing.assert_allclose(
        attended, maps * attention.max(axis=1), rtol=1e-4, atol=1e-5
    )
    (kernel,) = model.get_layer("last").get_weights()
    summed = (attended * kernel[..., 0]).sum(axis=(1, 2))
    gamma, beta, mean, variance = model.get_layer("last_norm").get_weights()
    expected = gamma * (summed - mean) / np.sqrt(variance + 1e-5) + beta
    np.testing.assert_allclose(embedding, expected, rtol=1e-3, atol=1e-4)


def _last(model):
    return [
        model.get_layer("attended").output,
        model.get_layer("embedding").output,
    ]


@pytest.mark.slow
def test_trained_as_published(small, tmp_path):
    keras.utils.set_random_seed(0)
    model = DDAMFN((48, 48, 1), 3, heads=("logits", "attention"))
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        {
            "logits": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "attention": losses.AttentionLoss(),
        },
        loss_weights={"logits": 1.0, "attention": 0.1},
    )
    labels = np.arange(6) % 3
    history = model.fit(
        faces(),
        {"logits": labels, "attention": labels},
        batch_size=6,
        epochs=8,
        verbose=0,
    ).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for head, values in model.predict(faces(), verbose=0).items():
        again = loaded.predict(faces(), verbose=0)[head]
        np.testing.assert_array_equal(values, again)


@pytest.mark.slow
def test_whole_it_exports(tmp_path):
    keras.utils.set_random_seed(0)
    check_exports(DDAMFN((48, 48, 1)), faces(2), tmp_path)


def test_mixed_precision(small):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = DDAMFN((48, 48, 1), heads=HEADS)
    finally:
        keras.config.set_dtype_policy("float32")
    for values in model.predict(faces(2), verbose=0).values():
        assert values.dtype == "float32" and np.isfinite(values).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (40, 48, 1)}, "at least 48 pixels"),
        ({"input_shape": (48, 48, 2)}, "1 or 3 channels"),
        ({"num_classes": 1}, "`num_classes` must be at least 2"),
        ({"num_heads": 0}, "`num_heads` must be at least 1"),
        ({"heads": ("probabilities",)}, "`heads` must be a tuple of any of"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        DDAMFN(**options)

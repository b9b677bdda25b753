import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer import losses
from keras_fer.models import DAN

HEADS = ("logits", "embedding", "affinity", "attention")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return DAN((48, 48, 1), heads=HEADS)


def faces(size=6, channels=1):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 255, (size, 48, 48, channels)).astype("float32")


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


@pytest.mark.parametrize(
    ("classes", "count"), [(6, 19_723_218), (7, 19_723_733), (8, 19_724_248)]
)
def test_parameters(model, classes, count):
    """The published counts, at three channels; any size has them."""
    del model
    network = DAN((48, 48, 3), classes)
    assert trainable(network) == count


def test_heads(model):
    outputs = model.predict(faces(), verbose=0)
    shapes = {head: values.shape for head, values in outputs.items()}
    assert shapes == {
        "logits": (6, 7),
        "embedding": (6, 512),
        "affinity": (6, 7),
        "attention": (6, 4, 512),
    }
    heads = outputs["attention"].astype(float)
    np.testing.assert_allclose(np.exp(heads).sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(
        outputs["embedding"], heads.sum(axis=1), rtol=1e-4
    )
    # -4 log 4 at most, whatever is looked at.
    assert outputs["embedding"].max() <= -4 * np.log(4) + 1e-3
    assert np.linalg.norm(outputs["embedding"], axis=1).min() >= 125.4


def test_one_head_is_its_own_embedding():
    keras.utils.set_random_seed(0)
    model = DAN((48, 48, 1), num_heads=1, heads=("embedding", "attention"))
    outputs = model.predict(faces(2), verbose=0)
    np.testing.assert_array_equal(
        outputs["embedding"], outputs["attention"][:, 0]
    )


def test_trained_as_published(tmp_path):
    keras.utils.set_random_seed(0)
    heads = ("logits", "affinity", "attention")
    model = DAN((48, 48, 1), 3, num_heads=2, heads=heads)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        {
            "logits": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "affinity": losses.AffinityLoss(),
            "attention": losses.PartitionLoss(),
        },
    )
    labels = np.arange(6) % 3
    targets = dict.fromkeys(("logits", "affinity", "attention"), labels)
    before = model.get_layer("affinity").get_weights()[0]
    history = model.fit(
        faces(), targets, batch_size=6, epochs=6, verbose=0
    ).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]
    assert (model.get_layer("affinity").get_weights()[0] != before).any()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for head, values in model.predict(faces(), verbose=0).items():
        again = loaded.predict(faces(), verbose=0)[head]
        np.testing.assert_array_equal(values, again)


def test_exports(tmp_path):
    keras.utils.set_random_seed(0)
    model = DAN((48, 48, 1), num_heads=2)
    check_exports(model, faces(2), tmp_path)


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = DAN((48, 48, 1), heads=HEADS)
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
        DAN(**options)

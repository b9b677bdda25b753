import subprocess
import sys

import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer.models import ResNet18

HEADS = ("logits", "valence_arousal", "embedding")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return ResNet18((48, 48, 3), heads=HEADS)


def faces(size=4, channels=3):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 255, (size, 48, 48, channels)).astype("float32")


def test_parameters(model):
    """11,176,512 without heads is the count of the architecture."""
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert trainable == 11_176_512 + 513 * 7 + 513 * 2
    gray = ResNet18((48, 48, 1))
    assert model.count_params() - gray.count_params() == 2 * 49 * 64 + 513 * 2


def test_heads(model):
    outputs = model.predict(faces(), verbose=0)
    shapes = {head: values.shape for head, values in outputs.items()}
    assert shapes == {
        "logits": (4, 7),
        "valence_arousal": (4, 2),
        "embedding": (4, 512),
    }
    assert not np.allclose(outputs["embedding"], 0)


def test_pixels_are_normalized_as_presets_expect(model):
    rescaling = model.get_layer("rescaling")
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    pixels = np.array([[[255 * np.array(mean)]]])
    np.testing.assert_allclose(rescaling(pixels), 0, atol=1e-6)
    white = rescaling(np.full((1, 1, 1, 3), 255.0))[0, 0, 0]
    np.testing.assert_allclose(white, (1 - np.array(mean)) / std, rtol=1e-5)


def test_training_lowers_the_loss():
    keras.utils.set_random_seed(0)
    model = ResNet18((48, 48, 1), 3, dropout_rate=0.0)
    images, labels = faces(6, 1), np.arange(6) % 3
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-3), loss)
    before = float(loss(labels, model(images, training=True)))
    model.train_on_batch(images, labels)
    assert float(loss(labels, model(images, training=True))) < before


@pytest.mark.slow
def test_saved_and_loaded_without_kerashub(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    script = f"""
import sys
import keras
import keras_fer.models
import numpy as np
model = keras.models.load_model({str(path)!r}, compile=False)
faces = np.random.default_rng(0).uniform(0, 255, (4, 48, 48, 3))
outputs = model.predict(faces.astype("float32"), verbose=0)
np.save({str(tmp_path / "logits.npy")!r}, outputs["logits"])
assert "keras_hub" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(
        np.load(tmp_path / "logits.npy"),
        model.predict(faces(), verbose=0)["logits"],
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.slow
def test_exports(tmp_path):
    check_exports(ResNet18((48, 48, 3)), faces(), tmp_path)


def test_refused():
    for options, message in (
        ({"input_shape": (47, 48, 3)}, "at least 48 pixels"),
        ({"input_shape": (48, 48, 2)}, "1 or 3 channels"),
        (
            {"input_shape": (48, 48, 1), "preset": "resnet_18_imagenet"},
            "3 channels with a preset. Received: .*imagenet",
        ),
        ({"heads": ("pixels",)}, "any of logits, valence_arousal, embedding"),
    ):
        with pytest.raises(ValueError, match=message):
            ResNet18(**options)

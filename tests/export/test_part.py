import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from keras_fer import export
from keras_fer import models
from keras_fer.export import part

SHAPE = (16, 16, 1)


@pytest.fixture(scope="module")
def encoder():
    keras.utils.set_random_seed(0)
    return models.VAEEncoder(SHAPE, 4)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (300, *SHAPE), "uint8")


@pytest.mark.parametrize("format", ["saved-model", "tflite"])
def test_the_file_answers_as_the_report_says(encoder, images, format, tmp_path):
    """Also in batches of another size than it was proved on."""
    path = tmp_path / ("encoder" if format == "saved-model" else "e.tflite")
    report = export.export_part(encoder, path, images, format=format)
    written = path.with_name(f"{path.name}.comparison.json")
    assert json.loads(written.read_text()) == report
    assert report["inputs"] == 300 and report["bytes"] > 1000
    assert report["weights_sha256"] == export.weights_sha256(encoder)
    assert set(report["differences"]) == {"mean", "log_variance"}
    pixels = images[:5].astype("float32")
    if format == "saved-model":
        served = tf.saved_model.load(str(path))
        found = served.serve(pixels)
    else:
        runner = Interpreter(str(path)).get_signature_runner()
        (name,) = runner.get_input_details()
        found = runner(**{name: pixels})
    expected = encoder.predict(pixels, verbose=0)
    for head, values in expected.items():
        np.testing.assert_allclose(found[head], values, atol=1e-3)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [path.name, written.name]
    )


def test_a_second_export_replaces_the_first(images, tmp_path):
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        decoder = models.VAEDecoder(4, SHAPE)
        latents = np.random.default_rng(seed).normal(size=(8, 4))
        path = tmp_path / "decoder"
        report = export.export_part(
            decoder, path, latents, format="saved-model"
        )
    assert list(report["differences"]) == ["output"]
    served = tf.saved_model.load(str(path))
    np.testing.assert_allclose(
        served.serve(latents.astype("float32")),
        decoder.predict(latents, verbose=0),
        atol=1e-2,
    )


def test_another_answer_is_refused(encoder, images, tmp_path, monkeypatch):
    of = part._in_batches

    def spoiled(answer, inputs):
        found = of(answer, inputs)
        found["mean"][7, 2] += 0.1
        return found

    monkeypatch.setattr(part, "_in_batches", spoiled)
    path = tmp_path / "encoder.tflite"
    with pytest.raises(export.ExportError, match="mean differs by up to 0.1"):
        export.export_part(encoder, path, images, format="tflite")
    assert not list(tmp_path.iterdir())


def test_refuses(encoder, images, tmp_path):
    with pytest.raises(ValueError, match="saved-model, tflite. Received: onnx"):
        export.export_part(encoder, tmp_path / "x", images, format="onnx")
    comparator = models.SiameseComparator(models.ComparatorEncoder(SHAPE))
    with pytest.raises(ValueError, match="one input. Received: 2"):
        export.export_part(comparator, tmp_path / "x", images, format="tflite")

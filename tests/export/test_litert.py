import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from networks import CLASSES
from networks import corpus
from networks import template_network

from keras_fer import datasets
from keras_fer import export
from keras_fer import inference
from keras_fer.export import litert
from keras_fer.recipes import run_folder

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    return {
        quantize: (
            folder / f"{quantize}.tflite",
            export.export_litert(
                template_network(),
                folder / f"{quantize}.tflite",
                corpus(),
                quantize=quantize,
                representative=corpus(split="train"),
            ),
        )
        for quantize in litert.QUANTIZE
    }


@pytest.mark.parametrize("quantize", litert.QUANTIZE)
def test_the_proof(exported, quantize):
    path, report = exported[quantize]
    assert (report.format, report.quantize) == ("tflite", quantize)
    assert report.images == 70 and report.accuracy_exported == 1
    if quantize == "none":
        assert report.max_difference <= 1e-4
    written = json.loads(path.with_name(f"{path.name}.parity.json").read_text())
    assert written == json.loads(json.dumps(report.to_json()))
    assert path.with_name(f"{path.name}.parity.png").stat().st_size > 10_000


@pytest.mark.parametrize("quantize", litert.QUANTIZE)
def test_what_the_file_takes_gives_and_says(exported, quantize):
    path, _ = exported[quantize]
    interpreter = Interpreter(str(path))
    run = interpreter.get_signature_runner("serve")
    (inputs,) = run.get_input_details().values()
    assert inputs["dtype"] == np.uint8
    assert inputs["shape_signature"].tolist() == [-1, 48, 48, 1]
    (output,) = run.get_output_details().values()
    assert output["dtype"] == np.float32
    for size in (1, 5, 2):
        answer = run(images=corpus(size).images)["probabilities"]
        assert answer.argmax(axis=1).tolist() == list(range(size))
    info = inference.read_info(path.read_bytes())
    assert (info.name, info.quantize) == ("templates", quantize)
    assert info.classes == CLASSES
    assert info.weights_sha256 == export.weights_sha256(template_network())


def test_weights_shrink(exported):
    sizes = {name: report.bytes for name, (_, report) in exported.items()}
    assert sizes["float16"] < 0.6 * sizes["none"]
    assert sizes["dynamic"] < 0.35 * sizes["none"]
    assert sizes["int8"] < 0.35 * sizes["none"]


def tensors(path):
    interpreter = Interpreter(str(path))
    return {d["name"]: d["dtype"] for d in interpreter.get_tensor_details()}


def test_in_int8_the_normalization_stays_float(exported):
    found = tensors(exported["int8"][0])
    normalization = {
        name: dtype
        for name, dtype in found.items()
        if "/normalization" in name and name.endswith(("sub", "AvgPool"))
    }
    assert len(normalization) >= 2
    assert set(normalization.values()) == {np.float32}
    assert np.int8 in [found[name] for name in found if "/logits_" in name]


def test_in_int8_probabilities_are_not_steps_of_a_256th(exported):
    network = inference.LiteRTNetwork(exported["int8"][0])
    shares = network.predict(corpus().images)["probabilities"]
    assert not np.allclose(256 * shares, np.round(256 * shares))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)


def test_an_export_that_answers_otherwise_leaves_nothing(tmp_path):
    """Calibrated on black pictures, int8 cannot tell stripes apart."""
    black = corpus(split="train")
    black = dataclasses.replace(black, images=np.zeros_like(black.images))
    path = tmp_path / "model.tflite"
    with pytest.raises(export.ExportError, match="points, 1.0 are allowed"):
        export.export_litert(
            template_network(),
            path,
            corpus(),
            quantize="int8",
            representative=black,
        )
    assert list(tmp_path.iterdir()) == []


def test_operations_that_litert_lacks_are_refused(tmp_path):
    inputs = keras.Input((48, 48, 1))
    x = keras.ops.erfinv(keras.layers.Flatten()(inputs) / 256 - 0.5)
    model = keras.Model(inputs, keras.layers.Dense(7)(x))
    with pytest.raises(export.ExportError, match="LiteRT lacks: Erfinv$"):
        export.export_litert(model, tmp_path / "model.tflite", corpus())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantize": "int4"}, "`quantize` must be one of none, float16"),
        ({"quantize": "int8"}, "needs `representative`"),
        ({"path": "model.bin"}, "must end in .tflite"),
        ({"corpus": corpus(shape=(32, 32, 1))}, "takes images of shape"),
    ],
)
def test_wrong_arguments(tmp_path, options, message):
    options = {"path": "model.tflite", "corpus": corpus(), **options}
    path = tmp_path / options.pop("path")
    with pytest.raises(ValueError, match=message):
        export.export_litert(template_network(), path, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("quantize", litert.QUANTIZE)
def test_the_network_that_comes_with_the_package(real_data, tmp_path, quantize):
    """The reported figures, on all of PublicTest."""
    folder = REPOSITORY / "saved_models" / "zero_bias_cnn_fer2013"
    report = export.export_litert(
        run_folder.load(folder),
        tmp_path / "model.tflite",
        datasets.fer2013.load_data("val", data_dir=real_data),
        quantize=quantize,
        representative=datasets.fer2013.load_data("train", data_dir=real_data),
    )
    suffix = "" if quantize == "none" else f"_{quantize}"
    name = f"model{suffix}.tflite.parity.json"
    reported = json.loads((folder / name).read_text())
    assert report.images == reported["images"] == 3589
    assert report.accuracy_exported == pytest.approx(
        reported["accuracy_exported"], abs=0.002
    )

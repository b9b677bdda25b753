import dataclasses
import json

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

import keras_fer
from keras_fer import inference
from keras_fer.inference import metadata

PATH = inference.find_pretrained("zero_bias_cnn_fer2013")
CONTENT = PATH.read_bytes()


def strip(content):
    """The same network without our entry."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    model.metadata = [m for m in model.metadata if m.name != b"keras_fer"]
    return pack(model)


def pack(model):
    import flatbuffers

    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def with_entry(text, monkeypatch):
    monkeypatch.setattr(metadata.NetworkInfo, "to_json", lambda self: text)
    info = inference.NetworkInfo(
        name="x", classes=("a", "b"), input_shape=(8, 8, 1)
    )
    return inference.write_info(strip(CONTENT), info)


def test_what_is_written_is_read():
    info = inference.NetworkInfo(
        name="ünïcode",
        classes=("anger", "fear"),
        input_shape=(48, 48, 1),
        normalization=({"layer": "Rescaling", "scale": 0.5},),
        quantize="int8",
        weights_sha256="0" * 64,
    )
    content = inference.write_info(strip(CONTENT), info)
    assert inference.read_info(content) == info
    assert info.keras_fer == keras_fer.__version__


def test_the_network_stays_what_it_was():
    info = inference.read_info(CONTENT)
    images = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), "uint8")
    answers = [
        Interpreter(model_content=content)
        .get_signature_runner("serve")(images=images)["probabilities"]
        .tolist()
        for content in (
            CONTENT,
            strip(CONTENT),
            inference.write_info(strip(CONTENT), info),
        )
    ]
    assert answers[0] == answers[1] == answers[2]


def test_weights_stay_aligned():
    content = np.frombuffer(CONTENT, np.uint8)
    model = schema.Model.GetRootAs(CONTENT)
    checked = 0
    for index in range(model.BuffersLength()):
        data = model.Buffers(index).DataAsNumpy()
        if isinstance(data, np.ndarray) and len(data):
            start = data.__array_interface__["data"][0]
            assert (start - content.__array_interface__["data"][0]) % 16 == 0
            checked += 1
    assert checked > 5


def test_entries_of_others_are_kept():
    model = schema.Model.GetRootAs(CONTENT)
    names = [model.Metadata(i).Name() for i in range(model.MetadataLength())]
    assert b"min_runtime_version" in names and b"keras_fer" in names


def test_without_metadata():
    with pytest.raises(inference.ModelError, match="names no classes"):
        inference.read_info(strip(CONTENT))


def test_of_another_version(monkeypatch):
    entry = inference.read_info(CONTENT).to_json()
    entry |= {"metadata_version": 9, "keras_fer": "7.0"}
    content = with_entry(entry, monkeypatch)
    message = "version 9, written by keras_fer 7.0; .* Export the network again"
    with pytest.raises(inference.ModelError, match=message):
        inference.read_info(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entry: {}, "cannot be read"),
        (lambda entry: [1], "cannot be read"),
        (lambda entry: {"metadata_version": 1}, "incomplete"),
        (lambda entry: {**entry, "classes": 3}, "incomplete"),
        (lambda entry: {**entry, "surprise": 3}, "incomplete"),
    ],
)
def test_spoiled(monkeypatch, change, message):
    entry = inference.read_info(CONTENT).to_json()
    content = with_entry(change(entry), monkeypatch)
    with pytest.raises(inference.ModelError, match=message):
        inference.read_info(content)


def test_of_the_network_that_comes_with_the_package():
    info = inference.read_info(CONTENT)
    result = json.loads((PATH.parent / "metrics.json").read_text())
    assert info.name == PATH.parent.name
    assert info.weights_sha256 == result["weights_sha256"]
    assert list(info.classes) == result["val"]["classes"]
    assert [layer["layer"] for layer in info.normalization] == [
        "Rescaling",
        "LocalContrastNormalization",
    ]
    assert dataclasses.replace(info, name="x").to_json()["name"] == "x"

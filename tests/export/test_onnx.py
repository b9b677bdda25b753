import importlib.util
import json

import numpy as np
import onnx
import onnxruntime
import pytest
from networks import CLASSES
from networks import corpus
from networks import template_network

from keras_fer import export


def test_the_proof_and_what_the_file_says(tmp_path):
    path = tmp_path / "model.onnx"
    report = export.export_onnx(template_network(), path, corpus(), name="mine")
    assert report.format == "onnx" and report.images == 70
    assert report.max_difference <= 1e-4 and report.accuracy_exported == 1

    session = onnxruntime.InferenceSession(path)
    (inputs,) = session.get_inputs()
    assert (inputs.name, inputs.type) == ("images", "tensor(uint8)")
    assert inputs.shape[1:] == [48, 48, 1]
    for size in (1, 5):
        (answer,) = session.run(
            ["probabilities"], {"images": corpus(size).images}
        )
        assert answer.dtype == np.float32
        assert answer.argmax(axis=1).tolist() == list(range(size))
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    info = json.loads(properties["keras_fer"])
    assert tuple(info["classes"]) == CLASSES and info["name"] == "mine"
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "model.onnx",
        "model.onnx.parity.json",
        "model.onnx.parity.png",
    ]


def test_without_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(export.ExportError, match=r"keras_fer\[onnx\]"):
        export.export_onnx(
            template_network(), tmp_path / "model.onnx", corpus()
        )


def test_wrong_name(tmp_path):
    with pytest.raises(ValueError, match="must end in .onnx"):
        export.export_onnx(template_network(), tmp_path / "model", corpus())

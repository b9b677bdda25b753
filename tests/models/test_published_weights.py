import numpy as np
import pytest
import safetensors.numpy
from models import published_networks as published

from keras_fer import models


def faces(side, size=2):
    draws = np.random.default_rng(0)
    coarse = draws.uniform(0, 255, (size, side // 4, side // 4, 3))
    return coarse.repeat(4, axis=1).repeat(4, axis=2).astype("float32")


def save(weights, path, prefix=""):
    arrays = {
        f"{prefix}{name}": np.ascontiguousarray(values, "float32")
        for name, values in weights.items()
    }
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        safetensors.numpy.save_file(arrays, path)
    return path


def test_dan_answers_as_published(tmp_path):
    weights = published.dan_weights()
    path = save(weights, tmp_path / "dan.safetensors", "module.")
    model = models.DAN((64, 64, 3), heads=("logits", "attention"))
    models.load_published_weights(model, path)
    found = model.predict(faces(64), verbose=0)
    logits, heads = published.dan(weights, faces(64).astype(float))
    for name, expected in (("attention", heads), ("logits", logits)):
        scale = max(1, np.abs(expected).max())
        assert np.abs(found[name] - expected).max() / scale < 1e-4, name
    assert np.ptp(logits, axis=0).min() > 1e-3  # the faces tell apart


def test_ddamfn_answers_as_published(tmp_path):
    weights = published.ddamfn_weights(classes=5, side=4)
    path = save(weights, tmp_path / "ddamfn.npz")
    model = models.DDAMFN((64, 64, 3), 5, heads=("logits", "attention"))
    models.load_published_weights(model, path)
    found = model.predict(faces(64), verbose=0)
    logits, heads = published.ddamfn(weights, faces(64).astype(float))
    heads = heads.transpose(0, 1, 3, 4, 2)  # channels last
    for name, expected in (("attention", heads), ("logits", logits)):
        scale = max(1, np.abs(expected).max())
        assert np.abs(found[name] - expected).max() / scale < 1e-4, name
    assert np.ptp(logits, axis=0).min() > 1e-3


def test_other_arrays_are_refused_and_nothing_is_set(tmp_path):
    model = models.DAN((48, 48, 3), 7)
    before = model.get_weights()
    weights = published.dan_weights(classes=8)
    with pytest.raises(ValueError, match=r"fc.weight has shape \(512, 8\), no"):
        models.load_published_weights(
            model, save(weights, tmp_path / "eight.npz")
        )
    weights = published.dan_weights()
    del weights["cat_head3.sa.conv_1x3.0.bias"]
    weights["another.weight"] = np.zeros(3)
    with pytest.raises(
        ValueError,
        match="conv_1x3.0.bias is missing; another.weight is not known",
    ):
        models.load_published_weights(
            model, save(weights, tmp_path / "other.safetensors")
        )
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    (tmp_path / "rafdb.pth").write_bytes(b"\x80\x02pickle")
    with pytest.raises(ValueError, match="pickles are not opened"):
        models.load_published_weights(model, tmp_path / "rafdb.pth")
    (tmp_path / "broken.safetensors").write_bytes(b"none")
    with pytest.raises(ValueError, match="broken.safetensors cannot be read"):
        models.load_published_weights(model, tmp_path / "broken.safetensors")

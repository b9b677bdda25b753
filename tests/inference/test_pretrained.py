import shutil

import pytest

from keras_fer import inference

NAME = "zero_bias_cnn_fer2013"
FILE = inference.saved_models() / NAME / "model_dynamic.tflite"


def test_names_are_those_with_a_network():
    assert NAME in inference.pretrained_names()
    for name in inference.pretrained_names():
        assert inference.find_pretrained(name).is_file()
    assert inference.DEFAULT in inference.pretrained_names()


def test_by_name_by_folder_by_file(tmp_path):
    copy = shutil.copy(FILE, tmp_path)
    assert inference.find_pretrained(NAME) == FILE
    for place in (tmp_path, str(tmp_path), copy):
        assert str(inference.find_pretrained(place)) == copy


def test_of_several_files_the_most_exact_is_taken(tmp_path):
    for name in ("model_int8", "model_dynamic", "model_float16", "model"):
        path = tmp_path / f"{name}.tflite"
        shutil.copy(FILE, path)
        assert inference.find_pretrained(tmp_path) == path


def test_a_name_means_the_same_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "model.tflite").write_bytes(b"")
    assert inference.find_pretrained(NAME) == FILE
    found = inference.find_pretrained(f"./{NAME}")
    assert found.resolve() == tmp_path / NAME / "model.tflite"


def test_what_is_missing_is_said(tmp_path):
    message = f"no network is called 'nope': there is .*{NAME}"
    with pytest.raises(inference.ModelError, match=message):
        inference.find_pretrained("nope")
    (tmp_path / "model.keras").write_bytes(b"")
    with pytest.raises(inference.ModelError, match="--format tflite"):
        inference.find_pretrained(tmp_path)


def test_the_sample_picture_is_there():
    assert inference.sample_picture().is_file()

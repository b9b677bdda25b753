import dataclasses
import sys

import pytest

from keras_fer import cli
from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import demo
from keras_fer.recipes import zero_bias_cnn_procedural_demo as small


def test_everything_once(tmp_path, monkeypatch, capsys):
    """The command, then the function, which goes on; with few faces."""
    few = {"train": 70, "val": 14, "test": 14}
    monkeypatch.setattr(small, "IMAGES", few)
    recipe = dataclasses.replace(small.RECIPE, epochs=1)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    out = tmp_path / "demo"
    monkeypatch.setattr(sys, "argv", ["keras-fer", "demo", "--out", str(out)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    printed = capsys.readouterr().out
    assert f"{inference.DEFAULT:24s} neutral" in printed
    assert "Trust the second" in printed
    assert f"  {out / 'portrait.png'}\n" in printed

    result = demo.demo(out, verbose=0)
    names = {path.name for path in result.files}
    assert names > {
        "README.md",
        "confusion_matrix_test.png",
        "faces.png",
        "model.keras",
        "model.tflite",
        "model.tflite.parity.json",
        "portrait.png",
    }
    assert list(result.answers) == ["this demo", inference.DEFAULT]
    for face in result.answers.values():
        assert face.box is not None and len(face.probabilities) == 7
    low, high = result.accuracy_interval
    assert low <= result.accuracy <= high


def test_the_recipe_is_the_procedural_one_with_less():
    recipe = recipes.get(demo.NAME)
    assert recipe.name == demo.NAME
    assert len(recipe.corpus("val")) == small.IMAGES["val"]
    other = recipes.get("zero_bias_cnn_procedural")
    assert recipe.model is other.model and recipe.epochs < other.epochs

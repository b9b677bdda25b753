import dataclasses

from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import demo
from keras_fer.recipes import zero_bias_cnn_procedural_demo as small


def test_everything_once(tmp_path, monkeypatch):
    """The command's own way with few faces; a second call goes on."""
    few = {"train": 70, "val": 14, "test": 14}
    monkeypatch.setattr(small, "IMAGES", few)
    recipe = dataclasses.replace(small.RECIPE, epochs=1)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    for _ in range(2):
        result = demo.demo(tmp_path / "demo", verbose=0)
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

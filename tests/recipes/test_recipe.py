import dataclasses
import functools
import json

import keras
import pytest

from keras_fer import recipes


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_can_be_found_and_written_down(name):
    recipe = recipes.get(name)
    assert recipe.name == name
    text = json.dumps(recipe.to_json())
    assert "object at" not in text
    assert recipe.paper
    assert recipe.cost
    assert recipe.epochs > 0


def test_values_are_described_with_their_arguments():
    recipe = dataclasses.replace(
        recipes.get("zero_bias_cnn_fer2013"),
        callbacks=(functools.partial(keras.callbacks.EarlyStopping, "loss"),),
    )
    described = recipe.to_json()
    (callback,) = described["callbacks"]
    assert callback["call"].endswith(".EarlyStopping")
    assert callback["args"] == ["loss"]
    rate = described["optimizer"]["learning_rate"]
    assert rate["call"].endswith("CosineDecay")
    assert rate["initial_learning_rate"] == 0.02
    assert described["model"]["input_shape"] == [48, 48, 1]
    assert described["loss"]["from_logits"] is True


def test_an_unknown_recipe_names_those_that_exist():
    with pytest.raises(ValueError, match="'nope'.*zero_bias_cnn_fer2013"):
        recipes.get("nope")
    with pytest.raises(ValueError, match="'run'"):
        recipes.get("run")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"steps_per_epoch": 0}, "steps_per_epoch=0"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"monitor": "test_accuracy"}, "monitor='test_accuracy'"),
        ({"monitor": "loss"}, "monitor='loss'"),
        ({"mode": "auto"}, "mode='auto'"),
        ({"precision": "float16"}, "precision='float16'"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(recipes.get("zero_bias_cnn_fer2013"), **change)

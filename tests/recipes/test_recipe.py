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


def test_a_fold_is_an_ordinary_recipe():
    recipe = recipes.get("zero_bias_cnn_ck_plus_six")
    fold = recipe.of_fold(3)
    assert fold.corpus.keywords["fold"] == 3
    assert fold.corpus.keywords["layout"] == "crops"
    assert dataclasses.replace(
        fold, corpus=recipe.corpus, folds=10
    ) == dataclasses.replace(recipe)
    with pytest.raises(ValueError, match="10 folds, 0 to 9. .*fold=10"):
        recipe.of_fold(10)
    with pytest.raises(ValueError, match="has no folds. Received: fold=3"):
        fold.of_fold(3)


@pytest.mark.parametrize(
    "name",
    [
        "zero_bias_cnn_ck_plus",
        "zero_bias_cnn_ck_plus_six",
        "zero_bias_cnn_ck_plus_seven",
        "zero_bias_cnn_tfd",
    ],
)
def test_ablations_take_away_what_their_names_say(name):
    """A is augmentation, D is dropout (tables 1 and 2 of the paper)."""
    full = recipes.get(name)
    assert full.augmentation
    for kept in ("none", "d", "a"):
        recipe = recipes.get(f"{name}_{kept}")
        assert (recipe.augmentation is not None) == (kept == "a")
        layers = {layer.name for layer in recipe.model().layers}
        assert ("dropout" in layers) == (kept == "d")
        assert (
            dataclasses.replace(
                recipe,
                name=full.name,
                paper=full.paper,
                augmentation=full.augmentation,
                model=full.model,
            )
            == full
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"steps_per_epoch": 0}, "steps_per_epoch=0"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"folds": 0}, "folds=0"),
        ({"monitor": "test_accuracy"}, "monitor='test_accuracy'"),
        ({"monitor": "loss"}, "monitor='loss'"),
        ({"mode": "auto"}, "mode='auto'"),
        ({"precision": "float16"}, "precision='float16'"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(recipes.get("zero_bias_cnn_fer2013"), **change)

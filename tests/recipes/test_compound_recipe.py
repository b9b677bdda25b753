import dataclasses
import json

import pytest

from keras_fer import recipes
from keras_fer.recipes.compound_recipe import CompoundRecipe


def test_it_is_written_down_and_divided_as_any_other():
    recipe = recipes.get("emma_ferplus_resnet18_ce")
    assert isinstance(recipe, CompoundRecipe)
    written = json.loads(json.dumps(recipe.to_json()))
    assert written["mixed"] == ["standardized", "probabilities", "logits"]
    assert written["compounds"]["target"] == "compound"
    single = recipe.of_seed(2)
    assert isinstance(single, CompoundRecipe) and single.seed == 2
    with pytest.raises(ValueError, match="epochs=0"):
        dataclasses.replace(recipe, epochs=0)

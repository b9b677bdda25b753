import dataclasses
import json

import pytest

from keras_fer import recipes
from keras_fer.recipes.siamese_recipe import Comparator


def test_it_can_be_written_down():
    written = recipes.get("siamese_ck_plus").to_json()
    assert json.loads(json.dumps(written)) == written
    published = written["comparators"]["published"]
    assert published["encoder"]["call"].endswith("ComparatorEncoder")
    assert published["shared"] is False
    assert written["guidance"]["weights"] == [0.0, 0.1, 1.0]


@pytest.mark.parametrize("name", ["folds", "pairs", "epochs"])
def test_numbers_below_one(name):
    recipe = recipes.get("siamese_fer2013")
    with pytest.raises(ValueError, match=f"`{name}` .* Received: {name}=0"):
        dataclasses.replace(recipe, **{name: 0})


def test_what_fits_together():
    recipe = recipes.get("siamese_ck_plus")
    for changes in ({"comparator": "other"}, {"folds": 6}):
        guidance = dataclasses.replace(recipe.guidance, **changes)
        with pytest.raises(ValueError, match="a comparator of the recipe"):
            dataclasses.replace(recipe, guidance=guidance)
    with pytest.raises(ValueError, match="must be one of None, .* 'triplet'"):
        Comparator(encoder="x", pretraining="triplet")
    with pytest.raises(ValueError, match="trained on pairs alone"):
        Comparator(encoder="x", shared=False, frozen=True)

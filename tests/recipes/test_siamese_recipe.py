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
    assert not published["shared"] and not published["trained_comparison"]
    assert written["guidance"]["weights"][0] == 0


def test_one_change_at_a_time():
    """From the published wiring, and back from what is the base."""
    recipe = recipes.get("siamese_ck_plus")
    of = recipe.comparators
    shared = dataclasses.replace(of["published"], shared=True)
    trained = dataclasses.replace(of["published"], trained_comparison=True)
    assert shared == of["shared_encoder"]
    assert trained == of["trained_comparison"]
    both = dataclasses.replace(shared, trained_comparison=True)
    assert both == of["both"] and recipe.base == "both"
    fixed = dataclasses.replace(of["published"], fixed_pairs=True)
    assert fixed == of["published_fixed_pairs"]


@pytest.mark.parametrize("name", ["folds", "pairs", "epochs", "batch_size"])
def test_numbers_below_one(name):
    recipe = recipes.get("siamese_fer2013")
    with pytest.raises(ValueError, match=f"`{name}` .* Received: {name}=0"):
        dataclasses.replace(recipe, **{name: 0})
    with pytest.raises(ValueError, match="`faces_of_a_mean` .* least 2"):
        dataclasses.replace(recipe, faces_of_a_mean=1)


def test_what_fits_together():
    recipe = recipes.get("siamese_ck_plus")
    for changes in ({"comparator": "other"}, {"folds": 6}):
        guidance = dataclasses.replace(recipe.guidance, **changes)
        with pytest.raises(ValueError, match="a comparator of the recipe"):
            dataclasses.replace(recipe, guidance=guidance)
    with pytest.raises(ValueError, match="must be one of None, .* 'triplet'"):
        Comparator(encoder="x", pretraining="triplet")
    with pytest.raises(ValueError, match="trained on pairs alone"):
        Comparator(encoder="x", shared=False, pretraining="classification")
    with pytest.raises(ValueError, match="neither encoder nor comparison"):
        Comparator(encoder="x", frozen=True, trained_comparison=False)
    with pytest.raises(ValueError, match="`epochs` must be at least 1"):
        Comparator(encoder="x", epochs=0)
    with pytest.raises(ValueError, match="`base` .* Received: other"):
        dataclasses.replace(recipe, base="other")
    for weights in ((0.1, 1.0), (0.0,), (0.0, 0.0), (-1.0, 0.0, 1.0)):
        with pytest.raises(ValueError, match="must hold 0 once and others"):
            dataclasses.replace(recipe.guidance, weights=weights)
    for name in ("folds", "epochs"):
        with pytest.raises(ValueError, match=f"Received: {name}=0"):
            dataclasses.replace(recipe.guidance, **{name: 0})

import dataclasses
import json

import pytest
from recipes.compact_run import RECIPE

from keras_fer.recipes.compact_recipe import ANNOTATION


def test_where_inputs_come_from():
    sources = {n: head.sources(RECIPE) for n, head in RECIPE.models.items()}
    estimated = ("affect", "valence_arousal")
    assert sources["CAKE-3"]["features"] == ("features", "embedding")
    assert sources["AV1"] == {
        "features": ("affect", "embedding"),
        "valence_arousal": estimated,
    }
    assert sources["AV"]["valence_arousal"] == estimated
    assert sources["true AV"]["valence_arousal"] == ANNOTATION


def test_it_is_written_as_plain_values():
    written = json.loads(json.dumps(RECIPE.to_json()))
    assert written["models"]["true AV"]["annotated"] is True
    assert written["models"]["CAKE-3"]["make"]["call"].endswith("CAKE")
    assert written["domains"]["small"]["folds"] == 2


@pytest.mark.parametrize("name", ["epochs", "seeds"])
def test_refuses(name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1"):
        dataclasses.replace(RECIPE, **{name: 0})

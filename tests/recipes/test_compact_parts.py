import dataclasses

import numpy as np
import pytest
from networks import corpus
from recipes import compact_run
from recipes.compact_run import AFFECT
from recipes.compact_run import CLASSES
from recipes.compact_run import KNOWN
from recipes.compact_run import READ
from recipes.compact_run import RECIPE

from keras_fer import analysis
from keras_fer.datasets import CorpusError
from keras_fer.recipes import compact_parts
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import ANNOTATION
from keras_fer.recipes.compact_recipe import Domain
from keras_fer.recipes.run_folder import RunError


@pytest.fixture
def networks(monkeypatch):
    monkeypatch.setattr(run_folder, "load", compact_run.network)
    return compact_parts.load_networks(RECIPE)


def test_one_network_a_run(networks):
    assert set(networks) == {
        ("features", "embedding"),
        ("affect", "embedding"),
        ("affect", "valence_arousal"),
    }
    both = [networks["affect", k] for k in ("embedding", "valence_arousal")]
    assert both[0] is both[1] is not networks["features", "embedding"]
    settings = compact_parts.settings_of(RECIPE, networks, skip_bad=False)
    assert set(settings["weights_sha256"]) == {"features", "affect"}
    assert len(set(settings["weights_sha256"].values())) == 2


def test_a_backbone_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match="`keras-fer train affect` makes it"):
        compact_parts.load_networks(RECIPE)


def test_a_null_model_has_random_weights(monkeypatch):
    monkeypatch.setattr(run_folder, "load", compact_run.network)
    head = dataclasses.replace(RECIPE.models["CAKE-3"], untrained=True)
    recipe = dataclasses.replace(
        RECIPE, models={**RECIPE.models, "CAKE-3-random": head}
    )
    networks = compact_parts.load_networks(recipe)
    trained, untrained = (
        networks[source, "embedding"]
        for source in ("features", "untrained features")
    )
    pairs = zip(trained.get_weights(), untrained.get_weights(), strict=True)
    kernels = [pair for pair in pairs if pair[0].ndim > 1]
    assert kernels and all((one != other).all() for one, other in kernels)


def test_estimates_that_no_run_gives(networks):
    recipe = dataclasses.replace(RECIPE, affect_backbone=None)
    with pytest.raises(RunError, match="AV1 takes valence and arousal, but"):
        compact_parts.load_networks(recipe)


def test_parts(networks, tmp_path):
    READ.clear()
    parts_of = compact_parts.reader(
        RECIPE, networks, tmp_path, data_dir=None, skip_bad=False
    )
    first, second = parts_of(0), parts_of(1)
    assert first["large", "test"] is second["large", "test"]  # read once
    assert first["small", "test"] is not second["small", "test"]  # folds
    assert READ.count(("large", "val", None)) == 1
    assert [fold for *_, fold in READ if fold is not None] == [0, 0, 1, 1]
    assert parts_of(2)["small", "test"] is first["small", "test"]

    part, faces = first["large", "test"], corpus(70)
    names = faces.labels["expression"]
    rows = names != CLASSES.index("disgust")
    assert [KNOWN[k] for k in part.labels] == [CLASSES[k] for k in names[rows]]
    for (source, layer), values in part.inputs.items():
        if (source, layer) == ANNOTATION:
            expected = AFFECT[names]
        else:
            network = networks[source, layer]
            expected = analysis.embeddings(network, faces.images, layer)
        np.testing.assert_allclose(values, expected[rows], rtol=1e-5)
    (note,) = part.notes
    assert note.endswith("val: 10 images of disgust left out")


def test_annotations_that_are_missing(networks, tmp_path):
    def load(split, **options):
        return corpus(70, split=split)

    domains = {**RECIPE.domains, "third": Domain(load=load)}
    recipe = dataclasses.replace(RECIPE, domains=domains)
    parts_of = compact_parts.reader(
        recipe, networks, tmp_path, data_dir=None, skip_bad=False
    )
    with pytest.raises(CorpusError, match="no valence and arousal, which mod"):
        parts_of(0)
    estimated = {n: h for n, h in recipe.models.items() if not h.annotated}
    recipe = dataclasses.replace(recipe, models=estimated)
    parts_of = compact_parts.reader(
        recipe, networks, tmp_path, data_dir=None, skip_bad=False
    )
    assert ANNOTATION not in parts_of(0)["third", "train"].inputs

import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from corpora import EMOTIONS
from corpora import write_ck48
from corpora import write_ferplus
from corpora import write_sfew
from networks import CLASSES
from networks import corpus
from recipes import compact_run
from recipes.compact_run import KNOWN
from recipes.compact_run import READ
from recipes.compact_run import network
from sklearn.metrics import f1_score

from keras_fer import recipes
from keras_fer.datasets import CorpusError
from keras_fer.recipes import compact
from keras_fer.recipes import cross_validation
from keras_fer.recipes import repetition
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import Domain
from keras_fer.recipes.compact_recipe import Head

_MODELS = ("CAKE-3", "AV1", "true AV")
RECIPE = dataclasses.replace(
    compact_run.RECIPE,
    models={name: compact_run.RECIPE.models[name] for name in _MODELS},
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_folder, "load", network)
        READ.clear()
        return compact.train(RECIPE, tmp_path_factory.mktemp("runs") / "cake")


def test_figures_over_the_seeds(finished):
    result = json.loads((finished / "metrics.json").read_text())
    assert list(result["models"]) == list(RECIPE.models)
    assert result["images"] == {"large": 60, "small": 24}
    cake = result["models"]["CAKE-3"]
    assert cake["dimensions"] == 3 and cake["parameters"] == 25 * 3 + 2 * 24
    own = cake["domains"]["large"]["large"]
    assert len(own["accuracy"]["values"]) == 2
    assert own["accuracy"]["mean"] > 0.5  # by chance one sixth
    for seed in range(2):
        f1 = [
            cake["domains"][d][d]["macro_f1"]["values"][seed]
            for d in RECIPE.domains
        ]
        expected = (60 * f1[0] + 24 * f1[1]) / 84
        value = cake["multi_domain_f1"]["values"][seed]
        assert value == pytest.approx(expected)
    assert result["models"]["AV1"]["dimensions"] == 3
    # Annotated valence and arousal tell most expressions apart.
    true = result["models"]["true AV"]["domains"]["large"]["large"]
    assert true["accuracy"]["mean"] > 0.5
    assert result["splits"] == {"large": "val", "small": "test"}
    (left_out,) = (n for n in result["notes"] if "val: 10 images of" in n)
    assert left_out.endswith("images of disgust left out")
    assert (finished / "dimensions.png").stat().st_size > 10_000
    card = (finished / "README.md").read_text()
    assert "| CAKE-3 | 3 | 123 |" in card
    assert "Each classifier of CAKE-3 on each corpus" in card
    text = " ".join(card.split())
    assert "Measured are large validation, selected on, small test (2" in text


def test_each_seed_has_its_fold(finished):
    del finished
    # Read at the start, and once for all seeds.
    assert READ.count(("large", "val", None)) == 2
    folds = [fold for _, split, fold in READ if split == "test"]
    assert folds == [0, 0, 1]


def test_the_saved_network_answers_as_measured(finished):
    """The first seed, through the backbone."""
    whole = keras.models.load_model(finished / "model.keras")
    faces = corpus(70)
    rows = faces.labels["expression"] != CLASSES.index("disgust")
    labels = np.array(
        [KNOWN.index(CLASSES[k]) for k in faces.labels["expression"][rows]]
    )
    outputs = whole.predict(faces.images[rows], verbose=0)
    assert outputs["embedding"].shape == (60, 3)
    answers = outputs["logits"].argmax(axis=1)
    result = json.loads((finished / "metrics.json").read_text())
    found = result["models"]["CAKE-3"]["domains"]["large"]["large"]
    assert found["accuracy"]["values"][0] == (answers == labels).mean()
    expected = f1_score(labels, answers, average="macro")
    assert found["macro_f1"]["values"][0] == pytest.approx(expected)


def test_resumed_it_trains_what_is_missing(finished, monkeypatch):
    monkeypatch.setattr(run_folder, "load", network)
    with pytest.raises(run.RunError, match="holds a run already"):
        compact.train(RECIPE, finished)
    before = json.loads((finished / "metrics.json").read_text())
    (finished / "parts" / "AV1_1.json").unlink()
    trained = []
    real = compact._train_one

    def counting(recipe, name, seed, parts):
        trained.append((name, seed))
        return real(recipe, name, seed, parts)

    monkeypatch.setattr(compact, "_train_one", counting)
    compact.train(RECIPE, finished, resume=True)
    assert trained == [("AV1", 1)]
    after = json.loads((finished / "metrics.json").read_text())
    del before["training_hours"], after["training_hours"]
    assert after == before
    # Neither other weights nor other data are mixed with what is there.
    monkeypatch.setattr(run_folder, "load", lambda _: network("others"))
    with pytest.raises(run.RunError, match="weights_sha256 differ"):
        compact.train(RECIPE, finished, resume=True)
    path = finished / "parts" / "AV1_1.json"
    part = json.loads(path.read_text())
    part["data_sha256"]["small, train"] = "another"
    path.write_text(json.dumps(part))
    monkeypatch.setattr(run_folder, "load", network)
    with pytest.raises(run.RunError, match="AV1 with seed 1 had other data"):
        compact.train(RECIPE, finished, resume=True)


def test_a_missing_corpus_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "load", network)

    def missing(split, **options):
        raise CorpusError("not here")

    domains = {**RECIPE.domains, "third": Domain(load=missing)}
    recipe = dataclasses.replace(RECIPE, domains=domains)
    for _ in range(2):
        with pytest.raises(CorpusError, match="not here"):
            compact.train(recipe, tmp_path / "run")


def test_other_commands_say_what_it_is(finished, monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    with pytest.raises(run.RunError, match="compares several networks"):
        run.recipe_of(finished)
    for start in (
        run.train,
        repetition.repeat,
        cross_validation.cross_validate,
    ):
        with pytest.raises(run.RunError, match="use compact.train"):
            start(RECIPE, finished)
    with pytest.raises(run.RunError, match="no network of images with one"):
        run_folder.classes_of(finished)


@pytest.mark.slow
def test_the_recipes_of_drawn_faces():
    """Its corpora are drawn, its models are as many as their names say."""
    recipe = recipes.get("cake_procedural")
    train, test = (
        recipe.domains["film"].load(split, data_dir=None, skip_bad=False)
        for split in ("train", "test")
    )
    assert len(train) == 420 and len(test) == 3000
    assert train.info.classes == recipe.classes
    sizes = dict.fromkeys(recipe.domains, 7)
    for name, head in recipe.models.items():
        network = head.make(domains=sizes, heads=("embedding",))
        digits = name.removesuffix("-Norm").removesuffix("-random")
        digits = digits.lstrip("CAKEV-")
        beside = 2 if name.startswith("AV") else 0
        assert network.output_shape[1] == beside + int(digits or 0)
        own = "resnet18_procedural_affect" if beside else None
        assert head.backbone == own
    weighted = recipes.get("cake_procedural_unweighted")
    assert recipe.domain_weights and not weighted.domain_weights
    assert set(weighted.models) < set(recipe.models)
    probe = recipes.get("cake_procedural_probe")
    corpus = probe.domains["web"].load("test", data_dir=None, skip_bad=False)
    assert {"valence", "arousal"} <= set(corpus.labels)
    for name, head in probe.models.items():
        network = head.make(domains={"web": 7}, heads=("embedding",))
        assert network.output_shape[1] == 2 + int(name[2:] or 0)
        assert head.annotated and head.backbone is None


@pytest.mark.slow
def test_the_recipe_of_real_corpora(tmp_path, monkeypatch):
    """As it stands, on small corpora, a seed and two models."""
    recipe = recipes.get("cake_fer2013_sfew_ck_plus")
    write_ferplus(tmp_path, 32, 16, kinds=EMOTIONS)
    write_sfew(tmp_path)
    write_ck48(tmp_path)
    few = {name: recipe.models[name] for name in ("CAKE-3", "CAKE-3-Norm")}
    few = {
        name: Head(make=functools.partial(head.make, features_dim=24))
        for name, head in few.items()
    }
    recipe = dataclasses.replace(recipe, models=few, seeds=1, epochs=1)
    monkeypatch.setattr(run_folder, "load", network)
    folder = compact.train(recipe, tmp_path / "run", data_dir=tmp_path)
    result = json.loads((folder / "metrics.json").read_text())
    assert list(result["images"]) == ["fer2013", "sfew", "ck_plus", "ferplus"]
    assert min(result["images"].values()) > 0
    cake = result["models"]["CAKE-3"]
    assert cake["parameters"] == 25 * 3 + 4 * 4 * 7

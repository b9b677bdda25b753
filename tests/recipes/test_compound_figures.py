import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from corpora import write_ferplus
from recipes.drawn_run import RECIPE as PLAIN

from keras_fer import evaluation
from keras_fer import models
from keras_fer import recipes
from keras_fer.datasets import ferplus
from keras_fer.recipes import compound_figures
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.repetition import repeat


def tiny():
    images = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(6)(x))
    return keras.Model(images, keras.layers.Dense(8, name="embedding")(x))


_FULL = recipes.get("emma_ferplus_resnet18_ce")
RECIPE = dataclasses.replace(
    _FULL,
    model=functools.partial(_FULL.model, backbone=tiny),
    epochs=1,
    batch_size=8,
    augmentation=None,
    seeds=2,
)


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """A run of two seeds and its summary."""
    root = tmp_path_factory.mktemp("data")
    write_ferplus(root, 76, 38)
    folder = repeat(RECIPE, root / "run", data_dir=root, verbose=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "get", lambda name: RECIPE)
        return (
            root,
            folder,
            compound_figures.name_compounds(folder, data_dir=root),
        )


def test_the_answers_are_those_of_the_composed_networks(named):
    root, folder, summary = named
    assert summary == json.loads((folder / "compounds.json").read_text())
    parts = [
        ferplus.load_data(split, data_dir=root, target="compound")
        for split in ("train", "val")
    ]
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels["expression"] for part in parts])
    assert summary["samples"] == len(images) == 66
    assert set(summary["counts"].values()) == {6}
    train = ferplus.load_data("train", data_dir=root, target="basic")
    for way in ("standardized", "probabilities", "logits"):
        expected = []
        for seed in (0, 1):
            network = run_folder.load(folder / f"seed_{seed}")
            seen = network.predict(train.images.astype("float32"), verbose=0)
            statistics = seen.mean(axis=0), seen.std(axis=0)
            composed = models.compose(
                network,
                ferplus.COMPOUND_INFO.classes,
                ferplus.BASIC,
                head="logits" if way == "standardized" else way,
                statistics=statistics if way == "standardized" else None,
            )
            scores = composed.predict(images.astype("float32"), verbose=0)
            expected.append(scores.argmax(axis=1))
        kept, answers = run_folder.read_answers(f"compounds_{way}", folder)
        np.testing.assert_array_equal(kept, labels)
        np.testing.assert_array_equal(answers, expected)
        found = summary["heads"][way]
        statistics = evaluation.run_statistics(labels, answers)
        assert found["uar"] == statistics["uar"]
        assert np.isclose(np.mean(found["recall"]), found["uar"]["mean"])
        assert np.sum(found["confusion"]) == 2 * 66
    ways = [summary["heads"][way]["confusion"] for way in RECIPE.mixed]
    assert ways[0] != ways[1]
    assert len(summary["random"]["uar"]["values"]) == 3
    assert len(summary["compounds_sha256"]) == 2
    assert (folder / "confusion_matrix_compounds.png").stat().st_size > 10_000
    card = (folder / "README.md").read_text()
    assert "66 faces of ferplus" in card and "over 2 networks" in card
    uar = summary["heads"]["logits"]["uar"]["mean"]
    (row,) = (line for line in card.splitlines() if line[:9] == "| logits ")
    assert row.split("|")[3].startswith(f" {100 * uar:.1f} ± ")


def test_cosines_are_standardized_where_there_are_no_logits(
    tmp_path, monkeypatch
):
    margin = recipes.get("emma_procedural_resnet18_arcface")
    recipe = dataclasses.replace(
        RECIPE,
        model=functools.partial(margin.model, backbone=tiny, trained=None),
        loss=margin.loss,
        mixed=margin.mixed,
        seeds=None,
    )
    write_ferplus(tmp_path, 76, 38)
    folder = run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    compound_figures.name_compounds(folder, data_dir=tmp_path)
    network = run_folder.load(folder)
    assert network.output_names == ["cosines"]
    assert "| standardized |" in (folder / "README.md").read_text()
    load = functools.partial(ferplus.load_data, data_dir=tmp_path)
    seen = network.predict(load(target="basic").to_dataset(64), verbose=0)
    faces = [load(split, target="compound") for split in ("train", "val")]
    cosines = np.concatenate(
        [network.predict(part.to_dataset(64), verbose=0) for part in faces]
    )
    matrix = models.emma.coupling_matrix(
        {
            name: dict.fromkeys(name.split("-"), 0.5)
            for name in ferplus.COMPOUND_INFO.classes
        },
        ferplus.BASIC,
    )
    scores = (cosines - seen.mean(axis=0)) / seen.std(axis=0) @ matrix
    _, named = run_folder.read_answers("compounds_standardized", folder)
    np.testing.assert_array_equal(named[0], scores.argmax(axis=1))


def test_other_compounds_than_when_it_was_made_are_refused(named, monkeypatch):
    root, folder, _ = named
    other = functools.partial(ferplus.load_data, target="majority")
    changed = dataclasses.replace(RECIPE, compounds=other)
    monkeypatch.setattr(recipes, "get", lambda name: changed)
    with pytest.raises(run.RunError, match="now names other compounds"):
        compound_figures.name_compounds(folder, data_dir=root)


def test_slopes_are_those_of_the_runs_beside_it(tmp_path, monkeypatch):
    summaries = {}
    monkeypatch.setattr(
        compound_figures, "name_compounds", lambda path, **_: summaries[path]
    )
    for slope, mean in ((1.0, 0.3), (0.1, 0.5)):
        path = tmp_path / f"emma_slope_{round(100 * slope):03}"
        path.mkdir()
        settings = {"recipe": {"model": {"negative_slope": slope}}}
        (path / "recipe.json").write_text(json.dumps(settings))
        figures = {"mean": mean, "std": None}
        summaries[path] = {
            "runs": ["seed_0"],
            "heads": {"similarity": {"uar": figures, "accuracy": figures}},
        }
    (tmp_path / "emma").mkdir()
    found = compound_figures.draw_slopes(tmp_path / "emma")
    assert list(found) == ["0.1", "1"]
    assert found["1"]["similarity"]["uar"]["mean"] == 0.3
    assert (tmp_path / "emma" / "slopes.png").stat().st_size > 10_000
    summaries[path]["runs"].append("seed_1")
    with pytest.raises(run.RunError, match="1 of emma_slope_100|2 of emma_s"):
        compound_figures.draw_slopes(tmp_path / "emma")
    with pytest.raises(run.RunError, match="no run called .*none_slope"):
        compound_figures.draw_slopes(tmp_path / "none")


def test_other_runs_are_refused(named, monkeypatch):
    _, folder, _ = named
    monkeypatch.setattr(run, "recipe_of", lambda _: PLAIN)
    with pytest.raises(run.RunError, match="Received: daf_cnn_procedural"):
        compound_figures.name_compounds(folder)

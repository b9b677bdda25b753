import csv
import dataclasses
import functools
import json

import pytest
from corpora import write_ck48
from recipes.folded_run import RECIPE as FOLDED

from keras_fer import recipes
from keras_fer.datasets import procedural
from keras_fer.recipes import filter_figures
from keras_fer.recipes import run

SMALL = {"filters": (4, 6, 12), "hidden_dim": 12}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A run on 350 drawn faces, and its recipe."""
    full = recipes.get("zero_bias_cnn_procedural")
    recipe = dataclasses.replace(
        full,
        corpus=functools.partial(full.corpus, images=350),
        model=functools.partial(full.model, **SMALL),
        augmentation=None,
        epochs=1,
        steps_per_epoch=20,
    )
    folder = tmp_path_factory.mktemp("runs") / "drawn"
    return run.train(recipe, folder, verbose=0), recipe


def draw(folder, recipe, monkeypatch, **options):
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    return filter_figures.draw_filters(folder, permutations=40, **options)


@pytest.mark.slow
def test_on_drawn_faces(drawn, monkeypatch):
    folder, recipe = drawn
    summary = draw(folder, recipe, monkeypatch, split="test")
    stem = "filters_conv3_test"
    assert summary == json.loads((folder / f"{stem}.json").read_text())
    assert summary["images"] == 350
    assert summary["layer"] == "conv3"
    assert set(summary["units"]) < set(procedural.UNITS)
    assert summary["untrained"]["filters"] == 12
    with open(folder / f"{stem}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["filter"] for row in rows] == [str(n) for n in range(12)]
    for kind in ("permuted over all images", "permuted within expression"):
        beaten = [row for row in rows if float(row[f"p, {kind}"]) <= 0.05]
        count = summary["trained"][f"best unit beats units {kind}"]
        assert count == len(beaten)
        raised = sum(row[f"raises, {kind}"] == "1" for row in beaten)
        energy = summary["trained"]["energy of patterns"][
            f"filters whose best unit beats units {kind}"
        ]
        assert energy["filters"] == raised
        if raised:
            low, high = energy["95 % of permutations"]
            mean = energy["where the best unit of another filter acts"]
            assert 0 <= low <= mean + 1e-9 <= high + 2e-9 <= 1 + 2e-9
    assert summary["trained"]["best unit beats units permuted over all images"]
    for name in ("patterns", "divergence"):
        assert (folder / f"{stem}_{name}.png").stat().st_size > 10_000
    assert draw(folder, recipe, monkeypatch, split="test") == summary


@pytest.mark.slow
def test_without_action_units_expressions_stand_in(tmp_path, monkeypatch):
    write_ck48(tmp_path, subjects=90)
    fold = dataclasses.replace(
        FOLDED, epochs=1, model=functools.partial(FOLDED.model, **SMALL)
    ).of_fold(0)
    folder = run.train(fold, tmp_path / "run", data_dir=tmp_path, verbose=0)
    monkeypatch.setattr(recipes, "get", lambda name: fold)
    options = {"data_dir": tmp_path, "permutations": 20}
    summary = filter_figures.draw_filters(folder, **options)
    assert summary["split"] == "train"
    assert summary["units"] == list(
        "anger contempt disgust fear happiness sadness surprise".split()
    )
    assert "energy of patterns" not in summary["trained"]
    assert not any("within" in key for key in summary["trained"])
    with pytest.raises(ValueError, match="called 'conv9'"):
        filter_figures.draw_filters(folder, layer="conv9", **options)
    with pytest.raises(run.RunError, match="ck_plus, val: no unit .* Another"):
        filter_figures.draw_filters(folder, split="val", **options)

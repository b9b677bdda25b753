import csv
import dataclasses
import json
import shutil

import numpy as np
import pytest
from corpora import write_fer2013_csv
from recipes.killed_run import RECIPE

from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes import table
from keras_fer.recipes.repetition import repeat

SEEDS = dataclasses.replace(RECIPE, epochs=1, seeds=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_fer2013_csv(root, train=28, val=14)
    return root


@pytest.fixture(scope="module")
def repeated(data, tmp_path_factory):
    """Two seeds, and later the third."""
    folder = tmp_path_factory.mktemp("runs") / "seeds"
    repeat(SEEDS, folder, seeds=[0, 2], data_dir=data, verbose=0)
    with pytest.raises(run_folder.RunError, match="holds a run"):
        repeat(SEEDS, folder, data_dir=data, verbose=0)
    assert result_of(folder)["seeds"] == [0, 2]
    return repeat(SEEDS, folder, data_dir=data, resume=True, verbose=0)


def result_of(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_each_seed_is_the_run_that_it_is_alone(data, repeated, tmp_path):
    alone = run.train(
        SEEDS.of_seed(2), tmp_path / "run", data_dir=data, verbose=0
    )
    hashes = result_of(repeated)["weights_sha256"]
    assert len(set(hashes)) == 3
    assert hashes[2] == result_of(alone)["weights_sha256"]


def test_the_seeds_are_named_where_the_run_itself_has_no_network(repeated):
    with pytest.raises(run_folder.RunError, match=r"its seeds is a run: .*_2"):
        run_folder.load(repeated)


def test_the_confusion_matrix_is_that_of_all_seeds(repeated, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        run_folder, "write_confusion", lambda report, _: drawn.append(report)
    )
    path = repeated / "confusion_matrix_val.png"
    assert path.stat().st_size > 10_000
    repeat(SEEDS, repeated, data_dir=None, resume=True, verbose=0)
    report, result = drawn[-1], result_of(repeated)
    labels, named = run_folder.read_answers("val", repeated)
    expected = np.zeros((7, 7), int)
    np.add.at(expected, (np.tile(labels, 3), named.ravel()), 1)
    np.testing.assert_array_equal(report.confusion, expected)
    assert report.corpus == "fer2013, 3 seeds" and report.samples == 14
    for name in ("accuracy", "uar", "macro_f1"):
        mean = result["repetition"][name]["mean"]
        assert np.isclose(getattr(report, name), mean)
    interval = result["repetition"]["accuracy"]["interval"]
    assert report.accuracy_interval == interval


def test_what_the_runs_have_in_common(repeated):
    result = result_of(repeated)
    assert result["seeds"] == [0, 1, 2] and result["split"] == "val"
    single = [
        result_of(repeated / f"seed_{seed}")["val"]["accuracy"]
        for seed in range(3)
    ]
    accuracy = result["repetition"]["accuracy"]
    assert accuracy["values"] == single
    assert np.isclose(accuracy["mean"], np.mean(single))
    assert np.isclose(accuracy["std"], np.std(single, ddof=1))
    low, high = accuracy["interval"]
    assert low < accuracy["mean"] < high
    labels, named = run_folder.read_answers("val", repeated)
    assert labels.shape == (14,) and named.shape == (3, 14)
    right = (named == labels).mean(axis=1)
    np.testing.assert_allclose(right, single)
    with open(repeated / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["0", "1", "2"]
    card = (repeated / "README.md").read_text()
    assert "over 3 of 3 seeds, on validation, 14\nimages" in card
    assert "chosen by val_accuracy" in card and "| mean | " in card


def test_the_table_names_the_seeds(repeated):
    ours, images = table._ours(result_of(repeated))
    assert ours.endswith("), validation, selected on, seeds 0, 1, 2")
    assert images == "14"


@pytest.mark.slow
def test_runs_of_other_settings_or_data_are_not_pooled(data, tmp_path):
    folder = tmp_path / "seeds"
    longer = dataclasses.replace(SEEDS, epochs=2)
    run.train(longer.of_seed(0), folder / "seed_0", data_dir=data, verbose=0)
    with pytest.raises(run_folder.RunError, match="settings: epochs differ"):
        repeat(SEEDS, folder, seeds=[1], data_dir=data, resume=True, verbose=0)
    other = tmp_path / "other"
    write_fer2013_csv(other, train=28, val=21)
    run.train(SEEDS.of_seed(0), tmp_path / "away", data_dir=other, verbose=0)
    shutil.rmtree(folder / "seed_0")
    (tmp_path / "away").rename(folder / "seed_0")
    with pytest.raises(run_folder.RunError, match="on other data"):
        repeat(SEEDS, folder, seeds=[1], data_dir=data, resume=True, verbose=0)


def test_refuses(data, tmp_path):
    with pytest.raises(run.RunError, match="has no seeds"):
        repeat(RECIPE, tmp_path / "x", data_dir=data)
    with pytest.raises(run.RunError, match="3 seeds: use repeat"):
        run.train(SEEDS, tmp_path / "x", data_dir=data)
    with pytest.raises(ValueError, match="`folds` or `seeds`"):
        dataclasses.replace(SEEDS, folds=2)
    with pytest.raises(run_folder.RunError, match="no answers_val.npz"):
        run_folder.read_answers("val", tmp_path)

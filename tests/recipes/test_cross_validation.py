import csv
import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from corpora import write_ck48
from recipes.folded_run import RECIPE

from keras_fer.datasets import CorpusError
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.cross_validation import cross_validate

SCRIPT = Path(__file__).parent / "folded_run.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_ck48(root)
    return root


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "folds"
    return cross_validate(
        RECIPE, folder, folds=[0, 2], data_dir=data, verbose=0
    )


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_what_it_leaves(finished):
    result = metrics(finished)
    report = result["cross_validation"]
    assert report["folds"] == [0, 2]
    assert report["split"] == "test"
    folds = [metrics(finished / f"fold_{fold}") for fold in (0, 2)]
    values = [fold["test"]["accuracy"] for fold in folds]
    assert report["accuracy"]["values"] == values
    assert report["accuracy"]["mean"] == pytest.approx(np.mean(values))
    assert report["samples"] == sum(fold["test"]["samples"] for fold in folds)
    for brief, fold in zip(result["folds"], folds, strict=True):
        assert brief["weights_sha256"] == fold["weights_sha256"]
        assert brief["val"]["accuracy"] == fold["val"]["accuracy"]
    with open(finished / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["fold"], row["epoch"]) for row in rows] == [
        (fold, epoch) for fold in "02" for epoch in "123"
    ]
    settings = run_folder.read_settings(finished)
    assert settings["folds"] == 10
    assert "fold" not in settings["corpus"]
    card = (finished / "README.md").read_text()
    assert f"{100 * report['accuracy']['mean']:.1f} ± " in card
    assert "| 2 | 14 |" in card
    assert {path.name for path in finished.iterdir()} == {
        "README.md",
        "confusion_matrix_test.png",
        "fold_0",
        "fold_2",
        "folds_test.png",
        "history.csv",
        "metrics.json",
        "recipe.json",
    }


def test_folds_test_on_other_people(finished):
    hashes = [
        run_folder.read_settings(finished / f"fold_{fold}")["data_sha256"]
        for fold in (0, 2)
    ]
    assert hashes[0]["test"] != hashes[1]["test"]
    assert hashes[0]["val"] != hashes[0]["test"]


@pytest.mark.slow
def test_killed_in_the_second_fold_and_resumed(data, finished, tmp_path):
    """The first fold stays, the second goes on, to the same weights."""
    folder = tmp_path / "run"

    def in_a_process(place):
        return subprocess.run(
            [sys.executable, SCRIPT, data, folder, place],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(SCRIPT.parent.parent),
            },
        )

    killed = in_a_process("second fold")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert metrics(folder)["cross_validation"]["folds"] == [0]
    with open(folder / "fold_2" / "history.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
    resumed = in_a_process("nowhere")
    assert resumed.returncode == 0, resumed.stderr
    unbroken, broken = (
        [fold["weights_sha256"] for fold in metrics(path)["folds"]]
        for path in (finished, folder)
    )
    assert unbroken == broken
    assert unbroken[0] != unbroken[1]


@pytest.mark.slow
def test_more_folds_join_those_that_are_there(data, finished, tmp_path):
    quick = dataclasses.replace(RECIPE, epochs=1)
    options = {"data_dir": data, "verbose": 0}
    folder = cross_validate(quick, tmp_path / "run", folds=[1], **options)
    one = metrics(folder)["cross_validation"]
    assert (one["folds"], one["accuracy"]["std"]) == ([1], None)
    with pytest.raises(run.RunError, match="holds a run already"):
        cross_validate(quick, folder, folds=[4], **options)
    cross_validate(quick, folder, folds=[0], resume=True, **options)
    assert metrics(folder)["cross_validation"]["folds"] == [0, 1]
    before = sorted(folder.rglob("*"))
    for changed, more in (
        (RECIPE, {}),
        (quick, {"skip_bad": True}),
        (quick, {"jit": True}),
    ):
        with pytest.raises(run.RunError, match="holds a run with other set"):
            cross_validate(
                changed, folder, folds=[2], resume=True, **options, **more
            )
    # A fold of other settings is found before anything is trained, also
    # where the folder itself does not tell yet.
    (folder / "recipe.json").unlink()
    with pytest.raises(run.RunError, match="fold_0 holds a run with other"):
        cross_validate(RECIPE, folder, folds=[2], resume=True, **options)
    assert len(before) - 1 == len(sorted(folder.rglob("*")))


def test_finished_folds_are_not_run_again(data, finished, monkeypatch):
    monkeypatch.setattr(run, "train", None)
    (finished / "fold_backup").mkdir()
    (finished / "fold_backup" / "metrics.json").touch()
    before = metrics(finished)
    cross_validate(RECIPE, finished, folds=[2, 0], resume=True, data_dir=data)
    assert metrics(finished) == before
    (finished / "fold_backup" / "metrics.json").unlink()
    (finished / "fold_backup").rmdir()


def test_the_policy_of_the_user_stays(data, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        quick = dataclasses.replace(RECIPE, epochs=1, steps_per_epoch=1)
        cross_validate(
            quick, tmp_path / "run", folds=[0], data_dir=data, verbose=0
        )
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_fold_is_evaluated_and_the_whole_is_not(data, finished):
    report = run.evaluate(
        finished / "fold_2", split="test", data_dir=data, verbose=0
    )
    stored = metrics(finished / "fold_2")["test"]
    assert report.accuracy == stored["accuracy"]
    with pytest.raises(
        run.RunError, match="folds is a run: .*fold_0, .*fold_2"
    ):
        run.evaluate(finished, data_dir=data)


def test_refuses(data, tmp_path):
    with pytest.raises(run.RunError, match="has 10 folds: use cross_validate"):
        run.train(RECIPE, tmp_path / "run", data_dir=data)
    with pytest.raises(run.RunError, match="has no folds: use run.train"):
        cross_validate(RECIPE.of_fold(0), tmp_path / "run", data_dir=data)
    with pytest.raises(ValueError, match="0 to 9. Received: fold=10"):
        cross_validate(RECIPE, tmp_path / "run", folds=[0, 10], data_dir=data)
    with pytest.raises(CorpusError, match="looked for ck48/"):
        cross_validate(RECIPE, tmp_path / "run", data_dir=tmp_path)
    assert not (tmp_path / "run").exists()

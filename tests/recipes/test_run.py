import csv
import dataclasses
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from corpora import PAIRS
from corpora import write_ck48
from corpora import write_ck_plus
from corpora import write_fer2013_csv
from corpora import write_ferplus
from corpora import write_image
from corpora import write_sfew
from corpora import write_tfd
from networks import stripes
from recipes.killed_run import RECIPE

from keras_fer import evaluation
from keras_fer import export
from keras_fer import inference
from keras_fer import recipes
from keras_fer.datasets import CorpusError
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

SCRIPT = Path(__file__).parent / "killed_run.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_fer2013_csv(root, train=28, val=14, test=7)
    return root


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """A finished run of the small recipe."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    return run.train(RECIPE, folder, data_dir=data, verbose=0)


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def in_a_process(data, folder, place):
    return subprocess.run(
        [sys.executable, SCRIPT, data, folder, place],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )


@pytest.mark.parametrize(
    "places",
    [
        (("epoch", 2),),
        pytest.param(
            (("epoch", 2), ("checkpoint", 2), ("evaluation", 5)),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_killed_and_resumed(places, data, finished, tmp_path):
    """Byte-identical weights: in an epoch, in a checkpoint, at the end."""
    parts = tmp_path / "parts"
    for place, epochs in places:
        killed = in_a_process(data, parts, place)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert not (parts / "metrics.json").exists()
        with open(parts / "history.csv", newline="") as file:
            assert len(list(csv.DictReader(file))) == epochs
    run.train(RECIPE, parts, data_dir=data, resume=True, verbose=0)
    hashes = [metrics(path)["weights_sha256"] for path in (finished, parts)]
    assert hashes[0] == hashes[1]
    weights = [
        [w.tobytes() for w in run_folder.load(folder).get_weights()]
        for folder in (finished, parts)
    ]
    assert weights[0] == weights[1]
    # The last epoch too: weights, momentum, dropout seeds, rate.
    last = [
        np.load(folder / run_folder.CHECKPOINTS / "checkpoint.npz")
        for folder in (finished, parts)
    ]
    assert last[0].files == last[1].files
    for name in set(last[0].files) - {"state"}:
        np.testing.assert_array_equal(last[0][name], last[1][name])
    states = [json.loads(arrays["state"].tobytes()) for arrays in last]
    assert states[0]["callbacks"] == states[1]["callbacks"]
    rates = [row["learning_rate"] for row in states[1]["history"]]
    assert len(set(rates)) > 1  # the plateau callback did act


def test_another_seed_another_hash(data, finished, tmp_path):
    """That one seed gives one hash, the killed run shows."""
    recipe = dataclasses.replace(RECIPE, seed=1)
    other = run.train(recipe, tmp_path / "other", data_dir=data, verbose=0)
    hashes = [metrics(path)["weights_sha256"] for path in (finished, other)]
    assert hashes[0] != hashes[1]


def test_what_a_run_leaves(finished):
    result = metrics(finished)
    assert result["epochs"] == 5
    assert result["val"]["samples"] == 14
    assert result["test"]["samples"] == 7
    assert result["train_images"] == 28
    assert result["selected_on"] == "val_accuracy"
    network = run_folder.load(finished)
    assert result["parameters"] == network.count_params()
    assert result["weights_sha256"] == export.weights_sha256(network)
    with open(finished / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {"val_balanced_accuracy", "val_macro_f1"} <= set(rows[0])
    best = max(rows, key=lambda row: float(row["val_accuracy"]))
    assert int(best["epoch"]) == result["best_epoch"]
    assert {path.name for path in finished.iterdir()} == {
        ".lock",
        "README.md",
        "answers_test.npz",
        "answers_val.npz",
        "calibration_test.png",
        "calibration_val.png",
        "checkpoints",
        "confusion_matrix_test.png",
        "confusion_matrix_val.png",
        "history.csv",
        "history.png",
        "logs",
        "metrics.json",
        "model.keras",
        "recipe.json",
    }
    labels, named = run_folder.read_answers("val", finished)
    assert (named == labels).mean() == result["val"]["accuracy"]
    assert list(finished.glob("logs/*/events*"))


def test_a_run_learns(tmp_path):
    """Chance is 14 %, and mixed up labels or broken images stay there."""
    write_fer2013_csv(tmp_path, train=140, val=70)
    recipe = dataclasses.replace(
        RECIPE,
        augmentation=None,
        callbacks=(),
        model=functools.partial(RECIPE.model, dropout_rate=0),
        optimizer=functools.partial(keras.optimizers.Adam, 3e-3),
        epochs=3,
    )
    folder = run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)
    assert metrics(folder)["val"]["accuracy"] > 0.9


def test_the_saved_network_is_float32(finished):
    network = run_folder.load(finished)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}


def test_the_environment_is_written_down(finished):
    written = json.loads((finished / "recipe.json").read_text())
    assert written["recipe"]["model"]["call"].endswith("ZeroBiasCNN")
    assert written["recipe"]["model"]["filters"] == [4, 6, 8]
    assert written["environment"]["keras"] == keras.__version__


def test_evaluates_as_it_was_written(data, finished):
    for split in ("val", "test"):
        report = run.evaluate(finished, split=split, data_dir=data, verbose=0)
        as_json = json.loads(json.dumps(report.to_json()))
        assert as_json == metrics(finished)[split]
        path = finished / f"evaluation_{split}.json"
        assert json.loads(path.read_text()) == as_json
        path.unlink()


def test_a_second_run_in_one_folder_is_refused(data, finished):
    before = sorted(finished.rglob("*"))
    with pytest.raises(run.RunError, match="holds a run already.*--resume"):
        run.train(RECIPE, finished, data_dir=data, verbose=0)
    assert sorted(finished.rglob("*")) == before


def test_resuming_another_recipe_is_refused(data, finished):
    other = dataclasses.replace(RECIPE, batch_size=4, seed=3)
    with pytest.raises(run.RunError, match="batch_size, seed differ"):
        run.train(other, finished, data_dir=data, resume=True, verbose=0)


def test_resuming_on_other_data_is_refused(finished, tmp_path):
    write_fer2013_csv(tmp_path, train=35, val=14, test=7)
    with pytest.raises(run.RunError, match="data_sha256 differ"):
        run.train(RECIPE, finished, data_dir=tmp_path, resume=True, verbose=0)


def test_a_changed_recipe_is_not_evaluated_on_other_data(
    data, finished, monkeypatch
):
    with pytest.raises(run.RunError, match="Received: train"):
        run.evaluate(finished, split="train", data_dir=data)
    changed = functools.partial(RECIPE.corpus, drop_leaks=False)
    monkeypatch.setattr(
        recipes,
        "get",
        lambda name: dataclasses.replace(RECIPE, corpus=changed),
    )
    with pytest.raises(run.RunError, match="now reads other data"):
        run.evaluate(finished, data_dir=data)


def test_resuming_a_finished_run_changes_nothing(data, finished):
    before = metrics(finished)
    run.train(RECIPE, finished, data_dir=data, resume=True, verbose=0)
    assert metrics(finished) == before


def test_starts_from_the_weights_of_another_run(data, finished, tmp_path):
    still = dataclasses.replace(
        RECIPE,
        epochs=1,
        optimizer=functools.partial(keras.optimizers.SGD, 0.0),
    )
    folder = run.train(
        still, tmp_path / "run", data_dir=data, init=finished, verbose=0
    )
    assert (
        metrics(folder)["weights_sha256"] == metrics(finished)["weights_sha256"]
    )
    # A resumed run remembers where it came from.
    run.train(still, folder, data_dir=data, resume=True, verbose=0)
    settings = json.loads((folder / "recipe.json").read_text())["recipe"]
    assert settings["init"] == str(finished)
    bigger = dataclasses.replace(
        RECIPE,
        model=functools.partial(RECIPE.model, filters=(5, 6, 8)),
    )
    with pytest.raises(run.RunError, match="do not fit the recipe's network"):
        run.train(
            bigger, tmp_path / "x", data_dir=data, init=finished, verbose=0
        )
    with pytest.raises(run.RunError, match="^[^:]*: no finished run"):
        run.train(
            RECIPE, tmp_path / "x", data_dir=data, init=tmp_path, verbose=0
        )
    assert not (tmp_path / "x").exists()


def own_faces(root, classes=("anger", "boredom", "fear"), count=12):
    """A corpus of one's own: one class that FER2013 does not have."""
    for split in ("train", "val"):
        for label, name in enumerate(classes):
            for number in range(count):
                path = root / split / name / f"{number}.png"
                write_image(path, stripes(label, (48, 48, 1), number))
    return root


def test_an_own_corpus_takes_over_what_both_know(data, finished, tmp_path):
    """The body and the columns of anger and fear, by name; boredom is new."""
    mine = own_faces(tmp_path / "mine")
    still = dataclasses.replace(
        RECIPE,
        epochs=1,
        augmentation=None,
        callbacks=(),
        optimizer=functools.partial(keras.optimizers.SGD, 0.0),
    )
    recipe = run.on_own_corpus(still, mine)
    assert recipe.model().output_shape == (None, 3)
    folder = run.train(
        recipe, tmp_path / "run", data_dir=mine, init=finished, verbose=0
    )
    assert metrics(folder)["val"]["classes"] == ["anger", "boredom", "fear"]
    before, after = (run_folder.load(path) for path in (finished, folder))
    for layer in after.layers[:-1]:
        for new, old in zip(
            layer.get_weights(),
            before.get_layer(layer.name).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(new, old)
    known = metrics(finished)["val"]["classes"]
    for new, old in zip(
        after.layers[-1].get_weights(),
        before.layers[-1].get_weights(),
        strict=True,
    ):
        for place, name in ((0, "anger"), (2, "fear")):
            np.testing.assert_array_equal(
                new[..., place], old[..., known.index(name)]
            )
    kernel = after.layers[-1].get_weights()[0]
    assert np.abs(kernel[:, 1]).max() > 0  # drawn anew
    # What was trained on an own corpus is evaluated and resumed on it.
    report = run.evaluate(folder, data_dir=mine, verbose=0)
    assert report.samples == 36
    run.train(recipe, folder, data_dir=mine, resume=True, verbose=0)
    # Other expressions, and the same number of them.
    other = own_faces(tmp_path / "other", ("anger", "calm", "fear"))
    with pytest.raises(run.RunError, match="boredom, fear. Received: .*calm"):
        run.evaluate(folder, data_dir=other, verbose=0)
    with pytest.raises(run.RunError, match="trained on anger, boredom, fear"):
        run.export(folder, "tflite", data_dir=other)
    with pytest.raises(run.RunError, match="classes, data_sha256 differ|class"):
        run.train(recipe, folder, data_dir=other, resume=True, verbose=0)
    one = own_faces(tmp_path / "one", ("anger",))
    with pytest.raises(run.RunError, match="two expressions. Received: anger"):
        run.on_own_corpus(RECIPE, one)


def test_a_network_of_the_package_is_found_by_its_name(tmp_path):
    mine = own_faces(tmp_path / "mine")
    recipe = dataclasses.replace(
        run.on_own_corpus(recipes.get("zero_bias_cnn_own"), mine),
        epochs=1,
        steps_per_epoch=1,
        batch_size=8,
    )
    folder = run.train(
        recipe,
        tmp_path / "run",
        data_dir=mine,
        init="zero_bias_cnn_fer2013",
        verbose=0,
    )
    settings = run_folder.read_settings(folder)
    assert settings["init"] == "zero_bias_cnn_fer2013"
    with pytest.raises(run.RunError, match="nope: no finished run"):
        run.train(recipe, tmp_path / "x", data_dir=mine, init="nope")


@pytest.mark.slow
def test_two_devices_train_as_one(data, tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT.with_name("mirrored_run.py"), data, tmp_path],
        capture_output=True,
        text=True,
    )
    assert "asked for 4 devices, found 2" in done.stderr
    one, two = (run_folder.load(tmp_path / name).get_weights() for name in "12")
    for single, mirrored in zip(one, two, strict=True):
        np.testing.assert_allclose(single, mirrored, atol=1e-5)
    assert not (tmp_path / "4").exists()


def test_a_batch_is_shared_evenly(data, tmp_path):
    odd = dataclasses.replace(RECIPE, batch_size=7)
    for devices in (2, 0):
        message = f"batches of 7 cannot be shared by {devices} devices"
        with pytest.raises(run.RunError, match=message):
            run.train(odd, tmp_path / "run", data_dir=data, devices=devices)


def test_a_missing_corpus_leaves_no_folder(tmp_path):
    with pytest.raises(CorpusError, match="looked for fer2013/"):
        run.train(RECIPE, tmp_path / "run", data_dir=tmp_path, verbose=0)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_shape": (48, 48, 3)}, r"\(48, 48, 3\).*\(48, 48, 1\)"),
        ({"num_classes": 8}, "names 8 classes, but fer2013 has 7: anger"),
        ({"heads": ("logits", "embedding")}, "one head.*logits, embedding"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(
    data, tmp_path, arguments, message
):
    wrong = dataclasses.replace(
        RECIPE, model=functools.partial(RECIPE.model, **arguments)
    )
    with pytest.raises(run.RunError, match=message):
        run.train(wrong, tmp_path / "run", data_dir=data, verbose=0)
    assert not (tmp_path / "run").exists()


def test_less_than_a_batch_is_refused(data, tmp_path):
    large = dataclasses.replace(RECIPE, batch_size=512)
    with pytest.raises(run.RunError, match="28 training images.*512"):
        run.train(large, tmp_path / "run", data_dir=data, verbose=0)


def smoke(name, data_dir, folder, **changes):
    """Two steps of a recipe as it stands, on a small corpus."""
    recipe = dataclasses.replace(
        recipes.get(name), epochs=1, steps_per_epoch=2, batch_size=8, **changes
    )
    if recipe.folds:
        recipe = recipe.of_fold(1)
    if recipe.seeds:
        recipe = recipe.of_seed(3)
    run.train(recipe, folder, data_dir=data_dir, verbose=0)
    result = metrics(folder)
    measure = "rmse" if recipe.estimates else "calibration_error"
    assert np.isfinite(result["val"][measure]).all()
    assert result["parameters"] == recipe.model().count_params()


def test_smoke_fer2013(data, tmp_path):
    smoke("zero_bias_cnn_fer2013", data, tmp_path / "run")


@pytest.mark.slow
def test_smoke_ck_plus(tmp_path):
    write_ck_plus(tmp_path)
    smoke("zero_bias_cnn_ck_plus", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_tfd(tmp_path):
    write_tfd(tmp_path)
    smoke("zero_bias_cnn_tfd", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_ck_plus_six(tmp_path):
    write_ck48(tmp_path)
    smoke("zero_bias_cnn_ck_plus_six", tmp_path, tmp_path / "run")
    assert len(metrics(tmp_path / "run")["test"]["classes"]) == 6


def test_smoke_own(tmp_path):
    own_faces(tmp_path, count=16)
    recipe = run.on_own_corpus(recipes.get("zero_bias_cnn_own"), tmp_path)
    changes = {"corpus": recipe.corpus, "model": recipe.model}
    smoke("zero_bias_cnn_own", tmp_path, tmp_path / "run", **changes)


@pytest.mark.slow
def test_smoke_ck_plus_seven(tmp_path):
    write_ck48(tmp_path)
    smoke("zero_bias_cnn_ck_plus_seven", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_sfew(tmp_path):
    write_sfew(tmp_path)
    smoke("zero_bias_cnn_sfew", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_sfew_fine_tuned(tmp_path):
    """It starts from the network of the package."""
    write_sfew(tmp_path)
    still = {"optimizer": functools.partial(keras.optimizers.SGD, 0.0)}
    folder = tmp_path / "run"
    smoke("zero_bias_cnn_sfew_fine_tuned", tmp_path, folder, **still)
    settings = json.loads((folder / "recipe.json").read_text())
    assert settings["recipe"]["init"] == "zero_bias_cnn_fer2013"
    shipped = inference.saved_models() / "zero_bias_cnn_fer2013"
    one, other = (
        run_folder.load(path).get_weights() for path in (shipped, folder)
    )
    for before, after in zip(one[:-2], other[:-2], strict=True):
        np.testing.assert_array_equal(before, after)


def test_another_start_than_the_recipe_names(data, finished, tmp_path):
    still = dataclasses.replace(
        RECIPE,
        epochs=1,
        optimizer=functools.partial(keras.optimizers.SGD, 0.0),
        init=str(tmp_path / "nothing"),
    )
    with pytest.raises(run.RunError, match="nothing: no finished run"):
        run.train(still, tmp_path / "x", data_dir=data, verbose=0)
    folder = run.train(
        still, tmp_path / "run", data_dir=data, init=finished, verbose=0
    )
    hashes = [metrics(path)["weights_sha256"] for path in (folder, finished)]
    assert hashes[0] == hashes[1]


def test_where_runs_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    assert run.find_run("net/seed_0") == Path("net/seed_0")
    places = Path("runs"), Path("saved_models"), tmp_path / "package"
    for place in places:  # each goes before the one before
        folder = place / "net" / "seed_0"
        folder.mkdir(parents=True)
        assert run.find_run("net/seed_0") != folder
        (folder / "model.keras").touch()
        assert run.find_run("net/seed_0") == folder
    assert run.find_run("./net/seed_0") == Path("net/seed_0")


@pytest.mark.slow
def test_runs_of_the_package_start_by_name(
    data, finished, tmp_path, monkeypatch
):
    """A folder of one's own that is called so is `./name`."""
    shutil.copytree(finished, tmp_path / "package" / "net" / "seed_0")
    shutil.copytree(finished, tmp_path / "package" / "whole")
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    still = dataclasses.replace(
        RECIPE,
        epochs=1,
        optimizer=functools.partial(keras.optimizers.SGD, 0.0),
    )
    for number, name in enumerate(("whole", "net/seed_0")):
        folder = tmp_path / f"run_{number}"
        run.train(still, folder, data_dir=data, init=name, verbose=0)
        hashes = [metrics(p)["weights_sha256"] for p in (folder, finished)]
        assert hashes[0] == hashes[1]
        for other in (f"./{name}", Path(name), "net", "net/other"):
            with pytest.raises(run.RunError, match="no finished run"):
                run.train(still, "x", data_dir=data, init=other, verbose=0)
    shutil.copytree(finished, tmp_path / "whole")
    run.train(still, "own", data_dir=data, init=Path("whole"), verbose=0)
    settings = json.loads(Path("own", "recipe.json").read_text())["recipe"]
    assert settings["init"] == "./whole"  # as a folder when read again


@pytest.mark.slow
def test_smoke_ferplus_compound(tmp_path):
    write_ferplus(tmp_path, 33, 22, kinds=PAIRS)
    smoke("zero_bias_cnn_ferplus_compound", tmp_path, tmp_path / "run")
    assert len(metrics(tmp_path / "run")["val"]["classes"]) == 11


def test_smoke_daf_cnn_fer2013_small(data, tmp_path):
    """Several heads, and a trainer that holds the network."""
    folder = tmp_path / "run"
    smoke("daf_cnn_fer2013_small", data, folder)
    result = metrics(folder)
    assert result["selected_on"] is None and result["best_epoch"] == 1
    network = run_folder.load(folder)
    assert set(network.output) == {"logits", "embedding", "distances"}
    with open(folder / "history.csv", newline="") as file:
        assert {"softmax", "triplet_center"} <= set(next(csv.DictReader(file)))


@pytest.mark.slow
def test_smoke_daf_cnn_fer2013(data, tmp_path):
    smoke("daf_cnn_fer2013", data, tmp_path / "run")
    assert metrics(tmp_path / "run")["parameters"] < 3.5e6


@pytest.mark.slow
def test_smoke_daf_cnn_sfew(tmp_path):
    write_sfew(tmp_path)
    smoke("daf_cnn_sfew", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_daf_cnn_sfew_fine_tuned(tmp_path):
    write_sfew(tmp_path)
    smoke("daf_cnn_sfew_fine_tuned", tmp_path, tmp_path / "run")


@pytest.mark.slow
def test_smoke_daf_cnn_sfew_centers(tmp_path):
    """The nearest center answers, after training without softmax."""
    write_sfew(tmp_path)
    smoke("daf_cnn_sfew_centers", tmp_path, tmp_path / "run")
    network = run_folder.load(tmp_path / "run")
    outputs = network.predict(np.zeros((1, 48, 48, 1)), verbose=0)
    np.testing.assert_allclose(outputs["logits"], -outputs["distances"])


@pytest.mark.slow
def test_smoke_daf_cnn_procedural(tmp_path):
    corpus = recipes.get("daf_cnn_procedural").corpus
    few = functools.partial(corpus, images=28)
    smoke("daf_cnn_procedural", None, tmp_path / "run", corpus=few)


@pytest.mark.slow
def test_smoke_daf_cnn_fer2013_full(data, tmp_path):
    """At a tenth of its channels."""
    model = recipes.get("daf_cnn_fer2013_full").model
    small = functools.partial(model, width=0.1)
    smoke("daf_cnn_fer2013_full", data, tmp_path / "run", model=small)


def estimating():
    """The recipe of valence and arousal, with a network of two layers."""

    def network(heads):
        (head,) = heads
        images = keras.Input((48, 48, 1))
        x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
        return keras.Model(images, keras.layers.Dense(2, name=head)(x))

    full = recipes.get("resnet18_procedural_affect")
    return dataclasses.replace(
        full,
        corpus=functools.partial(full.corpus, images=56),
        model=functools.partial(network, heads=("valence_arousal",)),
        augmentation=None,
        batch_size=8,
        epochs=2,
    )


def test_a_run_that_estimates_numbers(tmp_path, monkeypatch):
    recipe = estimating()
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    result = metrics(folder)
    assert result["selected_on"] == "val_concordance_correlation"
    network = run_folder.load(folder)
    for split in ("val", "test"):
        corpus = recipe.corpus(split)
        answers = network.predict(corpus.images, verbose=0)
        targets = [corpus.labels[name] for name in ("valence", "arousal")]
        expected = evaluation.regression_report(
            np.stack(targets, axis=1), answers, corpus="procedural", split=split
        )
        np.testing.assert_allclose(
            result[split]["ccc"], expected.ccc, rtol=1e-3
        )
        path = folder / f"estimates_{split}.png"
        assert path.stat().st_size > 10_000
    assert (folder / "history.png").stat().st_size > 10_000
    card = (folder / "README.md").read_text()
    valence = result["test"]["ccc"][0]
    assert f"| valence {valence:.3f} (" in card
    assert "Outputs are valence, arousal, linear, in this order." in card
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    report = run.evaluate(folder, verbose=0)
    np.testing.assert_allclose(report.ccc, result["val"]["ccc"], rtol=1e-5)
    with pytest.raises(run.RunError, match="only networks of expressions"):
        run.export(folder, "tflite")


def test_what_cannot_be_estimated(data, tmp_path):
    recipe = estimating()
    for changes, message in (
        (
            {"target": ("valence", "age")},
            "no column age. There are: expression",
        ),
        (
            {"target": ("valence", "arousal", "intensity")},
            r"network of 3 numbers, .* Received: \(None, 2\)",
        ),
    ):
        with pytest.raises(run.RunError, match=message):
            wrong = dataclasses.replace(recipe, **changes)
            run.train(wrong, tmp_path / "run", verbose=0)
    assert not (tmp_path / "run").exists()
    for changes, message in (
        ({"seeds": 3}, "no `seeds`. Received: seeds=3"),
        ({"target": "valence"}, "a tuple of columns. Received: .*'valence'"),
        ({"monitor": "val_accuracy"}, "one of val_concordance_correlation"),
    ):
        with pytest.raises(ValueError, match=message):
            dataclasses.replace(recipe, **changes)


@pytest.mark.slow
def test_smoke_resnet18_procedural(tmp_path):
    corpus = recipes.get("resnet18_procedural").corpus
    few = functools.partial(corpus, images=28)
    smoke("resnet18_procedural", None, tmp_path / "run", corpus=few)


@pytest.mark.slow
def test_smoke_ddamfn_procedural(tmp_path):
    corpus = recipes.get("ddamfn_procedural").corpus
    few = functools.partial(corpus, images=64)
    smoke("ddamfn_procedural", None, tmp_path / "run", corpus=few)


@pytest.mark.slow
def test_smoke_resnet18_fer2013(data, tmp_path):
    smoke("resnet18_fer2013", data, tmp_path / "run")


@pytest.mark.slow
def test_smoke_resnet18_procedural_affect(tmp_path):
    corpus = recipes.get("resnet18_procedural_affect").corpus
    few = functools.partial(corpus, images=28)
    smoke("resnet18_procedural_affect", None, tmp_path / "run", corpus=few)


@pytest.mark.slow
def test_smoke_procedural(tmp_path):
    """The recipe's own corpus, fewer of it."""
    corpus = recipes.get("zero_bias_cnn_procedural").corpus
    few = functools.partial(corpus, images=28)
    smoke("zero_bias_cnn_procedural", None, tmp_path / "run", corpus=few)
    assert set(metrics(tmp_path / "run")) > {"val", "test"}


@pytest.mark.slow
def test_smoke_procedural_demo(tmp_path):
    corpus = recipes.get("zero_bias_cnn_procedural").corpus
    few = functools.partial(corpus, images=28)
    smoke("zero_bias_cnn_procedural_demo", None, tmp_path / "run", corpus=few)

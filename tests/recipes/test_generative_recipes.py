import csv
import dataclasses
import functools
import json

import cv2
import keras
import numpy as np
import pytest
from corpora import write_ck48
from corpora import write_fer2013_csv

from keras_fer import models
from keras_fer import recipes
from keras_fer.datasets import procedural
from keras_fer.recipes import action_units_procedural
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

SHAPE = (16, 16, 1)
LOSSES = {
    "vae_procedural": {"reconstruction", "divergence", "classification"},
    "fader_procedural": {"reconstruction", "multiclass", "discriminator"},
}


def small(name, **changes):
    """A recipe on a few faces of 16×16."""
    recipe = recipes.get(name)
    settings = {
        "corpus": functools.partial(recipe.corpus, images=56, size=16),
        "model": functools.partial(
            recipe.model.func,
            SHAPE,
            *recipe.model.args[1:],
            **recipe.model.keywords,
        ),
        "epochs": 1,
        "steps_per_epoch": 2,
        "batch_size": 8,
        "precision": "float32",
        "seeds": None,
    }
    return dataclasses.replace(recipe, **{**settings, **changes})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("vae_procedural", marks=pytest.mark.slow),
        "fader_procedural",
    ],
)
def test_smoke(name, tmp_path):
    """What is saved is the network that the trainer moved."""
    recipe = small(name)
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    result = run_folder.read_result(folder)
    assert np.isfinite(result["test"]["accuracy"])
    assert result["best_epoch"] == 1 and result["selected_on"] is None
    with open(folder / "history.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert LOSSES[name] <= set(row)
    network = run_folder.load(folder)
    images = recipe.corpus("val").images
    found = network.predict(images, verbose=0)
    latents = network.get_layer("encoder").predict(images, verbose=0)
    if isinstance(latents, dict):
        latents = latents["mean"]
    np.testing.assert_allclose(found["latents"], latents, atol=1e-5)
    difference = (images - found["reconstruction"]) / 255
    if name == "fader_procedural":
        expected = np.square(difference).mean()
    else:
        p = np.clip(found["reconstruction"] / 255, 1e-7, 1 - 1e-7)
        x = images / 255
        expected = -(x * np.log(p) + (1 - x) * np.log(1 - p)).mean()
    assert float(row["val_reconstruction"]) == pytest.approx(expected, 1e-3)
    untouched = run_folder.untrained(network, 1)[0]
    moved = [
        not np.array_equal(one, other)
        for one, other in zip(
            network.get_weights(), untouched.get_weights(), strict=True
        )
    ]
    assert all(moved)


def test_encoder_and_decoder_are_exported_apart(tmp_path, monkeypatch):
    recipe = small("vae_procedural")
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    report = run.export(folder, "tflite")
    assert report.max_difference <= 1e-4
    for name in ("encoder.tflite", "decoder.tflite"):
        path = folder / f"{name}.comparison.json"
        assert json.loads(path.read_text())["inputs"] == 56
    assert "model.tflite" in (folder / "README.md").read_text()


class Stop(keras.callbacks.Callback):
    """Stop before the second epoch, where it is armed."""

    armed = False

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1 and Stop.armed:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("name", list(LOSSES))
def test_a_resumed_run_ends_as_an_unbroken_one(name, tmp_path, monkeypatch):
    """Also the discriminator and its optimizer, and what sampling draws."""
    recipe = small(name, epochs=2, callbacks=(Stop,))
    whole = run.train(recipe, tmp_path / "whole", verbose=0)
    broken = tmp_path / "broken"
    monkeypatch.setattr(Stop, "armed", True)
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, broken, verbose=0)
    monkeypatch.undo()
    run.train(recipe, broken, resume=True, verbose=0)
    one, other = (
        run_folder.read_result(path)["weights_sha256"]
        for path in (whole, broken)
    )
    assert one == other


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vae_fer2013", "fader_fer2013"])
def test_smoke_fer2013(name, tmp_path):
    write_fer2013_csv(tmp_path)
    corpus = functools.partial(recipes.get(name).corpus, size=16)
    recipe = small(name, corpus=corpus)
    run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vae_ck_plus", "expression_cnn_ck_plus"])
def test_smoke_ck_plus(name, tmp_path):
    write_ck48(tmp_path)
    recipe = dataclasses.replace(
        recipes.get(name).of_fold(1), epochs=1, steps_per_epoch=2
    )
    folder = run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)
    notes = run_folder.read_result(folder)["notes"]["train"]
    assert any("balanced to 210 of each expression" in note for note in notes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "expression_cnn_procedural",
        "expression_judge_procedural",
        "action_units_procedural",
    ],
)
def test_smoke_of_what_judges(name, tmp_path):
    recipe = dataclasses.replace(
        recipes.get(name), epochs=1, steps_per_epoch=2, batch_size=8
    )
    few = functools.partial(recipe.corpus, images=56)
    recipe = dataclasses.replace(recipe, corpus=few)
    run.train(recipe, tmp_path / "run", verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["expression_cnn_fer2013", "expression_judge_fer2013"]
)
def test_smoke_of_what_judges_fer2013(name, tmp_path):
    write_fer2013_csv(tmp_path)
    recipe = dataclasses.replace(
        recipes.get(name), epochs=1, steps_per_epoch=2, batch_size=8
    )
    run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)


def test_the_conditions_of_figure_8():
    weights = {
        name: (of.multiclass_weight, of.adversarial_weight, of.reference)
        for name in (
            "fader_procedural",
            "fader_procedural_multiclass",
            "fader_procedural_reconstruction",
            "fader_procedural_happiness",
        )
        for recipe in [small(name)]
        for of in [recipe.trainer(recipe.model())]
    }
    assert list(weights.values()) == [
        (1.0, 0.1, 6),
        (1.0, 0.0, 6),
        (0.0, 0.0, 6),
        (1.0, 0.1, 3),
    ]


def test_the_grid_holds_an_autoencoder_and_plain_vaes():
    grid = recipes.vae_procedural.GRID
    weights = {
        (float(vae.beta), float(vae.gamma))
        for recipe in grid
        for vae in [recipe.trainer(models_of(recipe))]
    }
    assert {(0, 0), (2, 0), (0, 10)} <= weights and (2, 10) not in weights
    assert len(weights) == len(grid) == len({one.name for one in grid})
    assert recipes.get("vae_procedural_beta_0p002_gamma_0") in grid


def models_of(recipe):
    return recipe.model.func(
        SHAPE, *recipe.model.args[1:], **recipe.model.keywords
    )


def test_at_the_origin_neutral_has_no_axis():
    recipe = recipes.get("vae_procedural_origin")
    network = models_of(recipe)
    assert network.output["latents"].shape == (None, 6)
    images = np.zeros((1, *SHAPE))
    neutral = recipe.corpus("val", images=7).info.classes.index("neutral")
    logits = network.predict(images, verbose=0)["logits"]
    assert logits[0, neutral] == 0.5
    assert recipe.trainer(network).neutral == neutral


@pytest.mark.parametrize("name", ["vae_procedural", "fader_procedural"])
def test_heads_are_held_still(name):
    still, moving = recipes.get(f"{name}_lab"), recipes.get(name)
    assert still.trainer == moving.trainer and still.model == moving.model
    classes = still.corpus.keywords["classes"]
    first, other = (
        procedural.draw_split("val", images=8, classes=classes, domain=domain)
        for domain in ("lab", "studio")
    )
    assert not first.pose.any() and other.pose.any()
    faces = still.corpus("val", images=8)
    np.testing.assert_array_equal(
        faces.images, procedural.render(first, size=64)
    )


def test_every_other_face_is_blurred():
    options = {"images": 24, "size": 32}
    faces = action_units_procedural.load_units("val", **options)
    sharp = procedural.load_data("val", **options)
    np.testing.assert_array_equal(faces.images[::2], sharp.images[::2])
    edges = [
        np.mean([cv2.Laplacian(i, cv2.CV_64F).var() for i in of.images[1::2]])
        for of in (faces, sharp)
    ]
    assert edges[0] < 0.7 * edges[1]
    column = sharp.action_units.index(12)
    np.testing.assert_array_equal(
        faces.labels["AU12"], sharp.labels["action_unit_intensity"][:, column]
    )
    assert isinstance(
        recipes.get("action_units_procedural").model(), keras.Model
    )
    assert models.DAFCNN is recipes.get("action_units_procedural").model.func

import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from PIL import Image
from recipes.drawn_run import RECIPE as CLASSIFIER
from recipes.test_generative_recipes import small

from keras_fer import recipes
from keras_fer.recipes import latent_figures
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.repetition import repeat

PICTURES = (
    "latents_val",
    "reconstructions_val",
    "traversals",
    "walks_val",
    "changed_val",
    "interpolations_val",
)


def reader_run(folder):
    """A network that reads two action units off pictures of 16×16."""
    images = keras.Input((16, 16, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    network = keras.Model(images, keras.layers.Dense(2)(x))
    folder.mkdir(parents=True)
    run_folder.save(network, folder)
    settings = {"recipe": {"target": ["AU12", "AU15"]}}
    (folder / "recipe.json").write_text(json.dumps(settings))
    (folder / "metrics.json").write_text("{}")


def judge_run(folder):
    images = keras.Input((16, 16, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    network = keras.Model(images, keras.layers.Dense(7)(x))
    folder.mkdir(parents=True)
    run_folder.save(network, folder)
    settings = {"recipe": {"target": "expression"}}
    (folder / "recipe.json").write_text(json.dumps(settings))
    (folder / "metrics.json").write_text("{}")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A Fader network of two seeds, its summary and its recipe."""
    root = tmp_path_factory.mktemp("runs")
    recipe = small("fader_procedural", seeds=2)
    folder = repeat(recipe, root / "fader", verbose=0)
    reader_run(root / "runs" / "action_units_procedural")
    judge_run(root / "runs" / "expression_cnn_procedural")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "get", lambda name: recipe)
        patch.chdir(root)
        return folder, latent_figures.draw_latents(folder), recipe


def test_every_picture_is_there(drawn):
    folder, summary, _ = drawn
    written = json.loads((folder / "latents.json").read_text())
    assert written == json.loads(json.dumps(summary))
    for name in PICTURES:
        assert (folder / f"{name}.png").stat().st_size > 10_000, name
    with Image.open(folder / "walk_sadness.gif") as walk:
        # Pictures that are alike, as a new network's are, become one.
        assert 1 < walk.n_frames <= 2 * latent_figures._FRAMES - 2


def test_figures_of_each_seed(drawn):
    folder, summary, recipe = drawn
    assert len(summary["runs"]) == 2 and summary["axes"] == list(range(7))
    val, train = recipe.corpus("val"), recipe.corpus("train")
    for seed, figures in enumerate(summary["runs"]):
        network = run_folder.load(folder / f"seed_{seed}")
        found = network.predict(val.images, verbose=0)
        error = np.square(val.images - found["reconstruction"]).mean() ** 0.5
        assert figures["rmse"] == pytest.approx(error, rel=1e-4)
        happy = val.labels["expression"] == 3
        own = found["latents"][happy, 3].mean()
        assert figures["axes"]["own"][3] == pytest.approx(own, abs=1e-5)
        assert (
            figures["identity"]["chance"] == 1 / figures["identity"]["people"]
        )
        assert 0 <= figures["identity"]["kept"] <= 1
    mean = train.images.mean(axis=0)
    error = np.square(val.images - mean).mean() ** 0.5
    assert summary["mean_face_rmse"] == pytest.approx(error, rel=1e-4)


def test_nulls_stand_beside_disentanglement(drawn):
    _, summary, _ = drawn
    measured = [
        *[of["disentanglement"] for of in summary["runs"]],
        *summary["untrained"],
        summary["components"],
    ]
    assert len(measured) == 2 + latent_figures._RANDOM + 1
    gaps = [of["mutual_information_gap"] for of in measured]
    assert len(set(gaps)) == len(gaps)


def test_judge_and_reader_look_at_the_ends(drawn):
    _, summary, recipe = drawn
    assert summary["units"] == ["AU12", "AU15"]
    figures = summary["runs"][0]
    assert len(figures["read"]) == len(figures["named"]) == 7
    for axis in figures["named"]:
        np.testing.assert_allclose(np.sum(axis["mean"], axis=1), 1, atol=1e-3)
        assert axis["values"][1] == 0
    for axis in figures["read"]:
        assert np.shape(axis["mean"]) == (3, 2)
        assert axis["error"][1] == [0, 0]
    assert len(figures["reader"]["ccc"]) == 2
    assert 0 <= summary["judge"]["accuracy"] <= 1


def test_without_helpers_and_with_an_expression_at_the_origin(
    tmp_path, monkeypatch, caplog
):
    """No run that judges: its part is left out, and a note says so."""
    recipe = small("vae_procedural_origin")
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    monkeypatch.setattr(latent_figures, "_JUDGE", "nothing_{}")
    monkeypatch.setattr(latent_figures, "_READER", "nothing")
    with caplog.at_level("INFO", logger="keras_fer"):
        summary = latent_figures.draw_latents(folder)
    assert "left out: nothing_procedural" in caplog.text
    assert summary["axes"] == list(range(6))
    assert not {"judge", "units", "reader"} & set(summary)
    assert not {"judge", "read", "named"} & set(summary["runs"][0])
    for name in PICTURES:
        assert (folder / f"{name}.png").stat().st_size > 10_000, name


def test_refuses_a_classifier(tmp_path, monkeypatch):
    recipe = dataclasses.replace(CLASSIFIER, epochs=1)
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    monkeypatch.setattr(recipes, "get", lambda name: recipe)
    with pytest.raises(run.RunError, match="generative model. Received"):
        latent_figures.draw_latents(folder)


def test_pictures_of_another_size_are_left_out(tmp_path, monkeypatch):
    reader_run(tmp_path / "runs" / "reader")
    monkeypatch.chdir(tmp_path)
    assert latent_figures._helper("reader", (48, 48, 1)) is None
    network, target = latent_figures._helper("reader", (16, 16, 1))
    assert target == ["AU12", "AU15"]
    assert functools.reduce(np.multiply, network.output_shape[1:]) == 2

import json

import keras
import numpy as np
import pytest
from PIL import Image
from recipes.drawn_run import RECIPE as CLASSIFIER
from recipes.test_generative_recipes import small

from keras_fer import inference
from keras_fer import recipes
from keras_fer.datasets import fer2013
from keras_fer.recipes import latent_figures
from keras_fer.recipes import latent_measures
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


def helper_run(folder, outputs, scale, target):
    """A network whose answers are the mean gray level, scaled."""
    images = keras.Input((16, 16, 1))
    x = keras.layers.GlobalAveragePooling2D()(images)
    dense = keras.layers.Dense(outputs)
    network = keras.Model(images, dense(x))
    scales = np.broadcast_to(scale, (1, outputs))
    dense.set_weights([scales.astype("float32"), np.zeros(outputs, "float32")])
    folder.mkdir(parents=True)
    run_folder.save(network, folder)
    settings = {"target": target, "classes": list(fer2013.INFO.classes)}
    (folder / "recipe.json").write_text(json.dumps({"recipe": settings}))
    (folder / "metrics.json").write_text("{}")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A Fader network of two seeds, its summary and its recipe."""
    root = tmp_path_factory.mktemp("runs")
    recipe = small("fader_procedural", seeds=2)
    folder = repeat(recipe, root / "fader", verbose=0)
    runs = root / "runs"
    units = ["AU12", "AU15"]
    helper_run(runs / "action_units_procedural", 2, [1.0, 0.5], units)
    # The brighter, the more it is happiness, number 3.
    scale = np.eye(7)[3]
    helper_run(runs / "expression_judge_procedural", 7, scale, "expression")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "get", lambda name: recipe)
        patch.setattr(inference, "saved_models", lambda: root / "none")
        patch.setattr(latent_measures, "_TREES", 3)
        patch.setattr(latent_figures, "_RANDOM", 2)
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
    assert len(summary["runs"]) == 2
    assert summary["axis_expressions"] == list(range(7))
    assert summary["reference"] == 6 and summary["latents"] == 7
    val, train = recipe.corpus("val"), recipe.corpus("train")
    for seed, figures in enumerate(summary["runs"]):
        network = run_folder.load(folder / f"seed_{seed}")
        found = network.predict(val.images, verbose=0)
        error = np.square(val.images - found["reconstruction"]).mean() ** 0.5
        assert figures["rmse"] == pytest.approx(error, rel=1e-4)
        happy = val.labels["expression"] == 3
        own = found["latents"][happy, 3].mean()
        assert figures["axes"]["own"][3] == pytest.approx(own, abs=1e-5)
        assert figures["active"] == 7  # nothing is added to them
    mean = train.images.mean(axis=0)
    error = np.square(val.images - mean).mean() ** 0.5
    assert summary["mean_face_rmse"] == pytest.approx(error, rel=1e-4)


def test_factors_are_those_of_the_faces_in_their_order(drawn):
    """Rendered from the factors' faces, the pictures are the corpus'."""
    folder, _, recipe = drawn
    settings = run_folder.read_settings(folder / "seed_0")
    measures = latent_figures._Measures(
        settings, recipe.corpus("train"), recipe.corpus("val")
    )
    brightness = measures.val.images.mean(axis=(1, 2, 3))
    level = measures.factors["level"]
    assert np.corrcoef(level, brightness)[0, 1] > 0.4
    shuffled = np.corrcoef(level[::-1], brightness)[0, 1]
    assert abs(shuffled) < 0.3
    for k in range(7):
        name = f"is {measures.val.info.classes[k]}"
        np.testing.assert_array_equal(
            measures.factors[name], measures.labels == k
        )


def test_nulls_stand_beside(drawn):
    _, summary, recipe = drawn
    assert len(summary["untrained"]) == 2
    measured = [*summary["untrained"], summary["components"]]
    gaps = [of["disentanglement"]["gap"]["expressions"] for of in measured]
    assert len(set(gaps)) == len(gaps)
    # Of as many components as there are training faces nothing would be lost.
    assert summary["components"]["rmse"] < summary["mean_face_rmse"]


def test_judge_and_reader_look_at_the_pictures(drawn):
    """Which tell their gray level, so that their answers are known."""
    folder, summary, recipe = drawn
    val = recipe.corpus("val")
    assert summary["units"] == ["AU12", "AU15"]
    happy = (val.labels["expression"] == 3).mean()
    assert summary["judge"]["accuracy"] == pytest.approx(happy)
    figures = summary["runs"][0]
    assert figures["judge"]["accuracy"] == pytest.approx(happy)
    network = run_folder.load(folder / "seed_0")
    for axis in (0, 5):
        np.testing.assert_allclose(
            figures["named"][axis]["mean"], [np.eye(7)[3]] * 3
        )
        read = np.array(figures["read"][axis]["mean"])
        np.testing.assert_allclose(read[:, 0], 2 * read[:, 1], rtol=1e-2)
        assert figures["read"][axis]["error"][1] == [0, 0]
    means = np.mean(network.predict(val.images, verbose=0)["latents"], axis=0)
    decoded = network.get_layer("decoder").predict(means[None], verbose=0)
    level = np.array(figures["read"][0]["mean"])[1, 0]
    assert level == pytest.approx(decoded.mean(), rel=0.2)
    train = recipe.corpus("train")
    labels = train.labels["expression"]
    middle = np.mean([train.images[labels == k].mean() for k in range(7)])
    null = np.array(summary["mean_pictures"])
    np.testing.assert_allclose(null[:, 1, 0], middle, rtol=1e-2)


def test_without_helpers_and_with_an_expression_at_the_origin(
    monkeypatch, caplog
):
    """No run that judges: its part is left out, and a note says so."""
    recipe = small("vae_procedural_origin")
    monkeypatch.setattr(latent_measures, "_TREES", 3)
    monkeypatch.setattr(latent_figures, "_JUDGE", "nothing_{}")
    monkeypatch.setattr(latent_figures, "_READER", "nothing")
    with caplog.at_level("INFO", logger="keras_fer"):
        measures = latent_figures._Measures(
            recipe.to_json(), recipe.corpus("train"), recipe.corpus("val")
        )
    assert "left out: nothing_procedural" in caplog.text
    assert measures.axes == list(range(6)) and measures.reference == 6
    assert not measures.originals()
    figures = measures.run(recipe.model())
    assert not {"judge", "read", "named", "reader", "walks"} & set(figures)
    assert len(figures["axes"]["own"]) == 6
    assert len(figures["axes"]["others"]) == 7


def test_what_drowns_in_sampling_is_not_in_use(monkeypatch):
    """However small its scale, and however well it would sort faces."""
    recipe = small("vae_procedural")
    monkeypatch.setattr(latent_measures, "_TREES", 3)
    measures = latent_figures._Measures(
        recipe.to_json(), recipe.corpus("train"), recipe.corpus("val")
    )

    def figures(noise):
        keras.utils.set_random_seed(0)
        network = recipe.model()
        variance = network.get_layer("encoder").get_layer("log_variance")
        kernel, bias = variance.get_weights()
        variance.set_weights([0 * kernel, bias + 2 * np.log(noise)])
        return measures.run(network)

    loud, still = figures(100.0), figures(1e-6)
    assert loud["active"] == 0 and still["active"] == 7
    assert loud["axes"]["separability"] == (0.5,) * 7
    assert loud["told_apart"] == 0.5 and loud["shared"]["share"] == 0
    assert loud["disentanglement"]["gap"]["expressions"] == 0
    assert loud["rmse"] == still["rmse"]


@pytest.mark.parametrize("spare", [0, 2])
def test_changed_faces_stay_faces(spare):
    """Without other latent variables only both axes of the change move."""
    draws = np.random.default_rng(0)
    latents = draws.normal(size=(40, 3 + spare))
    labels = np.arange(40) % 4  # the last has no axis
    some, shown = latents[:8], labels[:8]
    found = latent_measures.change(some, shown, latents, labels, [0, 1, 2])
    assert list(found) == [0, 1, 2, 3]
    for k, places in found.items():
        mean = latents[labels == k].mean(axis=0)
        for row, place in enumerate(places):
            moved = {k, shown[row]} - {3} if not spare else {0, 1, 2}
            for axis in range(3 + spare):
                of = mean if axis in moved else some[row]
                assert place[axis] == pytest.approx(of[axis], rel=1e-5)


def test_a_split_without_an_expression(tmp_path, monkeypatch):
    """As a fold of CK+ has it: the rest is measured and drawn."""
    monkeypatch.setattr(latent_measures, "_TREES", 3)
    monkeypatch.setattr(latent_figures, "_FRAMES", 4)
    recipe = small("vae_procedural")
    val = recipe.corpus("val")
    val = val.select(val.labels["expression"] != 2)
    settings = recipe.to_json()
    measures = latent_figures._Measures(settings, recipe.corpus("train"), val)
    figures = measures.run(recipe.model())
    assert figures["axes"]["separability"][2] is None
    assert figures["axes"]["own"][1] is not None
    latent_figures._draw("x", recipe.model(), val, measures.axes, tmp_path)
    for name in PICTURES:
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000, name


def test_refuses_a_classifier(tmp_path, monkeypatch):
    run_folder.save(CLASSIFIER.model(), tmp_path)
    run_folder.write_settings(run.settings(CLASSIFIER), tmp_path)
    (tmp_path / "metrics.json").write_text("{}")
    monkeypatch.setattr(recipes, "get", lambda name: CLASSIFIER)
    with pytest.raises(run.RunError, match="generative model. Received"):
        latent_figures.draw_latents(tmp_path)


def test_helpers_that_do_not_fit_are_left_out(tmp_path, monkeypatch):
    helper_run(tmp_path / "runs" / "judge", 7, 1.0, "expression")
    monkeypatch.chdir(tmp_path)
    classes = fer2013.INFO.classes
    find = latent_figures._helper
    assert find("judge", (48, 48, 1)) is None
    assert find("judge", (16, 16, 1), classes[::-1]) is None
    network, target = find("judge", (16, 16, 1), classes)
    assert target == "expression" and network.output_shape == (None, 7)

import dataclasses
import functools
import importlib
import json

import keras
import numpy as np
import pytest
from corpora import write_ferplus
from corpora import write_raf_db

from keras_fer import recipes
from keras_fer.recipes import emma_recipes
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

SHORT = {"epochs": 1, "steps_per_epoch": 2, "batch_size": 8}


def tiny(size=48, channels=1):
    images = keras.Input((size, size, channels))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.AveragePooling2D(size // 8)(x)
    x = keras.layers.Dense(8, name="stack3_dense")(keras.layers.Flatten()(x))
    return keras.Model(
        images, keras.layers.BatchNormalization(name="embedding")(x)
    )


def short(name, backbone, **changes):
    recipe = recipes.get(name)
    return dataclasses.replace(
        recipe,
        model=functools.partial(
            recipe.model, backbone=backbone, layer="embedding"
        ),
        **SHORT | changes,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "emma_raf_db_dan",
        "emma_raf_db_ddamfn",
        "emma_raf_db_resnet50",
        "emma_raf_db_efficientnet_b2",
    ],
)
def test_raf_db(name, tmp_path):
    """Corpora, losses and callbacks as they stand, the backbone tiny."""
    write_raf_db(tmp_path, train=10, test=1)
    write_raf_db(tmp_path, "compound", train=10, test=1)
    size = 112 if name.endswith("ddamfn") else 224
    for end, classes in (("", 6), ("_general", 11)):
        recipe = short(name + end, functools.partial(tiny, size, 3))
        folder = run.train(
            recipe, tmp_path / f"run{end}", data_dir=tmp_path, verbose=0
        )
        result = json.loads((folder / "metrics.json").read_text())
        assert len(result["test"]["classes"]) == classes
        # Every fifth of ten images a class validates.
        assert result["train_images"] == 8 * classes
        assert "neutral" not in result["test"]["classes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["emma_ferplus_resnet18", "emma_ferplus_ddamfn"]
)
def test_ferplus(name, tmp_path):
    write_ferplus(tmp_path, 76, 38)
    recipe = dataclasses.replace(
        recipes.get(name), **{**SHORT, "init": None}
    ).of_seed(0)
    folder = run.train(recipe, tmp_path / "run", data_dir=tmp_path, verbose=0)
    result = json.loads((folder / "metrics.json").read_text())
    assert result["train_images"] == 24 and result["val"]["samples"] == 12


@pytest.mark.slow
def test_the_rate_of_real_faces_ends_with_the_epochs(real_data):
    from keras_fer.recipes import emma_ferplus_resnet18 as recipe

    faces = recipe.RECIPE.corpus("train", data_dir=real_data)
    assert len(faces) // 64 == recipe.STEPS_PER_EPOCH


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b2"])
def test_backbones_of_keras(name):
    keras.utils.set_random_seed(0)
    network = recipes.get(f"emma_raf_db_{name}").model()
    images = np.random.default_rng(0).uniform(0, 255, (2, 224, 224, 3))
    logits = network.predict(images.astype("float32"), verbose=0)
    assert logits.shape == (2, 6) and np.isfinite(logits).all()
    assert np.ptp(logits) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["emma_procedural_resnet18", "emma_procedural_ddamfn"]
)
def test_procedural(name, tmp_path):
    recipe = dataclasses.replace(
        recipes.get(name), **{**SHORT, "init": None}
    ).of_seed(0)
    folder = run.train(recipe, tmp_path / "run", verbose=0)
    result = json.loads((folder / "metrics.json").read_text())
    assert result["train_images"] == 3899
    module = importlib.import_module(
        "keras_fer.recipes.emma_procedural_resnet18"
    )
    assert result["train_images"] // 64 == module.STEPS_PER_EPOCH
    compounds = sum(module.COMPOUND_COUNTS)
    assert compounds // 64 == module.COMPOUND_STEPS


def test_the_numbers_of_drawn_faces(monkeypatch):
    from keras_fer.recipes import emma_procedural_resnet18 as recipe

    asked = []
    drawn = recipe.procedural.load_data

    def note(split, **options):
        asked.append((split, options))
        return drawn("val", images=30, domain="web")

    monkeypatch.setattr(recipe.procedural, "load_data", note)
    for split, compounds in (
        ("train", False),
        ("val", False),
        ("train", True),
        ("val", True),
        ("test", True),
    ):
        faces = recipe.load_data(split, compounds=compounds)
        # What is shown, not what annotators took it for.
        np.testing.assert_array_equal(
            faces.labels["expression"], drawn("val", images=30).labels["shown"]
        )
    counts = [options["counts"] for _, options in asked]
    assert [sum(c.values()) for c in counts] == [3899, 487, 2529, 254, 790]
    assert counts[0]["happiness"] == 1909 and counts[0]["fear"] == 112
    assert counts[2]["sadness-surprise"] == 55
    assert asked[2][1]["compounds"][0] == ("happiness", "surprise")
    assert "compounds" not in asked[0][1]
    with pytest.raises(recipe.corpus.SplitNotFoundError, match="train, val$"):
        recipe.load_data("test")


def test_what_is_learned():
    """Nothing but what `trained` names, in nested networks too."""

    def nested():
        images = keras.Input((48, 48, 1))
        return keras.Sequential([images, tiny()], name="outer")

    def paths(**options):
        model = emma_recipes.emma_network(nested, 6, layer=None, **options)
        return {w.path.split("/")[0] for w in model.trainable_weights}

    head = {"cosines", "similarity"}
    assert paths() == head | {"stack3_dense", "embedding"}
    assert paths(trained=()) == head
    assert paths(trained=("stack3",)) == head | {"stack3_dense"}
    with pytest.raises(ValueError, match=r"no layer .* Received: \('stage3'"):
        paths(trained=("stage3",))
    softmax = emma_recipes.softmax_network(nested, 6, layer=None, trained=())
    assert [w.path for w in softmax.trainable_weights] == [
        "logits/kernel",
        "logits/bias",
    ]


def test_the_rows_of_table_1():
    recipe = recipes.get("emma_procedural_resnet18")
    names = [
        row.name
        for row in emma_recipes.table_1(
            recipe, 11, compound_settings={}, transfer_settings={}
        )
    ]
    ends = [name.removeprefix(recipe.name) for name in names]
    assert ends == ["_ce", "_general", "_transfer", "_ce_transfer"]
    softmax, plain, *moved = map(recipes.get, names)
    assert (
        softmax.model.func is plain.model.func is emma_recipes.softmax_network
    )
    assert softmax.corpus == recipe.corpus != plain.corpus
    assert plain.corpus == recipe.compounds
    for row, source in zip(moved, (recipe, softmax), strict=True):
        assert row.init == f"{source.name}/seed_{{seed}}"
        assert row.of_seed(2).init == f"{source.name}/seed_2"
        assert row.model.keywords["negative_slope"] == 1.0
    assert recipes.get("emma_raf_db_dan_transfer").init == "emma_raf_db_dan"


def test_transfer_starts_from_the_run_of_its_seed(tmp_path, monkeypatch):
    from keras_fer.recipes.repetition import repeat

    write_ferplus(tmp_path, 76, 38)
    basic = short("emma_ferplus_resnet18", tiny, seeds=2, augmentation=None)
    monkeypatch.chdir(tmp_path)
    options = {"seeds": [1], "data_dir": tmp_path, "verbose": 0}
    repeat(basic, f"runs/{basic.name}", **options)
    (transfer,) = (
        row
        for row in emma_recipes.table_1(
            basic, 11, compound_settings={}, transfer_settings={}
        )
        if row.name == "emma_ferplus_resnet18_transfer"
    )
    repeat(transfer, "runs/moved", **options)
    # What a seed started from stands for the run a seed that the recipe names.
    (tmp_path / "runs/moved/recipe.json").unlink()
    repeat(transfer, "runs/moved", **options, resume=True)
    assert run_folder.read_settings(tmp_path / "runs/moved")["init"] == (
        "emma_ferplus_resnet18/seed_{seed}"
    )
    before, after = (
        run_folder.load(f"runs/{name}/seed_1") for name in (basic.name, "moved")
    )
    for one, other in zip(
        before.get_layer("backbone").get_weights(),
        after.get_layer("backbone").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    assert after.output_shape == (None, 11)
    written = run_folder.read_settings(tmp_path / "runs/moved/seed_1")
    assert written["init"] == "emma_ferplus_resnet18/seed_1"


@pytest.mark.slow
def test_slopes_start_from_the_network_of_cross_entropy(tmp_path, monkeypatch):
    """Its body, but neither its vectors nor what normalizes them."""
    write_ferplus(tmp_path, 76, 38)
    monkeypatch.chdir(tmp_path)
    options = {"data_dir": tmp_path, "verbose": 0}
    names = ("_ce", "_slope_050", "_last_stage_ce")
    still = functools.partial(keras.optimizers.SGD, 0.0)
    rates = (functools.partial(keras.optimizers.SGD, 0.1), still, still)
    networks = {}
    for name, optimizer in zip(names, rates, strict=True):
        recipe = short(
            f"emma_procedural_resnet18{name}",
            tiny,
            corpus=recipes.get("emma_ferplus_resnet18").corpus,
            optimizer=optimizer,
            augmentation=None,
        ).of_seed(0)
        folder = tmp_path / "runs" / f"emma_procedural_resnet18{name}/seed_0"
        networks[name] = run_folder.load(run.train(recipe, folder, **options))
    source, slope, control = networks.values()
    for network in (slope, control):
        for layer in ("stack3_dense", "embedding"):
            before, after = (
                one.get_layer("backbone").get_layer(layer).get_weights()
                for one in (source, network)
            )
            for one, other in zip(before, after, strict=True):
                np.testing.assert_array_equal(one, other)
    for one, other in zip(
        source.get_layer("logits").get_weights(),
        control.get_layer("logits").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    gamma, beta, *_ = slope.get_layer("similarity").get_weights()
    assert (gamma == 1).all() and (beta == 0).all()
    assert slope.get_layer("logits").negative_slope == 0.5

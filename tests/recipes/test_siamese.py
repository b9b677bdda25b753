import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from corpora import write_ck48
from corpora import write_fer2013_csv

from keras_fer import models
from keras_fer import recipes
from keras_fer.datasets import CorpusError
from keras_fer.datasets import expression_pairs
from keras_fer.datasets import procedural
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes import siamese
from keras_fer.recipes import siamese_ck_plus
from keras_fer.recipes import siamese_fer2013
from keras_fer.recipes.siamese_recipe import Comparator
from keras_fer.recipes.siamese_recipe import Guidance
from keras_fer.recipes.siamese_recipe import SiameseRecipe

SHAPE = (16, 16, 1)


def tiny(outputs=8):
    images = keras.Input(SHAPE, name="images")
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(2)(x))
    return keras.Model(images, keras.layers.Dense(outputs, name="features")(x))


def load(split, *, fold, data_dir=None, skip_bad=False):
    """Faces of two expressions that brightness tells apart."""
    faces = procedural.load_data(
        split, images=40, size=16, classes=("happiness", "fear"), seed=fold
    )
    bright = faces.labels["expression"] == 0
    images = np.where(bright[:, None, None, None], 200, 40)
    noise = np.random.default_rng(fold).integers(0, 50, images.shape)
    images = np.broadcast_to(images + noise, (40, *SHAPE)).copy()
    images[:, ::2] -= 30
    return dataclasses.replace(faces, images=images.astype("uint8"))


RECIPE = SiameseRecipe(
    name="siamese_tiny",
    paper="no figure",
    cost="nothing",
    load=load,
    folds=2,
    comparators={
        "published": Comparator(
            encoder=tiny,
            compare="stacked",
            shared=False,
            trained_comparison=False,
        ),
        "difference": Comparator(encoder=tiny),
        "contrastive": Comparator(
            encoder=tiny, pretraining="supervised_contrastive", frozen=True
        ),
    },
    base="difference",
    pairs=4,
    faces_of_a_mean=3,
    epochs=5,
    pretraining_epochs=16,
    batch_size=8,
    faces_batch_size=8,
    learning_rate=3e-2,
    comparison_rate=1e-1,
    guidance=Guidance(
        comparator="contrastive",
        encoder=functools.partial(tiny, 3),
        decoder=functools.partial(models.VAEDecoder, 3, SHAPE),
        judge=functools.partial(tiny, 2),
        weights=(0.0, 1.0),
        folds=1,
        epochs=2,
    ),
)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    return siamese.train(RECIPE, tmp_path_factory.mktemp("runs") / "tiny")


def test_what_is_written(compared):
    result = run_folder.read_result(compared)
    assert list(result["comparators"]) == list(RECIPE.comparators)
    for name in ("comparators", "guidance", "guided_0", "guided_1_null"):
        assert (compared / f"{name}.png").stat().st_size > 5_000, name
    text = (compared / "README.md").read_text()
    assert "| contrastive |" in text and "| 1, permuted labels |" in text
    settings = run_folder.read_settings(compared)
    assert settings["comparators"]["published"]["shared"] is False
    history = run_folder.read_json(compared / "parts" / "difference_0.json")
    history = history["history"]
    assert len(history["loss"]) == RECIPE.epochs
    assert history["loss"][-1] < history["loss"][0]


def test_accuracy_is_that_of_the_saved_comparator_on_others_pairs(compared):
    part = run_folder.read_json(compared / "parts" / "contrastive_0.json")
    path = siamese.part_path(compared, "contrastive", 0)
    comparator = keras.models.load_model(path.with_suffix(".keras"))
    pairs = expression_pairs(
        load("test", fold=0), RECIPE.pairs, faces_of_a_mean=3, seed=0
    )
    given = {"first": pairs.first, "second": pairs.second}
    logits = comparator.predict(given, verbose=0)[:, 0]
    np.testing.assert_allclose(part["logits"], logits, atol=1e-3)
    named = logits > 0
    accuracy = (named == pairs.same).mean()
    result = run_folder.read_result(compared)["comparators"]["contrastive"]
    assert result["accuracy"]["values"][0] == accuracy
    assert accuracy > 0.8  # brightness tells
    assert len(result["accuracy"]["values"]) == 2
    for kind, of in result["kinds"].items():
        rows = pairs.kinds == kind
        assert of["values"][0] == (named == pairs.same)[rows].mean()


WIRINGS = {
    "published": ({"shared": False, "trained_comparison": False}, "es"),
    "shared": ({"trained_comparison": False}, "e"),
    "not shared": ({"shared": False}, "esc"),
    "both": ({}, "ec"),
    "frozen": ({"frozen": True}, "c"),
    "pretrained": ({"pretraining": "classification", "frozen": True}, "ec"),
}


@pytest.mark.parametrize("name", list(WIRINGS))
def test_which_parts_are_trained(name, monkeypatch):
    wiring, moved = WIRINGS[name]
    of = Comparator(encoder=tiny, compare="stacked", **wiring)
    recipe = dataclasses.replace(RECIPE, epochs=1, pretraining_epochs=1)
    faces = siamese._Faces(recipe, 0, {})
    keras.utils.set_random_seed(0)
    with monkeypatch.context() as patch:
        patch.setattr(siamese, "_fit_pairs", lambda *of: None)
        patch.setattr(siamese, "_pretrain", lambda *of: None)
        before, _ = siamese._comparator(recipe, of, faces)
    keras.utils.set_random_seed(0)
    after, history = siamese._comparator(recipe, of, faces)
    assert len(history["accuracy"]) == 1
    parts = {"e": "encoder", "s": "second_encoder", "c": "comparison"}
    layers = {layer.name for layer in after.layers}
    assert ("second_encoder" in layers) == (not of.shared)
    for letter, part in parts.items():
        if part in layers:
            one, other = (
                m.get_layer(part).get_weights() for m in (before, after)
            )
            same = all(map(np.array_equal, one, other))
            assert same != (letter in moved), part


def test_a_frozen_encoder_drops_nothing():
    def dropping():
        images = keras.Input(SHAPE)
        x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
        return keras.Model(images, keras.layers.Dropout(0.5)(x))

    of = Comparator(encoder=dropping, frozen=True)
    comparator = models.SiameseComparator(of.encoder())
    faces = siamese._Faces(RECIPE, 0, {})
    inputs, _ = faces.pairs(0)
    found = siamese._features(comparator, inputs)
    expected = inputs["second"].reshape(len(inputs["second"]), -1) / 255
    np.testing.assert_allclose(found["second"], expected, atol=1e-6)


def test_permuted_labels():
    faces = siamese._Faces(RECIPE, 0, {})
    labels = faces.train.labels["expression"]
    permuted = faces.permuted().train.labels["expression"]
    assert sorted(permuted) == sorted(labels)
    assert 0.2 < (permuted == labels).mean() < 0.8
    np.testing.assert_array_equal(faces.train.labels["expression"], labels)


def test_frames_of_a_sequence_keep_one_label():
    faces = siamese._Faces(RECIPE, 0, {})
    labels = {
        "expression": np.repeat([0, 1, 0, 1, 0, 1, 1, 1, 0, 0], 4),
        "sequence": np.repeat([f"S{k}" for k in range(10)], 4),
    }
    faces.train = dataclasses.replace(faces.train, labels=labels)
    permuted = faces.permuted().train.labels["expression"].reshape(10, 4)
    assert (permuted == permuted[:, :1]).all()
    assert permuted[:, 0].sum() == 5
    assert not np.array_equal(permuted.ravel(), labels["expression"])


def test_pairs_are_drawn_each_epoch_or_once(monkeypatch):
    faces = siamese._Faces(RECIPE, 0, {})
    drawn = []
    of = faces.pairs

    def pairs(epoch):
        drawn.append(epoch)
        return of(epoch)

    monkeypatch.setattr(faces, "pairs", pairs)
    recipe = dataclasses.replace(RECIPE, epochs=3)
    for options, expected in (
        ({"fixed_pairs": True}, [0]),
        ({}, [0, 1, 2]),
        ({"epochs": 2}, [0, 1]),
    ):
        drawn.clear()
        made = Comparator(encoder=tiny, **options)
        siamese._comparator(recipe, made, faces)
        assert drawn == expected


def test_other_people_are_alike_and_unlike():
    corpus = load("test", fold=0)
    labels = np.repeat([0, 1], 20)
    people = np.arange(40) // 2
    corpus = dataclasses.replace(
        corpus,
        images=np.arange(40, dtype=np.uint8)[:, None, None, None],
        labels={"expression": labels, "subject": people},
    )
    alike, unlike = (faces.ravel() for faces in siamese._others(corpus, 0))
    np.testing.assert_array_equal(labels[alike], labels)
    assert (labels[unlike] != labels).all()
    for others in (alike, unlike):
        assert (people[others] != people).all()


def test_pairs_change_from_epoch_to_epoch_and_fold_to_fold():
    drawn = [
        siamese._Faces(RECIPE, fold, {}).pairs(epoch)[0]["first"]
        for fold, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], drawn[3])


def test_guidance_by_hand(compared):
    part = run_folder.read_json(compared / "parts" / "guidance_0.json")
    result = run_folder.read_result(compared)["guidance"]
    labels = np.array(part["labels"])
    assert list(part["runs"]) == ["0", "1", "1, permuted labels"]
    for name, of in part["runs"].items():
        right = labels == of["named"]
        uar = np.mean([right[labels == k].mean() for k in (0, 1)])
        assert result["runs"][name]["uar"]["mean"] == pytest.approx(uar)
    uar = {name: of["uar"]["mean"] for name, of in result["runs"].items()}
    guided = result["runs"]["1"]
    for base, name in (("none", "0"), ("null", "1, permuted labels")):
        change = guided[f"against_{base}"]["uar"]["mean"]
        assert change == pytest.approx(uar["1"] - uar[name])
    assert "against_null" not in result["runs"]["1, permuted labels"]
    # Of the same first weights, each ends elsewhere.
    errors = [of["rmse"] for of in part["runs"].values()]
    assert len(set(errors)) == 3


def test_a_run_goes_on_where_it_was_left(compared, monkeypatch):
    before = (compared / "metrics.json").read_text()
    (compared / "parts" / "difference_1.json").unlink()
    made = []
    of = siamese._compare

    def compare(recipe, name, faces, path):
        made.append((name, faces.fold))
        of(recipe, name, faces, path)

    monkeypatch.setattr(siamese, "_compare", compare)
    with pytest.raises(run.RunError, match="holds a run already"):
        siamese.train(RECIPE, compared)
    siamese.train(RECIPE, compared, resume=True)
    assert made == [("difference", 1)]
    one, other = json.loads(before), run_folder.read_result(compared)
    for result in (one, other):
        result.pop("training_hours")
    assert one == other
    changed = dataclasses.replace(RECIPE, epochs=4)
    with pytest.raises(run.RunError, match="epochs differ"):
        siamese.train(changed, compared, resume=True)


def test_an_encoder_that_is_a_run(tmp_path):
    run_folder.save(tiny(), tmp_path)
    (tmp_path / "metrics.json").write_text("{}")
    of = Comparator(encoder=str(tmp_path), frozen=True)
    images = load("test", fold=0).images[:3].astype("float32")
    np.testing.assert_array_equal(
        siamese._encoder(of.encoder).predict(images, verbose=0),
        run_folder.load(tmp_path).predict(images, verbose=0),
    )
    missing = dataclasses.replace(
        RECIPE,
        comparators={"x": Comparator(encoder="./nothing")},
        base="x",
        guidance=None,
    )
    with pytest.raises(run.RunError, match="`keras-fer train .` makes it"):
        siamese.train(missing, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_other_commands_refuse(compared, monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    with pytest.raises(run.RunError, match="compares several networks"):
        run.recipe_of(compared)
    with pytest.raises(run.RunError, match="compares several networks"):
        run.train(RECIPE, compared / "other")


def test_a_fifth_of_the_people(tmp_path):
    write_ck48(tmp_path)
    seen = []
    for fold in range(5):
        train, test = (
            siamese_ck_plus.load_fifth(s, fold=fold, data_dir=tmp_path)
            for s in ("train", "test")
        )
        people = set(test.labels["subject"])
        assert not people & set(train.labels["subject"])
        assert len(train) + len(test) == 140
        assert len(test.names) == len(test.images)
        seen += sorted(people)
    assert len(seen) == len(set(seen)) == 20
    with pytest.raises(CorpusError, match="`fold` must be 0 to 4.*: 5"):
        siamese_ck_plus.load_fifth("train", fold=5, data_dir=tmp_path)
    for load_split in (siamese_ck_plus.load_fifth, siamese_fer2013.load_split):
        with pytest.raises(CorpusError, match="`split` .* Received: val"):
            load_split("val", fold=0, data_dir=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["siamese_ck_plus", "siamese_fer2013"])
def test_smoke(name, tmp_path):
    write_ck48(tmp_path)
    write_fer2013_csv(tmp_path, train=70, val=70)
    full = recipes.get(name)
    kept = ("published", "expression_cnn_contrastive")
    guidance = full.guidance and dataclasses.replace(
        full.guidance, comparator=kept[1], folds=1, epochs=1
    )
    recipe = dataclasses.replace(
        full,
        comparators={k: full.comparators[k] for k in kept},
        base=kept[0],
        folds=1,
        pairs=1,
        epochs=1,
        pretraining_epochs=1,
        guidance=guidance,
    )
    siamese.train(recipe, tmp_path / "run", data_dir=tmp_path)
    result = run_folder.read_result(tmp_path / "run")
    assert list(result["comparators"]) == list(kept)
    assert ("guidance" in result) == bool(guidance)

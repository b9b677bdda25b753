import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from recipes.drawn_run import RECIPE

from keras_fer import analysis
from keras_fer import recipes
from keras_fer.datasets import procedural
from keras_fer.recipes import attention_figures
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

IMAGES = 42
EACH = {"classes": RECIPE.corpus.keywords["classes"], "images": IMAGES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "drawn"
    return run.train(RECIPE, path, verbose=0)


@pytest.fixture
def draw(folder, monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    monkeypatch.setattr(attention_figures, "_RANDOM", 1)
    monkeypatch.setattr(attention_figures, "_PERMUTATIONS", 400)
    return lambda **options: attention_figures.draw_attention(
        folder, images=IMAGES, **options
    )


def test_files_summary_and_shares_by_a_loop(folder, draw):
    summary = draw(split="test")
    assert summary == json.loads((folder / "attention.json").read_text())
    assert (folder / "attention_test.png").stat().st_size > 10_000
    each, shown, _ = regions()
    assert summary["faces"] == len(shown) < IMAGES
    assert len(summary["untrained"]) == 1
    for network in (summary["trained"], *summary["untrained"]):
        assert set(network) == {"attention", "class activation"}
        for found in network.values():
            assert found["maps"] <= summary["faces"]
            low, high = found["95 % of excess, units of any face"]
            assert low <= found["excess, units of any face"] <= high
            assert np.isclose(found["excess"], found["share"] - found["area"])
    found = summary["trained"]["class activation"]
    corpus = procedural.load_data("test", **EACH)
    corpus = corpus.select(corpus.labels["action_units"].any(axis=1))
    network = run_folder.load(folder)
    answers = network.predict(corpus.images, verbose=0)["logits"].argmax(1)
    maps = analysis.class_activation_maps(
        network, corpus.images, answers, "attention"
    )
    maps = keras.ops.image.resize(maps[..., None], (48, 48), "bilinear")
    shares = [
        (one * inside).sum() / one.sum()
        for one, inside in zip(
            np.asarray(maps)[..., 0], union(each, shown), strict=True
        )
        if one.sum() > 0
    ]
    assert len(shares) == found["maps"]
    assert found["share"] == pytest.approx(np.mean(shares), rel=1e-3)


@functools.cache
def all_regions():
    faces = procedural.draw_split("test", **EACH)
    faces = dataclasses.replace(faces, units=np.zeros_like(faces.units))
    found = [procedural.unit_region(faces, u, 48) for u in procedural.UNITS]
    return np.stack(found, axis=1)


def regions():
    """By unit, where it would change each face that shows some unit."""
    corpus = procedural.load_data("test", **EACH)
    shown = corpus.labels["action_units"]
    rows = np.flatnonzero(shown.any(axis=1))
    return all_regions()[rows], shown[rows], corpus.labels["shown"][rows]


def union(regions, shown):
    return (regions & shown[:, :, None, None]).any(axis=1)


KINDS = ("perfect", "even", "same on all", "of the expression", "few", "none")


@pytest.mark.parametrize("kind", KINDS)
def test_known_attention(kind, draw, monkeypatch):
    each, shown, expressions = regions()
    own = union(each, shown)
    everywhere = np.zeros_like(shown)
    everywhere[:, :12] = True
    first = np.array([np.flatnonzero(expressions == e)[0] for e in expressions])
    maps = {
        "perfect": own,
        "even": np.full(own.shape, 0.3),
        # Eyes, mouth, … of each face, whatever it shows.
        "same on all": union(each, everywhere),
        "of the expression": union(each, shown[first]),
        "few": own * (np.arange(len(own)) % 2)[:, None, None],
        "none": 0.0 * own,
    }[kind].astype("float32")

    def attention_maps(network, images, layer):
        few = len(images) != len(own)  # those of the picture
        return np.ones((len(images), 6, 6), "float32") if few else maps

    monkeypatch.setattr(analysis, "attention_maps", attention_maps)
    monkeypatch.setattr(
        analysis,
        "class_activation_maps",
        lambda network, images, answers, layer: np.ones((len(images), 6, 6)),
    )
    monkeypatch.setattr(attention_figures, "_RANDOM", 0)
    monkeypatch.setattr(
        attention_figures,
        "_regions",  # which the test above compares
        lambda faces, corpus, size: all_regions().reshape(IMAGES, -1, size**2),
    )
    found = draw()["trained"]["attention"]
    if kind == "none":
        assert found == {"maps": 0}
        return
    any_face, expression = (
        found[f"p, units of {of}"] for of in ("any face", "the expression")
    )
    half = np.arange(len(own)) % 2 == 1 if kind == "few" else slice(None)
    assert found["maps"] == len(own[half])
    assert found["area"] == pytest.approx(own[half].mean(), rel=1e-4)
    if kind in ("perfect", "few"):
        assert found["share"] == pytest.approx(1, rel=1e-4)
        assert any_face < 0.01 and expression < 0.05
        assert found["excess, units of any face"] < found["excess"] - 0.1
    elif kind == "even":
        for name in ("", ", units of any face", ", units of the expression"):
            assert found[f"excess{name}"] == pytest.approx(0, abs=1e-5)
    elif kind == "same on all":
        assert found["share"] > 1.2 * found["area"]
        assert any_face > 0.05 and expression > 0.05
    else:
        assert any_face < 0.01


def test_refused(draw, monkeypatch):
    with pytest.raises(ValueError, match="no layer of .* called 'eyes'"):
        draw(layer="eyes")

    class Wide:
        input_shape = (None, 48, 96, 1)

    monkeypatch.setattr(run_folder, "load", lambda _: Wide)
    with pytest.raises(run.RunError, match="square .* Received: 48×96"):
        draw()

import json

import numpy as np
import pytest
from recipes.drawn_run import RECIPE

from keras_fer import analysis
from keras_fer import recipes
from keras_fer.datasets import procedural
from keras_fer.recipes import attention_figures
from keras_fer.recipes import run

IMAGES = 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "drawn"
    return run.train(RECIPE, path, verbose=0)


@pytest.fixture
def draw(folder, monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    return lambda **options: attention_figures.draw_attention(
        folder, images=IMAGES, **options
    )


def test_files_and_summary(folder, draw):
    summary = draw(split="test")
    assert summary == json.loads((folder / "attention.json").read_text())
    assert (folder / "attention_test.png").stat().st_size > 10_000
    corpus = procedural.load_data("test", images=IMAGES)
    shown = corpus.labels["action_units"].any(axis=1)
    assert summary["faces"] == shown.sum() < IMAGES
    for name in ("trained", "untrained"):
        for found in summary[name].values():
            low, high = found["95 % of permutations"]
            assert 0 < low <= found["share of other faces' maps"] <= high < 1
            assert found["maps"] <= summary["faces"]
    assert draw(split="test") == summary
    with pytest.raises(ValueError, match="no layer of .* called 'eyes'"):
        draw(layer="eyes")


def regions():
    """Where the units that each face shows change it, face by face."""
    faces = procedural.draw_split("test", images=IMAGES)
    corpus = procedural.load_data("test", images=IMAGES)
    found = []
    for row, shown in enumerate(corpus.labels["action_units"]):
        parts = [
            procedural.unit_region(faces[[row]], unit, 48)[0]
            for unit, there in zip(corpus.action_units, shown, strict=True)
            if there
        ]
        if parts:
            found.append(np.any(parts, axis=0))
    return np.array(found)


@pytest.mark.parametrize("kind", ["perfect", "even", "handed round", "nothing"])
def test_known_attention(kind, draw, monkeypatch):
    known = regions()
    maps = {
        "perfect": known,
        "even": np.full(known.shape, 0.3),
        "handed round": np.roll(known, 1, axis=0),
        "nothing": known * (np.arange(len(known)) < 20)[:, None, None],
    }[kind].astype("float32")

    def attention_maps(network, images, layer):
        few = len(images) != len(known)  # those of the picture
        return np.ones((len(images), 6, 6), "float32") if few else maps

    monkeypatch.setattr(analysis, "attention_maps", attention_maps)
    summary = draw()
    found = summary["trained"]["attention"]
    area = known.mean()
    assert summary["area"] == pytest.approx(area, rel=1e-5)
    share, others = (
        found["share in the regions"],
        found["share of other faces' maps"],
    )
    if kind in ("perfect", "nothing"):
        assert share == pytest.approx(1, rel=1e-5)
        assert found["p"] < 0.001 and others < 0.9
        assert found["maps"] == (20 if kind == "nothing" else len(known))
    elif kind == "even":
        assert share == pytest.approx(area, rel=1e-4)
        assert found["share over area"] == pytest.approx(1, rel=1e-4)
        assert others == pytest.approx(share, rel=1e-4)
    else:
        assert found["share over area"] > 1.2
        assert found["p"] > 0.05

import dataclasses
import json
import sys

import numpy as np
import pytest
from recipes import compact_run
from recipes.compact_run import AFFECT
from recipes.compact_run import CLASSES
from recipes.compact_run import KNOWN

from keras_fer import analysis
from keras_fer import recipes
from keras_fer.recipes import compact
from keras_fer.recipes import compact_network
from keras_fer.recipes import emotion_map_figures
from keras_fer.recipes import run_folder
from keras_fer.recipes.emotion_map_figures import draw_emotion_maps
from keras_fer.recipes.run_folder import RunError

_MODELS = ("CAKE-3", "true AV", "CAKE-2", "CAKE-3-Norm")
RECIPE = dataclasses.replace(
    compact_run.RECIPE,
    models={name: compact_run.RECIPE.models[name] for name in _MODELS},
    epochs=4,
    seeds=1,
)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    monkeypatch.setattr(run_folder, "load", compact_run.network)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_folder, "load", compact_run.network)
        return compact.train(RECIPE, tmp_path_factory.mktemp("runs") / "cake")


def test_maps_and_their_figures(finished):
    summary = draw_emotion_maps(finished)
    written = json.loads((finished / "emotion_maps.json").read_text())
    assert list(summary["models"]) == ["true AV", "CAKE-2", "CAKE-3-Norm"]
    assert list(written["models"]) == list(summary["models"])
    for name in ("emotion_maps.png", "valence_arousal.png"):
        assert (finished / name).stat().st_size > 10_000
    assert (finished / "embedding_space.html").stat().st_size > 1e6
    for name, found in summary["models"].items():
        plane = name != "CAKE-3-Norm"
        assert ("alignment" in found) == ("origin" in found) == plane
        (same,) = found["same_answers"].values()
        assert 0 <= same <= 1
        assert set(found["touches"]) == set(RECIPE.domains)
    # The true plane is that of valence and arousal in each seed.
    for seed in summary["models"]["true AV"]["alignment"]:
        assert seed["faces"] == pytest.approx(1) and seed["means_p"] < 0.01
        assert seed["neighbors"] == 5
        assert seed["order"] == seed["affect_order"]
    (learned,) = summary["models"]["CAKE-2"]["alignment"]
    assert learned["faces"] < 0.99


def test_measures_are_those_of_the_model(finished):
    found = draw_emotion_maps(finished)["models"]["CAKE-2"]
    cake = compact_network.load_head(finished, "CAKE-2", 0)
    parts = (
        compact_run.load("val", size="large", data_dir=None, skip_bad=False),
        compact_run.load(
            "test", size="small", data_dir=None, skip_bad=False, fold=0
        ),
    )
    names = np.concatenate([p.labels["expression"] for p in parts])
    kept = names != CLASSES.index("disgust")
    features = np.concatenate(
        [
            analysis.embeddings(compact_run.network("features"), p.images)
            for p in parts
        ]
    )[kept]
    plane = cake.predict(features, verbose=0)["embedding"]
    labels = [KNOWN.index(CLASSES[k]) for k in names[kept]]
    expected = analysis.affect_alignment(
        plane, AFFECT[names[kept]], labels, KNOWN
    )
    assert found["alignment"][0]["means"] == pytest.approx(
        expected.means, rel=1e-3
    )
    for domain in RECIPE.domains:
        logits = cake.get_layer(f"classifier_{domain}")(np.zeros((1, 2)))
        assert found["origin"][domain] == KNOWN[int(np.argmax(logits))]
    maps = [
        analysis.emotion_map(cake, domain, plane) for domain in RECIPE.domains
    ]
    same = (maps[0].answers == maps[1].answers).mean()
    (measured,) = found["same_answers"].values()
    assert measured == pytest.approx(same, abs=0.02)


def test_without_plotly_the_rest_is_drawn(finished, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "plotly", None)
    (finished / "embedding_space.html").unlink(missing_ok=True)
    with caplog.at_level("INFO", "keras_fer"):
        draw_emotion_maps(finished)
    assert "keras_fer[plotly]" in caplog.text
    assert not (finished / "embedding_space.html").exists()


def test_other_data_are_refused(finished, monkeypatch):
    real = compact_run.corpus

    def darker(*arguments, **options):
        faces = real(*arguments, **options)
        faces.images[:] //= 2
        return faces

    monkeypatch.setattr(compact_run, "corpus", darker)
    with pytest.raises(RunError, match="large, train holds other images"):
        draw_emotion_maps(finished)


def test_refused(finished, tmp_path, monkeypatch):
    with pytest.raises(RunError, match="recipe.json cannot be read"):
        draw_emotion_maps(tmp_path)
    monkeypatch.setattr(emotion_map_figures, "_is_mapped", lambda cake: False)
    with pytest.raises(RunError, match="a model of two numbers.*CAKE-3, true"):
        draw_emotion_maps(finished)
    monkeypatch.setattr(
        run_folder, "load", lambda path: compact_run.network("another")
    )
    with pytest.raises(RunError, match="other weights than when the run"):
        draw_emotion_maps(finished)

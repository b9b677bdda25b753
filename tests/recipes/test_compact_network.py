import dataclasses
import json

import keras
import numpy as np
import pytest
from networks import corpus
from recipes import compact_run
from recipes.compact_run import KNOWN
from recipes.compact_run import RECIPE

from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import compact
from keras_fer.recipes import compact_network
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

TINY = dataclasses.replace(RECIPE, epochs=2, seeds=1)
LOAD = run_folder.load


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_folder, "load", compact_run.network)
        return compact.train(TINY, tmp_path_factory.mktemp("runs") / "cake")


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(recipes, "get", lambda name: TINY)
    monkeypatch.setattr(run_folder, "load", compact_run.network)


@pytest.mark.parametrize("model", ["CAKE-3", "AV1", "AV", "CAKE-3-Norm"])
@pytest.mark.parametrize("domain", ["large", "small"])
def test_composed_as_its_parts(finished, known, model, domain):
    whole = compact_network.compose(finished, model, domain)
    faces = corpus(14).images
    outputs = whole.predict(faces, verbose=0)
    assert set(outputs) == {"logits", "embedding"}
    cake = compact_network.load_head(finished, model, 0)
    sources = TINY.models[model].sources(TINY)
    given = {
        tensor.name: keras.Model(
            network.input, network.get_layer(sources[tensor.name][1]).output
        ).predict(faces, verbose=0)
        for tensor in cake.inputs
        for network in [compact_run.network(sources[tensor.name][0])]
    }
    given = given if len(given) > 1 else next(iter(given.values()))
    expected = cake.predict(given, verbose=0)
    np.testing.assert_allclose(
        outputs["embedding"], expected["embedding"], rtol=1e-4, atol=1e-5
    )
    own = list(TINY.domains).index(domain) * len(KNOWN)
    np.testing.assert_allclose(
        outputs["logits"],
        expected["logits"][:, own : own + len(KNOWN)],
        rtol=1e-4,
        atol=1e-4,
    )


def test_refused(finished, known, tmp_path, monkeypatch):
    for arguments, message in (
        (("CAKE-4",), "no model 'CAKE-4', there is CAKE-3, AV1"),
        (("CAKE-3", "third"), "no corpus 'third', there is large, small"),
        (("true AV",), "true AV takes annotated valence and arousal"),
    ):
        with pytest.raises(run.RunError, match=message):
            compact_network.compose(finished, *arguments)
    with pytest.raises(run.RunError, match="no CAKE-2_7.keras in parts/"):
        compact_network.compose(finished, "CAKE-2", seed=7)
    monkeypatch.setattr(
        run_folder, "load", lambda path: compact_run.network("another")
    )
    with pytest.raises(run.RunError, match="other weights than when the run"):
        compact_network.compose(finished)
    monkeypatch.setattr(
        recipes, "get", lambda name: recipes._all()["zero_bias_cnn_fer2013"]
    )
    with pytest.raises(run.RunError, match="heads on frozen features. Recei"):
        compact_network.compose(finished)


@pytest.mark.parametrize("quantize", ["none", "int8"])
def test_exported_with_both_heads(finished, known, monkeypatch, quantize):
    monkeypatch.setattr(run_folder, "load", LOAD)
    report = compact_network.export(finished, "tflite", quantize=quantize)
    assert report.images == 60 and report.split == "val"
    network = inference.LiteRTNetwork(finished / report.file)
    assert network.info.classes == KNOWN
    faces = corpus(14).images
    answers = network.predict(faces)
    model = keras.models.load_model(finished / "model.keras")
    expected = model.predict(faces, verbose=0)["embedding"]
    assert answers["embedding"].shape == (14, 3)
    if quantize == "none":
        np.testing.assert_allclose(
            answers["embedding"], expected, rtol=1e-3, atol=1e-4
        )
    card = (finished / "README.md").read_text()
    assert f"| `{report.file}` |" in card and "| CAKE-3 | 3 |" in card
    metrics = json.loads((finished / "metrics.json").read_text())
    own = metrics["models"]["CAKE-3"]["domains"]["large"]["large"]
    assert report.accuracy_original == own["accuracy"]["values"][0]


def test_of_annotated_models_there_is_none():
    heads = {"true AV": RECIPE.models["true AV"]}
    recipe = dataclasses.replace(RECIPE, models=heads)
    assert recipe.main is None and RECIPE.main == "CAKE-3"
    first = {k: RECIPE.models[k] for k in ("true AV", "AV", "AV1")}
    recipe = dataclasses.replace(RECIPE, models=first)
    assert recipe.main == "AV"

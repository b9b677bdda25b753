import dataclasses
import json
import shutil

import numpy as np
import pytest
from recipes.drawn_run import RECIPE

from keras_fer import analysis
from keras_fer import recipes
from keras_fer.recipes import embedding_figures
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.repetition import repeat

SEEDS = dataclasses.replace(RECIPE, seeds=2)


@pytest.fixture(scope="module")
def repeated(tmp_path_factory):
    return repeat(SEEDS, tmp_path_factory.mktemp("runs") / "drawn", verbose=0)


def test_each_seed_is_measured(repeated, monkeypatch):
    monkeypatch.setattr(embedding_figures, "_PLANES", 2)
    monkeypatch.setattr(recipes, "get", lambda name: SEEDS)
    summary = embedding_figures.draw_embedding(repeated)
    written = json.loads((repeated / "embedding.json").read_text())
    assert json.loads(json.dumps(summary)) == written
    assert (repeated / "embedding.png").stat().st_size > 10_000
    assert list(summary["splits"]) == ["train", "val", "test"]
    corpus = RECIPE.corpus("val")
    for seed, found in enumerate(summary["splits"]["val"]["trained"]):
        network = run_folder.load(repeated / f"seed_{seed}")
        embedded = network.predict(corpus.images, verbose=0)["embedding"]
        expected = analysis.embedding_statistics(
            embedded, corpus.labels["expression"]
        )
        for name, value in dataclasses.asdict(expected).items():
            assert found[name] == pytest.approx(value, rel=1e-3), name
    found, networks = summary["splits"]["val"], ("trained", "untrained")
    lying, test = summary["directions"], RECIPE.corpus("test")
    assert lying["split"] == "test"
    for planes in lying["planes"].values():
        assert len(planes) == embedding_figures._PLANES
        assert set(lying["classes"]) >= {plane["middle"] for plane in planes}
    assert list(lying["planes"]) == list(networks)
    labels, people = (test.labels[k] for k in ("expression", "subject"))
    assert lying["people"] == [len(set(people[labels == k])) for k in range(7)]
    of_each = [
        analysis.class_directions(
            run_folder.load(path).predict(test.images, verbose=0)["embedding"],
            labels,
        ).distances
        for path in run_folder.singles(repeated)
    ]
    assert lying["trained"]["distances"] == pytest.approx(
        np.mean(of_each, axis=0), abs=1e-2
    )
    assert len(found["plane"]) == 2 and len(found["plane"][0]) == 5
    assert found["images"] == 70 and len(found["trained"]) == 2
    assert len(found["untrained"]) == embedding_figures._RANDOM
    values = [one["silhouette"] for k in networks for one in found[k]]
    assert len(set(values)) == len(values) == 5
    with pytest.raises(ValueError, match="layer of vectors. Received: conv"):
        embedding_figures.draw_embedding(repeated, layer="conv")
    shutil.rmtree(repeated / "seed_1")
    with pytest.raises(run.RunError, match="seeds, 0, 1. Received: seed_0"):
        embedding_figures.draw_embedding(repeated)


def test_a_large_split_is_sampled(repeated, tmp_path, monkeypatch):
    monkeypatch.setattr(embedding_figures, "_MEASURED", 40)
    monkeypatch.setattr(embedding_figures, "_DRAWN", 21)
    monkeypatch.setattr(embedding_figures, "_PLANES", 1)
    monkeypatch.setattr(recipes, "get", lambda name: RECIPE)
    drawn = []
    monkeypatch.setattr(
        embedding_figures.visualization,
        "plot_embedding",
        lambda points, labels, *others, ax: drawn.append((points, labels)),
    )
    folder = shutil.copytree(repeated / "seed_0", tmp_path / "run")
    # A rare class is not lost, and an embedding that is a point is drawn.
    network = run_folder.load(folder)
    zeros = [0 * w for w in network.get_layer("embedding").get_weights()]
    network.get_layer("embedding").set_weights(zeros)
    run_folder.save(network, folder)
    corpus = RECIPE.corpus("train")
    rare = np.flatnonzero(corpus.labels["expression"] != 3)[:-1]
    rare = np.append(rare, np.flatnonzero(corpus.labels["expression"] == 3)[0])
    recipe = dataclasses.replace(
        RECIPE,
        corpus=lambda split, **options: (
            corpus.select(rare) if split == "train" else RECIPE.corpus(split)
        ),
    )
    monkeypatch.setattr(run, "recipe_of", lambda _: recipe)
    summary = embedding_figures.draw_embedding(folder)
    assert {s["images"] for s in summary["splits"].values()} == {40}
    assert [points.shape for points, _ in drawn] == [(21, 2)] * 3
    assert all((points == 0).all() for points, _ in drawn)
    assert summary["splits"]["val"]["trained"][0]["separation"] == 0

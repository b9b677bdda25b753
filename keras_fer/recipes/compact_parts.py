"""What heads on frozen features are trained and measured on."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from keras_fer import export as exports
from keras_fer.datasets import CorpusError
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import ANNOTATION
from keras_fer.recipes.compact_recipe import UNTRAINED
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.features import frozen_features
from keras_fer.recipes.run_folder import RunError


def load_networks(recipe: CompactRecipe) -> dict[tuple[str, str], keras.Model]:
    """Load the frozen networks, by the run and layer that models name.

    Raises:
        RunError: one is missing, or a model takes what no run gives.
    """
    places = set()
    for name, head in recipe.models.items():
        inputs = head.make(domains=dict.fromkeys(recipe.domains, 2)).inputs
        sources = head.sources(recipe)
        places |= {sources[tensor.name] for tensor in inputs}
        if None in (sources[tensor.name][0] for tensor in inputs):
            raise RunError(
                f"{recipe.name}: {name} takes valence and arousal, but the "
                "recipe names no `affect_backbone` that estimates them"
            )
    places.discard(ANNOTATION)
    loaded = {
        source: _load(source) for source in sorted({s for s, _ in places})
    }
    return {place: loaded[place[0]] for place in sorted(places)}


def _load(source):
    name = source.removeprefix(UNTRAINED)
    network = run.load_named(name)
    if name != source:
        (network,) = run_folder.untrained(network, 1)
    return network


def settings_of(recipe: CompactRecipe, networks: dict, skip_bad: bool) -> dict:
    """What is written down of a run before it starts, and must not change."""
    return {
        **recipe.to_json(),
        "skip_bad": skip_bad,
        "weights_sha256": {
            source: exports.weights_sha256(network)
            for (source, _), network in networks.items()
        },
    }


def check_weights(networks: dict, folder: Path):
    """Refuse backbones that are others than when a run was made.

    Raises:
        RunError: they are.
    """
    written = run_folder.read_settings(folder)["weights_sha256"]
    for (source, _), network in networks.items():
        if written.get(source) != exports.weights_sha256(network):
            raise RunError(
                f"{folder}: {source} has other weights than when the run was "
                "made"
            )


@dataclasses.dataclass(frozen=True)
class Part:
    """A split of a corpus as the models take it.

    Args:
        inputs: by run and layer, float32 `(N, size)`.
        labels: `(N,)`, numbers of the recipe's classes.
        notes: what was left out, and why.
        sha256: hash of the images and labels of the corpus.
    """

    inputs: dict[tuple[str, str], np.ndarray]
    labels: np.ndarray
    notes: tuple[str, ...]
    sha256: str


def read_corpora(recipe: CompactRecipe, **options):
    """Read each corpus once, so that what is missing shows at the start.

    Raises:
        CorpusError: a corpus is missing or malformed.
    """
    for domain in recipe.domains.values():
        for split in ("train", domain.test):
            fold = {"fold": 0} if domain.folds else {}
            domain.load(split, **fold, **options)


def reader(
    recipe: CompactRecipe, networks: dict, folder: Path, **options
) -> Callable[[int], dict[tuple[str, str], Part]]:
    """A function that reads what one seed is trained and tested on.

    Args:
        recipe: the experiment.
        networks: see `load_networks`.
        folder: run folder, in which features are kept.
        options: `data_dir` and `skip_bad` of the loaders.

    Returns:
        A function of the seed, which gives a `Part` for each corpus and
        `"train"` and `"test"`. What seeds share it reads once.
    """
    read = functools.cache(
        lambda *part: _read(recipe, networks, folder, options, *part)
    )

    def parts_of(seed):
        return {
            (name, kind): read(
                name, split, domain.folds and seed % domain.folds
            )
            for name, domain in recipe.domains.items()
            for kind, split in (("train", "train"), ("test", domain.test))
        }

    return parts_of


def _read(recipe, networks, folder, options, name, split, fold):
    """One split of one corpus, and what the frozen networks give for it."""
    fold = {} if fold is None else {"fold": fold}
    corpus = recipe.domains[name].load(split, **fold, **options)
    rows, labels = _labels(recipe, corpus)
    notes = list(corpus.notes)
    if len(rows) < len(corpus):
        others = [c for c in corpus.info.classes if c not in recipe.classes]
        notes.append(
            f"{corpus.info.title}, {split}: {len(corpus) - len(rows)} images "
            f"of {', '.join(others)} left out"
        )
    inputs = {
        place: frozen_features(network, corpus, folder / "features", place[1])[
            rows
        ]
        for place, network in networks.items()
    }
    if {"valence", "arousal"} <= set(corpus.labels):
        columns = (corpus.labels["valence"], corpus.labels["arousal"])
        inputs[ANNOTATION] = np.stack(columns, axis=1)[rows].astype("float32")
    elif any(head.annotated for head in recipe.models.values()):
        raise CorpusError(
            f"{corpus.info.name}, split {split}: has no valence and arousal, "
            "which models of this recipe take"
        )
    return Part(inputs, labels, tuple(notes), corpus.sha256())


def _labels(recipe, corpus):
    """Rows whose expression the recipe has, and its numbers there."""
    places = np.array(
        [
            recipe.classes.index(c) if c in recipe.classes else -1
            for c in corpus.info.classes
        ]
    )
    labels = places[corpus.labels["expression"]]
    rows = np.flatnonzero(labels >= 0)
    return rows, labels[rows]

"""Compact embeddings over several corpora: the experiments of CAKE."""

import dataclasses
import functools
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import rich.progress
import sklearn.metrics
import tensorflow as tf

from keras_fer import export as exports
from keras_fer import losses
from keras_fer import visualization
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import compact_card
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.features import frozen_features
from keras_fer.recipes.recipe import describe
from keras_fer.recipes.run_folder import RunError

_BATCH = 512
_MEASURES = ("accuracy", "uar", "macro_f1")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Domain:
    """One corpus of a `CompactRecipe`.

    Args:
        load: `load_data` of the corpus.
        test: split whose figures are reported.
        folds: number of its folds, of which seed s takes fold s modulo their
            number; none for a corpus whose splits are given.
    """

    load: Callable
    test: str = "test"
    folds: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Head:
    """One model of a `CompactRecipe`.

    Args:
        make: maker of a `models.CAKE`, called with `domains` and `heads`.
        backbone: run whose features it takes, by default that of the recipe.
    """

    make: Callable[..., keras.Model]
    backbone: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompactRecipe:
    """Heads of several sizes on the features of one frozen network.

    Args:
        name: name of the recipe.
        paper: the paper's figure, with its table, or that it has none.
        cost: what the run takes.
        backbone: run whose network gives the features: one of the package or in
            `runs/`, by its name, or a run folder.
        domains: the corpora, by the names of their classifiers.
        classes: expressions, the same for all classifiers. Images of others are
            left out; a corpus may lack some.
        models: a `Head` each, by what the table calls it.
        affect_backbone: run whose network estimates valence and arousal, for
            models that take them.
        epochs: passes over all corpora together.
        learning_rate: of Adam; it falls along a half cosine to a hundredth.
        domain_weights: weigh corpora by one over the logarithm of their size.
        seeds: number of runs of each model.

    Example:

    >>> from keras_fer import recipes
    >>> list(recipes.get("cake_fer2013_sfew_ck_plus").domains)
    ['fer2013', 'sfew', 'ck_plus', 'ferplus']

    Reference:
        - CAKE, section 3: tables 1 to 3, figure 4.
    """

    name: str
    paper: str
    cost: str
    backbone: str
    domains: dict[str, Domain]
    classes: tuple[str, ...]
    models: dict[str, Head]
    affect_backbone: str | None = None
    epochs: int = 20
    learning_rate: float = 1e-3
    domain_weights: bool = True
    seeds: int = 10

    def __post_init__(self):
        for name in ("epochs", "seeds"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: "
                    f"{name}={getattr(self, name)}"
                )

    def to_json(self) -> dict:
        """The recipe as plain values, to be written beside what it made."""
        return describe(self)


def train(
    recipe: CompactRecipe,
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    resume: bool = False,
    skip_bad: bool = False,
) -> Path:
    """Train every model of a recipe with every seed, and compare them.

    The backbone is frozen: its features are computed once and kept in
    `features/`, so that heads see each picture as it is. Each classifier is
    then asked about each corpus.

    Args:
        recipe: the experiment.
        folder: run folder; must not hold a run yet.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on after the models and seeds that are finished.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `README.md`,
        `dimensions.png`, and the weights of each model of the first seed.

    Raises:
        CorpusError: a corpus is missing or malformed.
        RunError: the folder holds a run, or one of other settings; a backbone
            is missing.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import compact
    >>> recipe = recipes.get("cake_fer2013_sfew_ck_plus")
    >>> compact.train(recipe, "runs/cake")  # doctest: +SKIP
    PosixPath('runs/cake')
    """
    folder = Path(folder)
    run_folder.check_free(folder, resume)
    tf.config.experimental.enable_op_determinism()
    places = {
        (head.backbone or recipe.backbone, "embedding")
        for head in recipe.models.values()
    }
    if recipe.affect_backbone:
        places.add((recipe.affect_backbone, "valence_arousal"))
    loaded = {
        source: run_folder.load(run.find_run(source))
        for source in sorted({source for source, _ in places})
    }
    networks = {place: loaded[place[0]] for place in places}
    settings = {
        **recipe.to_json(),
        "skip_bad": skip_bad,
        "weights_sha256": {
            source: exports.weights_sha256(network)
            for source, network in loaded.items()
        },
    }
    run_folder.check_settings(settings, folder)
    options = {"data_dir": data_dir, "skip_bad": skip_bad}
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

    parts_of(0)  # A corpus that is missing shows before anything is written.
    with run_folder.locked(folder):
        run_folder.write_settings(settings, folder)
        jobs = [(s, m) for s in range(recipe.seeds) for m in recipe.models]
        bar = progress_bar(recipe.name)
        for seed, model in rich.progress.track(jobs, **bar):
            path = folder / "parts" / f"{model}_{seed}.json"
            if path.is_file():
                continue
            network, figures = _train_one(recipe, model, seed, parts_of(seed))
            path.parent.mkdir(exist_ok=True)
            if seed == 0:
                part = path.with_name(f"{model}.part.keras")
                network.save(part)
                part.replace(folder / f"{model}.keras")
            run_folder.write_json(path, figures)
            keras.utils.clear_session()  # Else each model stays in memory.
        _summarize(recipe, folder)
    return folder


@dataclasses.dataclass(frozen=True)
class _Part:
    """A split as the models take it."""

    inputs: dict[tuple[str, str], np.ndarray]
    labels: np.ndarray
    notes: tuple[str, ...]
    sha256: str


def _read(recipe, networks, folder, options, name, split, fold):
    """One split of one corpus, and what the frozen networks give for it."""
    fold = {} if fold is None else {"fold": fold}
    corpus = recipe.domains[name].load(split, **fold, **options)
    places = np.array(
        [
            recipe.classes.index(c) if c in recipe.classes else -1
            for c in corpus.info.classes
        ]
    )
    labels = places[corpus.labels["expression"]]
    notes = list(corpus.notes)
    if (labels < 0).any():
        others = [c for c in corpus.info.classes if c not in recipe.classes]
        notes.append(
            f"{corpus.info.title}, {split}: {(labels < 0).sum()} images of "
            f"{', '.join(others)} left out"
        )
    inputs = {
        place: frozen_features(network, corpus, folder / "features", place[1])[
            labels >= 0
        ]
        for place, network in networks.items()
    }
    return _Part(inputs, labels[labels >= 0], tuple(notes), corpus.sha256())


def _train_one(recipe, name, seed, parts):
    began = time.monotonic()
    keras.utils.set_random_seed(seed)
    sizes = dict.fromkeys(recipe.domains, len(recipe.classes))
    head = recipe.models[name]
    network = head.make(domains=sizes, heads=("logits", "embedding"))
    places = {
        "features": (head.backbone or recipe.backbone, "embedding"),
        "valence_arousal": (recipe.affect_backbone, "valence_arousal"),
    }
    places = {tensor.name: places[tensor.name] for tensor in network.inputs}
    logits = keras.Model(network.input, network.output["logits"])
    trained = [parts[domain, "train"] for domain in recipe.domains]
    counts = {
        domain: np.bincount(part.labels, minlength=len(recipe.classes))
        for domain, part in zip(recipe.domains, trained, strict=True)
    }
    targets = np.concatenate(
        [
            np.stack([np.full_like(part.labels, k), part.labels], axis=1)
            for k, part in enumerate(trained)
        ]
    )
    steps = recipe.epochs * -(-len(targets) // _BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate, steps, alpha=0.01
    )
    logits.compile(
        keras.optimizers.Adam(rate),
        losses.MultiDomainCrossentropy(
            counts, domain_weights=recipe.domain_weights
        ),
    )
    logits.fit(
        _inputs(places, trained),
        targets,
        batch_size=_BATCH,
        epochs=recipe.epochs,
        verbose=0,
    )
    seconds, figures = time.monotonic() - began, {}
    for domain in recipe.domains:
        part = parts[domain, "test"]
        answers = logits.predict(
            _inputs(places, [part]), batch_size=4096, verbose=0
        ).reshape(len(part.labels), len(recipe.domains), -1)
        figures[domain] = {
            classifier: _figures(part.labels, answers[:, k].argmax(axis=1))
            for k, classifier in enumerate(recipe.domains)
        }
    notes = [note for part in parts.values() for note in part.notes]
    return network, {
        "parameters": network.count_params(),
        "dimensions": network.output["embedding"].shape[-1],
        "seconds": round(seconds, 2),
        "domains": figures,
        "notes": list(dict.fromkeys(notes)),
        "data_sha256": {
            f"{domain}, {kind}": part.sha256
            for (domain, kind), part in parts.items()
        },
    }


def _inputs(places, parts):
    """What a model takes, of several splits one after the other."""
    given = {
        name: np.concatenate([part.inputs[place] for part in parts])
        for name, place in places.items()
    }
    return given if len(given) > 1 else next(iter(given.values()))


def _figures(labels, answers):
    """Means over the expressions that the faces show."""
    shown = np.unique(labels)
    recall, f1 = (
        measure(labels, answers, labels=shown, average="macro", zero_division=0)
        for measure in (sklearn.metrics.recall_score, sklearn.metrics.f1_score)
    )
    return {
        "images": len(labels),
        "accuracy": float((labels == answers).mean()),
        "uar": float(recall),
        "macro_f1": float(f1),
    }


def _summarize(recipe, folder):
    """Write what the seeds have in common."""
    result = {"recipe": recipe.name, "models": {}}
    parts = {
        name: [
            run_folder.read_json(folder / "parts" / f"{name}_{seed}.json")
            for seed in range(recipe.seeds)
        ]
        for name in recipe.models
    }
    first = next(iter(parts.values()))
    for name, found in parts.items():
        for seed, (one, other) in enumerate(zip(found, first, strict=True)):
            if one["data_sha256"] != other["data_sha256"]:
                raise RunError(
                    f"{folder}: {name} was trained with seed {seed} on other "
                    f"data than {next(iter(parts))}"
                )
        result["models"][name] = {
            "parameters": found[0]["parameters"],
            "dimensions": found[0]["dimensions"],
            "multi_domain_f1": _spread(
                [multi_domain_f1(part["domains"]) for part in found]
            ),
            "domains": {
                domain: {
                    classifier: {
                        measure: _spread(
                            [
                                part["domains"][domain][classifier][measure]
                                for part in found
                            ]
                        )
                        for measure in _MEASURES
                    }
                    for classifier in recipe.domains
                }
                for domain in recipe.domains
            },
        }
    everything = [part for found in parts.values() for part in found]
    result |= {
        "seeds": recipe.seeds,
        "splits": {name: d.test for name, d in recipe.domains.items()},
        "images": {
            domain: first[0]["domains"][domain][domain]["images"]
            for domain in recipe.domains
        },
        "training_hours": round(
            sum(part["seconds"] for part in everything) / 3600, 2
        ),
        "notes": list(
            dict.fromkeys(note for part in everything for note in part["notes"])
        ),
    }
    run_folder.write_json(folder / "metrics.json", result)
    figure = run_folder.new_figure((6.4, 4.4))
    visualization.plot_dimensions(
        {
            name: (
                of["dimensions"],
                of["multi_domain_f1"]["mean"],
                of["multi_domain_f1"]["std"],
            )
            for name, of in result["models"].items()
        },
        f"{recipe.name}: F1 over all corpora, {recipe.seeds} seeds",
        figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "dimensions.png")
    text = compact_card.write(recipe, result)
    run_folder.write_text(folder / "README.md", text)


def multi_domain_f1(figures: dict) -> float:
    """Macro F1 of each corpus by its own classifier, weighted by its images.

    Args:
        figures: of each corpus and classifier `"images"` and `"macro_f1"`.

    Example:

    >>> from keras_fer.recipes import compact
    >>> large = {"large": {"images": 300, "macro_f1": 0.5}}
    >>> small = {"small": {"images": 100, "macro_f1": 0.9}}
    >>> round(compact.multi_domain_f1({"large": large, "small": small}), 3)
    0.6

    Reference:
        - CAKE, section 3.2.
    """
    own = [figures[domain][domain] for domain in figures]
    return float(
        np.average(
            [of["macro_f1"] for of in own], weights=[of["images"] for of in own]
        )
    )


def _spread(values):
    """Mean and deviation over the seeds; of one seed there is no deviation."""
    return {
        "values": [float(value) for value in values],
        "mean": float(np.mean(values)),
        "std": float(np.std(values, ddof=1)) if len(values) > 1 else None,
    }

"""Compact embeddings over several corpora: the experiments of CAKE."""

import time
from pathlib import Path

import keras
import numpy as np
import rich.progress
import sklearn.metrics
import tensorflow as tf

from keras_fer import losses
from keras_fer import visualization
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import compact_card
from keras_fer.recipes import compact_network
from keras_fer.recipes import compact_parts
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.run_folder import RunError

_BATCH = 512
_MEASURES = ("accuracy", "uar", "macro_f1")


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
        `dimensions.png`, in `parts/` figures and weights of each model and
        seed, and `model.keras`: CAKE-3 (or else the first model, if it needs
        no annotation) of the first seed behind its backbone, with the
        classifier of the first corpus.

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
    networks = compact_parts.load_networks(recipe)
    settings = compact_parts.settings_of(recipe, networks, skip_bad)
    run_folder.check_settings(settings, folder)
    parts_of = compact_parts.reader(
        recipe, networks, folder, data_dir=data_dir, skip_bad=skip_bad
    )
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
            part = path.with_suffix(".part.keras")
            network.save(part)
            part.replace(path.with_suffix(".keras"))
            run_folder.write_json(path, figures)
            keras.utils.clear_session()  # Else each model stays in memory.
        _save_main(recipe, networks, folder)
        _summarize(recipe, folder)
    return folder


def _train_one(recipe, name, seed, parts):
    began = time.monotonic()
    keras.utils.set_random_seed(seed)
    sizes = dict.fromkeys(recipe.domains, len(recipe.classes))
    head = recipe.models[name]
    network = head.make(domains=sizes, heads=("logits", "embedding"))
    places = head.sources(recipe)
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
        # A head is small enough to be called at once, which saves tracing it.
        answers = logits(_inputs(places, [part]), training=False).numpy()
        answers = answers.reshape(len(part.labels), len(recipe.domains), -1)
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


def _save_main(recipe, networks, folder):
    model = compact_network.main_model(recipe)
    domain = next(iter(recipe.domains))
    if model and not (folder / "model.keras").is_file():
        network = compact_network.behind_backbone(
            recipe, networks, folder, model, domain, seed=0
        )
        run_folder.save(network, folder)


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
        "std": compact_card.deviation(values),
    }

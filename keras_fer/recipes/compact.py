"""Compact embeddings over several corpora: the experiments of CAKE."""

import time
from pathlib import Path

import keras
import numpy as np
import rich.progress
import sklearn.metrics
import tensorflow as tf

from keras_fer import export as exports
from keras_fer import losses
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import compact_network
from keras_fer.recipes import compact_parts
from keras_fer.recipes import compact_summary
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.recipe import adam

_BATCH = 512


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
        `dimensions.png`, answers to each image in `answers_<corpus>.npz`, in
        `parts/` figures and weights of each model and seed, and `model.keras`:
        the recipe's main model of the first seed behind its backbone, with the
        classifier of the first corpus.

    Raises:
        CorpusError: a corpus is missing or malformed.
        RunError: the folder holds a run, or one of other settings or data; a
            backbone is missing, or a model has no source of valence and
            arousal.

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
    compact_parts.read_corpora(recipe, data_dir=data_dir, skip_bad=skip_bad)
    with run_folder.locked(folder):
        run_folder.check_free(folder, resume)
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
        saved = _save_main(recipe, networks, folder)
        compact_summary.summarize(recipe, folder, saved)
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
    logits.compile(
        adam(steps, recipe.learning_rate)(),
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
    seconds = time.monotonic() - began
    named, figures = {}, {}
    for domain in recipe.domains:
        part = parts[domain, "test"]
        # A head is small enough to be called at once, which saves tracing it.
        answers = logits(_inputs(places, [part]), training=False).numpy()
        answers = answers.reshape(len(part.labels), len(recipe.domains), -1)
        figures[domain] = {}
        for k, classifier in enumerate(recipe.domains):
            # A classifier cannot name what its corpus lacks, nor should it be
            # held to it.
            known = (counts[classifier] > 0) & (counts[domain] > 0)
            of = np.where(known, answers[:, k], -np.inf).argmax(axis=1)
            rows = known[part.labels] | (classifier == domain)
            figures[domain][classifier] = _figures(part.labels[rows], of[rows])
            if classifier == domain:
                named[domain] = of.tolist()
    notes = [note for part in parts.values() for note in part.notes]
    return network, {
        "parameters": network.count_params(),
        "dimensions": network.output["embedding"].shape[-1],
        "seconds": round(seconds, 2),
        "domains": figures,
        "named": named,
        "labels": {d: parts[d, "test"].labels.tolist() for d in recipe.domains},
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
    """Save the main model behind its backbone; the hash of its weights."""
    if recipe.main is None:
        return None
    domain = next(iter(recipe.domains))
    network = compact_network.behind_backbone(
        recipe, networks, folder, recipe.main, domain, seed=0
    )
    if not (folder / "model.keras").is_file():
        run_folder.save(network, folder)
    return exports.weights_sha256(network)

"""Run a recipe once a seed, and write what the runs have in common."""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer.datasets import CorpusInfo
from keras_fer.evaluation import MEASURES
from keras_fer.recipes import card
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.run_folder import RunError

_logger = logging.getLogger(__name__)


def repeat(
    recipe: Recipe,
    folder: str | Path,
    *,
    seeds: Sequence[int] | None = None,
    data_dir: str | Path | None = None,
    resume: bool = False,
    verbose="auto",
    **options,
) -> Path:
    """Train a recipe's network with one seed after the other.

    Each seed is a run of its own in `seed_<number>`. After each the figures of
    all that are finished are written, and their answers to each image, by
    which recipes are compared (`evaluation.compare_runs`).

    Args:
        recipe: an experiment with seeds.
        folder: run folder; must not hold a run yet.
        seeds: the seeds to run, by default 0 to `recipe.seeds - 1`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on where `folder` was left.
        verbose: as in `keras.Model.fit`.
        options: `init`, `skip_bad`, `jit` and `devices` as in `run.train`.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `history.csv`,
        `answers_<split>.npz`, `README.md`, a figure, and the folder of each
        seed.

    Raises:
        CorpusError: the corpus is missing or malformed.
        RunError: the recipe has no seeds, the folder holds a run with other
            settings, and as `run.train`.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes.repetition import repeat
    >>> recipe = recipes.get("daf_cnn_fer2013_small")
    >>> repeat(recipe, "runs/small", seeds=[0])  # doctest: +SKIP
    PosixPath('runs/small')
    """
    folder = Path(folder)
    run.check_network(recipe)
    if not recipe.seeds:
        raise RunError(f"{recipe.name} has no seeds: use run.train")
    run_folder.check_free(folder, resume)
    seeds = list(dict.fromkeys(range(recipe.seeds) if seeds is None else seeds))
    options["init"] = options.get("init") or recipe.init
    if resume:
        begun = [p for p in folder.glob("seed_*") if p.name[5:].isdecimal()]
        for path in [folder, *sorted(begun)]:
            if (path / "recipe.json").exists():
                options["init"] = _written_init(recipe, path, folder)
                break
    settings = run.settings(recipe, **options)
    run_folder.check_settings(settings, folder)
    for path in run_folder.seeds_in(folder):
        of, own = _of_seed(recipe, int(path.name[5:]), options)
        single = run.settings(of, **own)
        run_folder.check_settings({**run_folder.data_of(path), **single}, path)
    for number, seed in enumerate(seeds, start=1):
        _logger.info("seed %d (%d of %d)", seed, number, len(seeds))
        path = folder / f"seed_{seed}"
        if path not in run_folder.seeds_in(folder):
            single, own = _of_seed(recipe, seed, options)
            run.train(
                single,
                path,
                data_dir=data_dir,
                resume=resume,
                verbose=verbose,
                **own,
            )
            run_folder.forget_networks()
        _summarize(recipe, settings, folder)
    return folder


def _of_seed(recipe, seed, options):
    """The recipe of one seed and its options: `init` may be a run a seed."""
    single = recipe.of_seed(seed)
    if options["init"] == recipe.init:
        options = {**options, "init": single.init}
    return single, options


def _written_init(recipe, path, folder):
    """What a run started from; the recipe's own, where a seed has its part."""
    written = run_folder.read_settings(path)["init"]
    if path == folder:
        return written
    single = recipe.of_seed(int(path.name[5:]))
    return recipe.init if written == single.init else written


def _together(labels, named, result, first):
    """One report of the answers of all seeds, with the intervals of one."""
    classes = tuple(first["classes"])
    report = evaluation.classification_report(
        np.tile(labels, len(named)),
        np.eye(len(classes))[named.ravel()],
        classes,
        corpus=f"{first['corpus']}, {len(named)} seeds",
        split=result["split"],
    )
    figures = result["repetition"]
    return dataclasses.replace(
        report,
        samples=len(labels),
        accuracy_interval=figures["accuracy"]["interval"],
        macro_f1=figures["macro_f1"]["mean"],
    )


def _summarize(recipe, settings, folder):
    """Write what the finished runs have in common."""
    run_folder.write_settings(settings, folder)
    paths = {int(p.name[5:]): p for p in run_folder.seeds_in(folder)}
    results = {
        seed: run_folder.read_result(path) for seed, path in paths.items()
    }
    first = next(iter(results.values()))
    split = "test" if "test" in first else "val"
    data = [run_folder.data_of(path) for path in paths.values()]
    for path, of_run in zip(paths.values(), data, strict=True):
        if of_run != data[0]:
            raise RunError(f"{path}: was trained on other data than the others")
    answers = [run_folder.read_answers(split, path) for path in paths.values()]
    labels, named = answers[0][0], np.stack([named for _, named in answers])
    run_folder.write_answers(labels, named, split, folder)
    values = {
        name: [result[split][name] for result in results.values()]
        for name in MEASURES
    }
    hours = sum(result["training_hours"] for result in results.values())
    result = {
        "recipe": recipe.name,
        "parameters": first["parameters"],
        "selected_on": recipe.monitor,
        "training_hours": round(hours, 2),
        "split": split,
        "samples": first[split]["samples"],
        "seeds": list(results),
        "repetition": {
            name: {
                "values": of_runs,
                "mean": float(np.mean(of_runs)),
                # Of one run there is none.
                "std": float(np.std(of_runs, ddof=1))
                if len(of_runs) > 1
                else None,
                # Of the luck of images; that of seeds is in the deviation.
                "interval": np.mean(
                    [r[split][f"{name}_interval"] for r in results.values()],
                    axis=0,
                ).tolist(),
            }
            for name, of_runs in values.items()
        },
        "weights_sha256": [r["weights_sha256"] for r in results.values()],
        "corpus": dataclasses.asdict(CorpusInfo(**first["corpus"])),
        "notes": first["notes"],
    }
    run_folder.write_json(folder / "metrics.json", result)
    run_folder.write_histories("seed", paths, folder)
    together = _together(labels, named, result, first[split])
    run_folder.write_confusion(together, folder)
    write_card(recipe, result, folder)


def write_card(recipe: Recipe, result: dict, folder: Path):
    """Write the card of a run with seeds, with what it made of compounds.

    Args:
        recipe: the experiment.
        result: content of the run's `metrics.json`.
        folder: run folder.
    """
    compounds = run_folder.read_compounds(folder, result["weights_sha256"])
    info = CorpusInfo(**result["corpus"])
    text = card.write_seeds(recipe, result, info, compounds)
    run_folder.write_text(folder / "README.md", text)

"""Run a recipe once a fold, and write the mean over the folds."""

import csv
import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

import keras

from keras_fer import evaluation
from keras_fer.datasets import CorpusInfo
from keras_fer.recipes import card
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.run_folder import RunError

_LONG = ("calibration_bins", "corpus", "split", "classes")

_logger = logging.getLogger(__name__)


def cross_validate(
    recipe: Recipe,
    folder: str | Path,
    *,
    folds: Sequence[int] | None = None,
    resume: bool = False,
    **options,
) -> Path:
    """Train a recipe's network on each fold, one after the other.

    Each fold is a run of its own in `fold_<number>`, whose epoch is chosen on
    the fold's validation split; the test split is looked at once. After each
    fold the figures of all that are finished are written.

    Args:
        recipe: an experiment with folds.
        folder: run folder; must not hold a run yet.
        folds: numbers of the folds to run, by default all.
        resume: go on where `folder` was left: finished folds stay, the one
            that was interrupted goes on from its last whole epoch.
        options: further arguments of `run.train`, for each fold.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `history.csv`,
        `README.md`, two figures, and the folder of each fold.

    Raises:
        CorpusError: the corpus is missing or malformed, or a fold of it has
            no test split.
        RunError: the recipe has no such folds, and as `run.train`.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes.cross_validation import cross_validate
    >>> recipe = recipes.get("zero_bias_cnn_ck_plus_six")
    >>> cross_validate(recipe, "runs/six", folds=[0])  # doctest: +SKIP
    PosixPath('runs/six')
    """
    folder = Path(folder)
    run_folder.check_free(folder, resume)
    if not recipe.folds:
        raise RunError(f"{recipe.name} has no folds: use run.train")
    folds = list(dict.fromkeys(range(recipe.folds) if folds is None else folds))
    runs = {fold: recipe.of_fold(fold) for fold in folds}
    for number, (fold, single) in enumerate(runs.items(), start=1):
        _logger.info("fold %d (%d of %d)", fold, number, len(runs))
        run.train(single, folder / f"fold_{fold}", resume=resume, **options)
        keras.backend.clear_session()  # else each network stays in memory
        report = _summarize(recipe, folder)
        _logger.info(
            "fold %d: test accuracy %.2f %%; %d folds: %s",
            fold,
            100 * report.accuracy.values[report.folds.index(fold)],
            len(report.folds),
            card.share(dataclasses.asdict(report.accuracy)),
        )
    return folder


def _summarize(recipe, folder):
    """Write what the finished folds have in common."""
    paths = run_folder.folds_in(folder)
    numbers = [int(path.name.split("_")[1]) for path in paths]
    results = [run_folder.read_result(path) for path in paths]
    settings = run_folder.read_settings(paths[0])
    del settings["data_sha256"]  # of one fold
    run_folder.write_settings({**settings, **recipe.to_json()}, folder)
    without_test = [
        path.name
        for path, result in zip(paths, results, strict=True)
        if "test" not in result
    ]
    if without_test:
        raise RunError(f"{folder}: no test figure of {', '.join(without_test)}")
    report = evaluation.cross_validation_report(
        {
            number: evaluation.ClassificationReport(**result["test"])
            for number, result in zip(numbers, results, strict=True)
        }
    )
    result = {
        "recipe": recipe.name,
        "parameters": results[0]["parameters"],
        "selected_on": recipe.monitor,
        "training_hours": round(sum(r["training_hours"] for r in results), 2),
        "cross_validation": report.to_json(),
        "folds": [
            {"fold": number, **_brief(result)}
            for number, result in zip(numbers, results, strict=True)
        ],
    }
    run_folder.write_json(folder / "metrics.json", result)
    _write_history(dict(zip(numbers, paths, strict=True)), folder)
    run_folder.write_folds(report, folder)
    info = CorpusInfo(**results[0]["corpus"])
    text = card.write_folds(recipe, result, info)
    run_folder.write_text(folder / "README.md", text)
    return report


def _brief(result):
    """What is kept of a fold beside the figures of all."""
    names = "train_images best_epoch weights_sha256 notes".split()
    reports = {
        split: {k: v for k, v in result[split].items() if k not in _LONG}
        for split in ("val", "test")
    }
    return {**{name: result[name] for name in names}, **reports}


def _write_history(paths, folder):
    """Put the histories of the folds below each other."""
    history = []
    for fold, path in paths.items():
        with open(path / "history.csv", newline="", encoding="utf-8") as file:
            history += [{"fold": fold, **row} for row in csv.DictReader(file)]
    run_folder.write_history(history, folder)

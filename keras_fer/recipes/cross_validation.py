"""Run a recipe once a fold, and write the mean over the folds."""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

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
    data_dir: str | Path | None = None,
    resume: bool = False,
    verbose="auto",
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
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on where `folder` was left: finished folds stay, the one
            that was interrupted goes on from its last whole epoch.
        verbose: as in `keras.Model.fit`.
        options: `init`, `skip_bad`, `jit` and `devices` as in `run.train`, the
            same for each fold. A network in `init` that has seen the people
            of a fold's test split makes its figure worthless.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `history.csv`,
        `README.md`, two figures, and the folder of each fold.

    Raises:
        CorpusError: the corpus is missing or malformed.
        RunError: the recipe has no such folds, the folder holds a run with
            other settings, and as `run.train`.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes.cross_validation import cross_validate
    >>> recipe = recipes.get("zero_bias_cnn_ck_plus_six")
    >>> cross_validate(recipe, "runs/six", folds=[0])  # doctest: +SKIP
    PosixPath('runs/six')
    """
    folder = Path(folder)
    run.check_network(recipe)
    if not recipe.folds:
        raise RunError(f"{recipe.name} has no folds: use run.train")
    run_folder.check_free(folder, resume)
    folds = list(dict.fromkeys(range(recipe.folds) if folds is None else folds))
    runs = {fold: recipe.of_fold(fold) for fold in folds}
    options["init"] = options.get("init") or recipe.init
    if resume:
        begun = [folder, *sorted(folder.glob("fold_*"))]
        for path in begun:
            if (path / "recipe.json").exists():
                options["init"] = run_folder.read_settings(path)["init"]
                break
    settings = run.settings(recipe, **options)
    run_folder.check_settings(settings, folder)
    for path in run_folder.folds_in(folder):
        single = run.settings(recipe.of_fold(int(path.name[5:])), **options)
        run_folder.check_settings({**single, **run_folder.data_of(path)}, path)
    for number, (fold, single) in enumerate(runs.items(), start=1):
        _logger.info("fold %d (%d of %d)", fold, number, len(runs))
        path = folder / f"fold_{fold}"
        if path not in run_folder.folds_in(folder):
            run.train(
                single,
                path,
                data_dir=data_dir,
                resume=resume,
                verbose=verbose,
                **options,
            )
            run_folder.forget_networks()
        report = _summarize(recipe, settings, folder)
        _logger.info(
            "fold %d: test accuracy %.2f %%; %d of %d folds: %s",
            fold,
            100 * report.accuracy.values[report.folds.index(fold)],
            len(report.folds),
            recipe.folds,
            card.share(dataclasses.asdict(report.accuracy)),
        )
    return folder


def _summarize(recipe, settings, folder):
    """Write what the finished folds have in common."""
    run_folder.write_settings(settings, folder)
    paths = {int(p.name[5:]): p for p in run_folder.folds_in(folder)}
    results = {
        fold: run_folder.read_result(path) for fold, path in paths.items()
    }
    report = evaluation.cross_validation_report(
        {
            fold: evaluation.ClassificationReport(**result["test"])
            for fold, result in results.items()
        },
        train_samples=[result["train_images"] for result in results.values()],
    )
    first = next(iter(results.values()))
    hours = sum(result["training_hours"] for result in results.values())
    result = {
        "recipe": recipe.name,
        "parameters": first["parameters"],
        "selected_on": recipe.monitor,
        "training_hours": round(hours, 2),
        "cross_validation": report.to_json(),
        "folds": [
            {"fold": fold, **_brief(result)} for fold, result in results.items()
        ],
    }
    run_folder.write_json(folder / "metrics.json", result)
    run_folder.write_histories("fold", paths, folder)
    run_folder.write_folds(report, folder)
    info = CorpusInfo(**first["corpus"])
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

"""Which compounds a network of basic expressions names, unseen."""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer import models
from keras_fer import visualization
from keras_fer.datasets import CorpusInfo
from keras_fer.recipes import repetition
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.compound_recipe import CompoundRecipe
from keras_fer.recipes.run_folder import RunError

_RANDOM = 3  # networks of random weights


def name_compounds(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Ask the networks of a run about compounds, and measure the answers.

    Every network of the run answers in each way that its recipe mixes, and so
    do networks of random weights in the first.

    Args:
        folder: run folder of a `CompoundRecipe`; with seeds, each counts.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary: under `"heads"` for each way accuracy, UAR and macro F1
        (`evaluation.run_statistics`), recall of each compound (mean over the
        seeds) and confusion (all seeds together); under `"random"` the first
        three of random weights. `compounds.json`, for each way
        `answers_compounds_<way>.npz`, and a confusion matrix of the first are
        written into the run folder, and the figures into its card.

    Raises:
        RunError: there is no finished run in the folder, or none of a
            `CompoundRecipe`, or its recipe reads or names other data by now.
        CorpusError: the corpus is not there.

    Example:

    >>> from keras_fer.recipes import compound_figures
    >>> compound_figures.name_compounds("runs/mine")  # doctest: +SKIP

    Reference:
        - EMMA, table 1 (EMMA) and figures 2 and 3 (b); figure 3 (a) is the
          matrix of a `_general` run.
    """
    folder = Path(folder)
    singles = run_folder.singles(folder)
    recipe = run.recipe_of(singles[0])
    if not isinstance(recipe, CompoundRecipe):
        raise RunError(
            f"{folder}: expected a run of a network that is to name compounds. "
            f"Received: {recipe.name}"
        )
    written = run_folder.read_settings(singles[0])["compounds"]
    if written != recipe.to_json()["compounds"]:
        raise RunError(
            f"{folder}: the recipe {recipe.name} now names other compounds "
            "than when the run was made"
        )
    options = {"data_dir": data_dir, "skip_bad": skip_bad}
    parts = [recipe.compounds(s, **options) for s in recipe.compound_splits]
    info = parts[0].info
    labels = np.concatenate([part.labels["expression"] for part in parts])
    basic = run_folder.classes_of(singles[0])

    trained = None
    if "standardized" in recipe.mixed:
        trained = recipe.corpus("train", **options)

    def answers(network, head):
        statistics = None
        if head == "standardized":
            outputs = network.predict(trained.to_dataset(256), verbose=0)
            statistics = outputs.mean(axis=0), outputs.std(axis=0)
            (head,) = network.output_names
        composed = models.compose(
            network, info.classes, basic, head=head, statistics=statistics
        )
        scores = [
            composed.predict(part.to_dataset(256), verbose=0) for part in parts
        ]
        return np.concatenate(scores).argmax(axis=1)

    networks = [run_folder.load(path) for path in singles]
    named = {
        head: np.array([answers(network, head) for network in networks])
        for head in recipe.mixed
    }
    random = run_folder.untrained(networks[0], _RANDOM)
    random = np.array([answers(one, recipe.mixed[0]) for one in random])
    summary = {
        "recipe": recipe.name,
        "corpus": info.name,
        "splits": list(recipe.compound_splits),
        "samples": len(labels),
        "compounds_sha256": [part.sha256() for part in parts],
        "runs": [path.name for path in singles],
        "weights_sha256": [
            run_folder.read_result(path)["weights_sha256"] for path in singles
        ],
        "counts": dict(
            zip(
                info.classes,
                np.bincount(labels, minlength=len(info.classes)).tolist(),
                strict=True,
            )
        ),
        "heads": {
            head: evaluation.run_statistics(labels, of_runs)
            | _by_compound(labels, of_runs, len(info.classes))
            for head, of_runs in named.items()
        },
        "random": evaluation.run_statistics(labels, random),
    }
    for head, of_runs in named.items():
        run_folder.write_answers(labels, of_runs, f"compounds_{head}", folder)
    run_folder.write_json(folder / "compounds.json", summary)
    _draw(recipe, summary, info, labels, named[recipe.mixed[0]], folder)
    result = run_folder.read_result(folder)
    if singles == [folder]:
        corpus = CorpusInfo(**result["corpus"])
        run.write_card(recipe, result, corpus, folder)
    else:
        repetition.write_card(recipe, result, folder)
    return summary


def draw_slopes(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Set the slopes of a sweep beside what each is worth.

    Args:
        folder: run folder of EMMA. The runs of the sweep lie beside it, named
            as it is and `_slope_…`; their compounds are named.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The figures of each run by its slope, as `name_compounds` has them.
        `slopes.png` is written into the run folder.

    Raises:
        RunError: there is no such run, or some have more seeds than others.
        CorpusError: the corpus is not there.

    Example:

    >>> from keras_fer.recipes import compound_figures
    >>> compound_figures.draw_slopes("runs/mine")  # doctest: +SKIP

    Reference:
        - EMMA, figures 4 and 5.
    """
    folder = Path(folder)
    found, runs = {}, {}
    for path in sorted(folder.parent.glob(f"{folder.name}_slope_*")):
        slope = run_folder.read_settings(path)["model"]["negative_slope"]
        summary = name_compounds(path, data_dir=data_dir, skip_bad=skip_bad)
        found[slope] = summary["heads"]
        runs[path.name] = tuple(summary["runs"])
    if not found:
        raise RunError(f"no run called {folder}_slope_…")
    if len({len(names) for names in runs.values()}) > 1:
        counts = (f"{len(names)} of {name}" for name, names in runs.items())
        raise RunError(
            f"expected as many networks of each slope. Received: "
            f"{', '.join(counts)}"
        )
    figures = {s: heads["similarity"] for s, heads in found.items()}
    figure = run_folder.new_figure((9.6, 4.2))
    visualization.plot_slopes(
        figures,
        f"{folder.name}, {len(next(iter(runs.values())))} seeds: compounds",
        figure.subplots(1, 2),
    )
    run_folder.save_figure(figure, folder / "slopes.png")
    return {f"{slope:g}": found[slope] for slope in sorted(found)}


def _by_compound(labels, named, classes):
    cells = labels * classes + named
    confusion = np.bincount(cells.ravel(), minlength=classes**2)
    confusion = confusion.reshape(classes, classes)
    recall = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)
    return {"recall": recall.tolist(), "confusion": confusion.tolist()}


def _draw(recipe, summary, info, labels, named, folder):
    seeds = f", {len(named)} seeds" if len(named) > 1 else ""
    way = recipe.mixed[0]
    if way == "standardized":
        way = "standardized logits"
    report = evaluation.classification_report(
        np.tile(labels, len(named)),
        np.eye(len(info.classes))[named.ravel()],
        info.classes,
        corpus=f"{recipe.name}{seeds}, by {way}: {info.title}",
        split="compounds",
    )
    figures = summary["heads"][recipe.mixed[0]]
    report = dataclasses.replace(
        report,
        samples=len(labels),
        accuracy_interval=figures["accuracy"]["interval"],
        macro_f1=figures["macro_f1"]["mean"],
    )
    run_folder.write_confusion(report, folder)

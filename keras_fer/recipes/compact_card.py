"""The README of an experiment with compact embeddings, and its tables."""

from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer.recipes import card
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

_TEMPLATE = """\
# {name}

Heads on the frozen features of `{backbone}`{affect}. Paper: {paper}. Cost:
{cost}.

Macro F1 of each corpus by its own classifier (the paper's table 1): mean ±
standard deviation over {seeds} seeds (of a corpus with folds: over the folds,
each the mean of its seeds), in brackets its 95 % interval, of the luck of
images; the last column is the mean over the corpora, weighted by their
images{counted}. Measured are {splits}. F1 is the mean of the expressions that a
split shows.

{f1}

![dimensions](dimensions.png)

Accuracy and UAR (the paper's table 2), likewise:

{accuracy}

{cross}
{exports}
## Data

Images that are measured, first seed: {images}. {notes}

## Run

`keras-fer train {name}`: {training_hours} hours of training, besides the
features. `recipe.json` holds the settings and versions, `metrics.json` the
figures of each seed.
"""


def write(recipe, result: dict, exported: list[dict] = ()) -> str:
    """Write the card of a run from its recipe and figures.

    Args:
        recipe: the `CompactRecipe`.
        result: content of the run's `metrics.json`.
        exported: reports of the exports of its `model.keras`.

    Returns:
        Markdown.
    """
    affect, model = recipe.affect_backbone, result["main"]
    cross = (
        f"Each classifier of {model} on each corpus, macro F1 over the "
        "expressions that both have (the paper's table 3), mean ± deviation "
        f"over the seeds:\n\n{cross_markdown(result, model)}"
    )
    again = [n for n, d in recipe.domains.items() if d.same_images_as]
    splits = []
    for domain, split in result["splits"].items():
        folds = recipe.domains[domain].folds
        splits.append(
            f"{domain} {split_label(split)}"
            + (f" ({folds} folds)" if folds else "")
        )
    return _TEMPLATE.format(
        name=recipe.name,
        backbone=recipe.backbone,
        affect=f", valence and arousal of `{affect}`" if affect else "",
        paper=recipe.paper,
        cost=recipe.cost,
        seeds=result["seeds"],
        counted=f", without {', '.join(again)}" if again else "",
        f1=f1_markdown(result),
        accuracy=accuracy_markdown(result),
        cross=cross,
        exports=card.exports_section(exported),
        splits=", ".join(splits),
        images=", ".join(f"{d} {n}" for d, n in result["images"].items()),
        notes=" ".join(f"{note}." for note in result["notes"]),
        training_hours=result["training_hours"],
    )


def split_label(split: str) -> str:
    """What a split is: on `val` the epoch of the backbone may be chosen.

    Example:

    >>> from keras_fer.recipes import compact_card
    >>> compact_card.split_label("val")
    'validation, selected on'
    """
    return "validation, selected on" if split == "val" else split


def f1_markdown(result: dict) -> str:
    """Make the table of macro F1 by model and corpus (CAKE, table 1).

    Args:
        result: content of a run's `metrics.json`.
    """
    domains = list(result["images"])
    lines = [
        f"| | numbers | parameters | {' | '.join(domains)} | all |",
        "|---" * (len(domains) + 4) + "|",
    ]
    for name, of in result["models"].items():
        cells = [str(of["dimensions"]), f"{of['parameters']:,}"]
        cells += [
            spread(of["domains"][domain][domain]["macro_f1"])
            for domain in domains
        ]
        cells.append(spread(of["multi_domain_f1"]))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def accuracy_markdown(result: dict) -> str:
    """Make the table of accuracy and UAR by model and corpus (table 2).

    Args:
        result: content of a run's `metrics.json`.
    """
    domains = list(result["images"])
    heads = [f"{domain} {m}" for domain in domains for m in ("accuracy", "UAR")]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name, of in result["models"].items():
        cells = [
            spread(of["domains"][domain][domain][measure])
            for domain in domains
            for measure in ("accuracy", "uar")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cross_markdown(result: dict, model: str) -> str:
    """Make the table of each classifier on each corpus (table 3).

    Args:
        result: content of a run's `metrics.json`.
        model: name of the model.
    """
    domains = list(result["images"])
    found = result["models"][model]["domains"]
    lines = [
        f"| classifier | {' | '.join(domains)} |",
        "|---" * (len(domains) + 1) + "|",
    ]
    for classifier in domains:
        cells = [spread(found[d][classifier]["macro_f1"]) for d in domains]
        lines.append(f"| {classifier} | {' | '.join(cells)} |")
    return "\n".join(lines)


def kept_markdown(result: dict, few: str, many: str) -> str:
    """Make the table of what a few numbers keep of many.

    Args:
        result: content of a run's `metrics.json`.
        few: name of the model of few numbers.
        many: name of the model of many.

    Returns:
        Accuracy of both by corpus, and their ratio, seed by seed.
    """
    lines = [f"| | {few} | {many} | kept |", "|---|---|---|---|"]
    for domain in result["images"]:
        of = [
            result["models"][model]["domains"][domain][domain]["accuracy"]
            for model in (few, many)
        ]
        ratios = np.divide(of[0]["values"], of[1]["values"])
        kept = spread({"mean": ratios.mean(), "std": deviation(ratios)})
        lines.append(
            f"| {domain} | {spread(of[0])} | {spread(of[1])} | {kept} |"
        )
    return "\n".join(lines)


def difference_markdown(folder: Path, base: Path, model: str) -> str:
    """Make the table of what a change does to a model's F1, by corpus.

    Args:
        folder: folder of a run with the change.
        base: folder of one without it.
        model: name of the model.

    Returns:
        Macro F1 of both, and their difference with its 95 % interval: of a
        corpus whose split is given, of the luck of images and seeds (see
        `evaluation.compare_runs`); of one with folds, over the folds.

    Raises:
        RunError: the runs have other data, backbones or seeds.
    """
    results = [run_folder.read_result(path) for path in (folder, base)]
    for name in ("data_sha256", "seeds"):
        if results[0][name] != results[1][name]:
            raise RunError(
                f"{folder} and {base}: expected two runs of the same {name}"
            )
    weights = [
        run_folder.read_settings(path)["weights_sha256"]
        for path in (folder, base)
    ]
    shared = set(weights[0]) & set(weights[1])
    if not shared or any(weights[0][s] != weights[1][s] for s in shared):
        raise RunError(f"{folder} and {base}: expected the same backbones")
    lines = [
        "| | images | with | without | difference |",
        "|---|---|---|---|---|",
    ]
    result = results[0]
    for domain, images in result["images"].items():
        cells = [
            spread(of["models"][model]["domains"][domain][domain]["macro_f1"])
            for of in results
        ]
        change, interval = _change(folder, base, result, domain, model)
        text = f"{100 * change:+.1f}"
        if interval:
            low, high = interval
            text += f" ({100 * low:+.1f} to {100 * high:+.1f})"
        lines.append(f"| {domain} | {images} | {' | '.join(cells)} | {text} |")
    return "\n".join(lines)


def _change(folder, base, result, domain, model):
    """Difference of macro F1, and its interval."""
    folds, seeds = result["folds"][domain], result["seeds"]
    if not folds:
        (labels, own), (_, other) = (
            read_answers(path / f"answers_{domain}.npz", model, seeds)
            for path in (folder, base)
        )
        found = evaluation.compare_runs(labels[0], other, own)
        return found.difference["macro_f1"], found.interval["macro_f1"]
    values = [
        run_folder.read_result(path)["models"][model]["domains"][domain][
            domain
        ]["macro_f1"]["values"]
        for path in (folder, base)
    ]
    found = evaluation.fold_statistics(
        by_fold(np.subtract(*values), folds), 1 / (folds - 1), lowest=-1
    )
    return found.mean, found.interval


def by_fold(values, folds: int) -> list[float]:
    """Means of the seeds that had the same fold, fold by fold.

    Example:

    >>> from keras_fer.recipes import compact_card
    >>> compact_card.by_fold([0.5, 0.75, 0.625], folds=2)
    [0.5625, 0.75]
    """
    return [
        float(np.mean(values[fold::folds]))
        for fold in range(min(folds, len(values)))
    ]


def read_answers(path: Path, model: str, seeds: int):
    """Labels and named classes of a model, a list each, seed by seed.

    Raises:
        RunError: they are not there.
    """
    if not path.is_file():
        raise RunError(f"{path} is not there")
    with np.load(path) as arrays:
        return tuple(
            [arrays[f"{what}_{seed}"].astype(int) for seed in range(seeds)]
            for what in ("labels", model)
        )


def alignment_markdown(summary: dict) -> str:
    """Make the table of how planes lie to valence and arousal.

    Args:
        summary: content of a run's `emotion_maps.json`.

    Returns:
        A row a model of two numbers; means over the seeds, and in how many
        seeds chance explains as much with a probability below 5 %.
    """
    lines = [
        "| | variance of faces | of expressions | p < .05 | neighbors "
        "around neutral | p < .05 | neutral from the origin | named at the "
        "origin |",
        "|---" * 8 + "|",
    ]
    for model, of in summary["models"].items():
        if "alignment" not in of:
            continue
        seeds = of["alignment"]

        def mean(name, seeds=seeds):
            values = [seed[name] for seed in seeds]
            return {"mean": np.mean(values), "std": deviation(values)}

        def surer(name, seeds=seeds):
            return f"{sum(s[name] < 0.05 for s in seeds)} of {len(seeds)}"

        counts = [seed["neighbors"] for seed in seeds]
        others = len(seeds[0]["order"])
        far = mean("center_distance")
        around = "" if far["std"] is None else f" ± {far['std']:.2f}"
        cells = (
            f"{spread(mean('faces'))} %",
            f"{spread(mean('means'))} %",
            surer("means_p"),
            f"{np.mean(counts):.1f} of {others}",
            surer("neighbors_p"),
            f"{far['mean']:.2f}{around}",
            ", ".join(dict.fromkeys(of["origin"].values())),
        )
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


def deviation(values) -> float | None:
    """Standard deviation over the seeds; of one seed there is none."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def spread(figures: dict) -> str:
    """Mean and deviation over the seeds, in percent.

    Example:

    >>> from keras_fer.recipes import compact_card
    >>> compact_card.spread({"mean": 0.5, "std": 0.01})
    '50.0 ± 1.0'
    """
    text = f"{100 * figures['mean']:.1f}"
    if figures["std"] is not None:
        text += f" ± {100 * figures['std']:.1f}"
    if figures.get("interval"):
        low, high = figures["interval"]
        text += f" ({100 * low:.1f}–{100 * high:.1f})"
    return text

"""The README of an experiment with compact embeddings, and its tables."""

import numpy as np
import scipy.stats

from keras_fer.recipes import card

_TEMPLATE = """\
# {name}

Heads on the frozen features of `{backbone}`{affect}. Paper: {paper}. Cost:
{cost}.

Macro F1 of each corpus by its own classifier (the paper's table 1), mean ±
standard deviation over {seeds} seeds; the last column is their mean, weighted
by the images. Measured are {splits}.
Where a corpus has another fold each seed the deviation is also of its faces,
and F1 is the mean of the expressions that a fold shows. A split `val` is one on
which the epoch of the backbone may have been chosen.

{f1}

![dimensions](dimensions.png)

Accuracy and UAR (the paper's table 2):

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
    affect = recipe.affect_backbone
    model = main_model(result)
    cross = (
        f"Each classifier of {model} on each corpus, macro F1 (the paper's "
        f"table 3):\n\n{cross_markdown(result, model)}"
    )
    splits = []
    for domain, split in result["splits"].items():
        folds = recipe.domains[domain].folds
        splits.append(
            f"{domain} {split}" + (f" ({folds} folds)" if folds else "")
        )
    return _TEMPLATE.format(
        name=recipe.name,
        backbone=recipe.backbone,
        affect=f", valence and arousal of `{affect}`" if affect else "",
        paper=recipe.paper,
        cost=recipe.cost,
        seeds=result["seeds"],
        f1=f1_markdown(result),
        accuracy=accuracy_markdown(result),
        cross=cross,
        exports=card.exports_section(exported),
        splits=", ".join(splits),
        images=", ".join(f"{d} {n}" for d, n in result["images"].items()),
        notes=" ".join(f"{note}." for note in result["notes"]),
        training_hours=result["training_hours"],
    )


def main_model(result: dict) -> str:
    """The model that stands for a run: CAKE-3, or else the first."""
    names = list(result["models"])
    return "CAKE-3" if "CAKE-3" in names else names[0]


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


def difference_markdown(result: dict, base: dict, model: str) -> str:
    """Make the table of what a change does to a model's F1, by corpus.

    Args:
        result: content of the `metrics.json` of a run with the change.
        base: the same of one without it.
        model: name of the model.

    Returns:
        Macro F1 of both, and their difference seed by seed with its 95 %
        interval (t).

    Raises:
        ValueError: the runs have other corpora, images or seeds.
    """
    for name in ("images", "seeds"):
        if result[name] != base[name]:
            raise ValueError(
                f"expected two runs of the same {name}. Received: "
                f"{result[name]} and {base[name]}"
            )
    lines = [
        "| | images | with | without | difference |",
        "|---|---|---|---|---|",
    ]
    for domain, images in result["images"].items():
        of, without = (
            run["models"][model]["domains"][domain][domain]["macro_f1"]
            for run in (result, base)
        )
        by_seed = np.subtract(of["values"], without["values"])
        cell = f"{100 * by_seed.mean():+.1f}"
        if len(by_seed) > 1:
            half = scipy.stats.sem(by_seed)
            half *= scipy.stats.t.ppf(0.975, len(by_seed) - 1)
            low, high = by_seed.mean() - half, by_seed.mean() + half
            cell += f" ({100 * low:+.1f} to {100 * high:+.1f})"
        cells = domain, str(images), spread(of), spread(without), cell
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


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
    if figures["std"] is None:
        return f"{100 * figures['mean']:.1f}"
    return f"{100 * figures['mean']:.1f} ± {100 * figures['std']:.1f}"

"""What the folds of an experiment with siamese comparators have in common."""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer import visualization
from keras_fer.datasets.pairs import KINDS
from keras_fer.recipes import card
from keras_fer.recipes import run_folder

_TEMPLATE = """\
# {name}

Do two faces show the same expression? Paper: {paper}. Cost: {cost}.

Accuracy on pairs of people that were in no training, {tested}, half of them
alike: mean ± standard deviation over {folds}, in brackets the 95 % interval of
the mean{luck}. Chance is 50 %.

{comparators}

![comparators](comparators.png)
{guidance}
## Data

Pairs that are asked about, all together: {pairs}. {notes}

## Run

`keras-fer train {name}`: {training_hours} hours. `recipe.json` holds the
settings and versions, `metrics.json` the figures of each fold.
"""
_GUIDANCE = """
## Guidance

Autoencoders guided by `{comparator}` with several weights, and by a comparator
of random weights, on faces of people that were in no training; mean ± standard
deviation over {folds} folds. A classifier trained apart names the expression on
{originals} of the originals. "recognized": share of pictures that the
comparator takes for their original's expression.

{table}

![guidance](guidance.png)
"""


def summarize(recipe, folder: Path):
    """Write `metrics.json`, figures and the card.

    Args:
        recipe: the `SiameseRecipe`.
        folder: run folder, in whose `parts/` lie all comparators and folds.

    Raises:
        RunError: a part is missing.
    """
    parts = {
        name: [_read(folder, name, fold) for fold in range(recipe.folds)]
        for name in recipe.comparators
    }
    everything = [part for of in parts.values() for part in of]
    first = everything[: recipe.folds]
    result = {
        "recipe": recipe.name,
        "tested": recipe.tested,
        "folds": recipe.folds,
        "same_test": recipe.same_test,
        "classes": first[0]["classes"],
        "pairs": sum(part["pairs"] for part in first),
        "comparators": {
            name: _figures(of, recipe) for name, of in parts.items()
        },
        "notes": list(
            dict.fromkeys(note for part in first for note in part["notes"])
        ),
    }
    seconds = sum(part["seconds"] for part in everything)
    if recipe.guidance:
        result["guidance"], more = _guidance(recipe, folder)
        seconds += more
    result["training_hours"] = round(seconds / 3600, 2)
    run_folder.write_json(folder / "metrics.json", result)
    _draw(recipe, result, folder)
    run_folder.write_text(folder / "README.md", _card(recipe, result))


def _read(folder, name, fold):
    return run_folder.read_json(folder / "parts" / f"{name}_{fold}.json")


def _figures(parts, recipe):
    right = [np.equal(part["same"], part["named"]) for part in parts]
    kinds = [np.array(part["kinds"]) for part in parts]
    return {
        "parameters": parts[0]["parameters"],
        "accuracy": _spread([of.mean() for of in right], recipe),
        "kinds": {
            kind: _spread(
                [
                    of[k == kind].mean()
                    for of, k in zip(right, kinds, strict=True)
                ],
                recipe,
            )
            for kind in KINDS
        },
    }


def _spread(values, recipe, lowest=0.0):
    """Statistics over the folds, which share training faces, or the seeds."""
    shared = 0.0 if recipe.same_test else 1 / max(recipe.folds - 1, 1)
    return dataclasses.asdict(
        evaluation.fold_statistics(values, shared, lowest=lowest)
    )


def _guidance(recipe, folder):
    parts = [
        _read(folder, "guidance", fold) for fold in range(recipe.guidance.folds)
    ]

    def accuracy(part, named):
        return np.equal(part["judge"]["labels"], named).mean()

    originals = [accuracy(p, p["judge"]["originals"]) for p in parts]
    runs = {}
    for name in parts[0]["runs"]:
        of = [part["runs"][name] for part in parts]
        runs[name] = {
            "accuracy": _spread(
                [
                    accuracy(p, one["named"])
                    for p, one in zip(parts, of, strict=True)
                ],
                recipe,
            ),
            "recognized": _spread([one["recognized"] for one in of], recipe),
            "rmse": [one["rmse"] for one in of],
        }
    base = runs.get("0")
    for name, of in runs.items():
        if base and name != "0":
            of["difference"] = _spread(
                np.subtract(
                    of["accuracy"]["values"], base["accuracy"]["values"]
                ),
                recipe,
                lowest=-1.0,
            )
    found = {
        "comparator": recipe.guidance.comparator,
        "folds": len(parts),
        "images": sum(len(part["judge"]["labels"]) for part in parts),
        "originals": _spread(originals, recipe),
        "runs": runs,
    }
    return found, sum(part["seconds"] for part in parts)


def _draw(recipe, result, folder):
    rows = {
        name: of["accuracy"]["values"]
        for name, of in result["comparators"].items()
    }
    figure = run_folder.new_figure((7.6, 0.42 * len(rows) + 1.4))
    visualization.plot_strips(
        rows,
        f"{recipe.name}: {result['pairs']} pairs of unseen people",
        "accuracy",
        chance=0.5,
        ax=figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "comparators.png")
    if not recipe.guidance:
        return
    guided = result["guidance"]
    rows = {"originals": guided["originals"]["values"]} | {
        f"guidance {name}": of["accuracy"]["values"]
        for name, of in guided["runs"].items()
    }
    figure = run_folder.new_figure((7.6, 0.42 * len(rows) + 1.4))
    visualization.plot_strips(
        rows,
        f"{recipe.name}: expressions that a classifier trained apart names",
        "accuracy on reconstructions",
        chance=1 / len(result["classes"]),
        ax=figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "guidance.png")


def _card(recipe, result):
    guided = ""
    if recipe.guidance:
        of = result["guidance"]
        guided = _GUIDANCE.format(
            comparator=of["comparator"],
            folds=of["folds"],
            originals=card.share(of["originals"]),
            table=guidance_markdown(result),
        )
    return _TEMPLATE.format(
        name=recipe.name,
        paper=recipe.paper,
        cost=recipe.cost,
        tested=result["tested"],
        folds=f"{recipe.folds} {'seeds' if recipe.same_test else 'folds'}",
        luck=", of the luck of training and of pairs"
        if recipe.same_test
        else "",
        comparators=comparators_markdown(result),
        guidance=guided,
        pairs=result["pairs"],
        notes=" ".join(f"{note}." for note in result["notes"]),
        training_hours=result["training_hours"],
    )


def comparators_markdown(result: dict) -> str:
    """Make the table of comparators.

    Args:
        result: content of a run's `metrics.json`.
    """
    lines = [
        f"| comparator | parameters | all pairs | {' | '.join(KINDS)} |",
        "|---" * (len(KINDS) + 3) + "|",
    ]
    for name, of in result["comparators"].items():
        cells = [f"{of['parameters']:,}", card.share(of["accuracy"])]
        cells += [f"{100 * of['kinds'][k]['mean']:.1f} %" for k in KINDS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def guidance_markdown(result: dict) -> str:
    """Make the table of guided autoencoders.

    Args:
        result: content of a run's `metrics.json`.
    """
    lines = [
        "| guidance λ | named by the classifier | against none | recognized | "
        "error (gray levels) |",
        "|---|---|---|---|---|",
    ]
    for name, of in result["guidance"]["runs"].items():
        change = ""
        if (of.get("difference") or {}).get("interval"):
            low, high = (100 * b for b in of["difference"]["interval"])
            mean = 100 * of["difference"]["mean"]
            change = f"{mean:+.1f} points ({low:+.1f} to {high:+.1f})"
        lines.append(
            f"| {name} | {card.share(of['accuracy'])} | {change} | "
            f"{card.share(of['recognized'])} | {np.mean(of['rmse']):.1f} |"
        )
    return "\n".join(lines)

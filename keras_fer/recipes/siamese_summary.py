"""What the folds of an experiment with siamese comparators have in common."""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer import visualization
from keras_fer.datasets.corpus import CorpusInfo
from keras_fer.datasets.pairs import KINDS
from keras_fer.recipes import card
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError
from keras_fer.recipes.siamese_recipe import PERMUTED

# What is measured on reconstructions: the first two by the judge.
GUIDED = "accuracy", "uar", "recognized"

_TEMPLATE = """\
# {name}

Do two faces show the same expression? {title}. Paper: {paper}. Cost: {cost}.

Accuracy on pairs of {who}, {tested}, half of them alike: mean ± standard
deviation over {folds}, in brackets the 95 % interval of the mean{luck}. Chance
is 50 %. "AUC" is the area under the ROC curve, .5 by chance, which no threshold
decides; "training" is the accuracy on the pairs of the last epoch. Nothing was
selected.

{comparators}

![comparators](comparators.png)
{guidance}
## Data

{title}: {license}. {reference}

Pairs that are asked about, all together: {pairs}. Means are of up to {mean}
people{without}. {notes}The weights are not shipped.

## Run

`keras-fer train {name}`: {training_hours} hours. `recipe.json` holds the
settings and versions, `metrics.json` the figures of each fold.
"""
_GUIDANCE = """
## Guidance

Autoencoders guided by `{comparator}` with several weights, and by one that was
trained alike on permuted labels, on faces of {who}; what a classifier trained
apart names on reconstructions, mean ± standard deviation over {folds} {unit},
each a seed of its own, and how much that is above no guidance and above
permuted labels, in brackets the 95 % interval{luck}. "as the guide sees it":
the guide's own accuracy on pairs of a picture and another person's face, half
of them alike; chance is 50 %.

{table}

![guidance](guidance.png)
"""


def summarize(recipe, folder: Path):
    """Write `metrics.json`, figures and the card.

    Args:
        recipe: the `SiameseRecipe`.
        folder: run folder, in whose `parts/` lie all comparators and folds.

    Raises:
        RunError: a part is missing, or was made of other data than the others
            of its fold.

    Example:

    >>> from pathlib import Path
    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import siamese_summary
    >>> recipe = recipes.get("siamese_ck_plus")
    >>> siamese_summary.summarize(
    ...     recipe, Path("runs/siamese_ck_plus")
    ... )  # doctest: +SKIP
    """
    folds = dict.fromkeys(recipe.comparators, recipe.folds)
    if recipe.guidance:
        folds["guidance"] = recipe.guidance.folds
    parts = {
        name: [_read(folder, name, fold) for fold in range(count)]
        for name, count in folds.items()
    }
    first = next(iter(parts.values()))
    for name, of in parts.items():
        for fold, part in enumerate(of):
            if part["data_sha256"] != first[fold]["data_sha256"]:
                raise RunError(
                    f"{folder}: {name} had other data than the others of fold "
                    f"{fold}"
                )
    guided = parts.pop("guidance", None)
    found = {name: _figures(of, recipe) for name, of in parts.items()}
    base = found[recipe.base]["accuracy"]["values"]
    for of in found.values():
        change = np.subtract(of["accuracy"]["values"], base)
        of["difference"] = _spread(change, recipe, lowest=-1.0)
    seconds = sum(part["seconds"] for of in parts.values() for part in of)
    result = {
        "recipe": recipe.name,
        "corpus": first[0]["corpus"],
        "tested": recipe.tested,
        "folds": recipe.folds,
        "same_test": recipe.same_test,
        "base": recipe.base,
        "pairs": sum(len(part["same"]) for part in first),
        "without_means": {
            fold: part["without_means"]
            for fold, part in enumerate(first)
            if part["without_means"]
        },
        "comparators": found,
        "notes": list(
            dict.fromkeys(note for part in first for note in part["notes"])
        ),
    }
    if guided:
        result["guidance"] = _guidance(recipe, guided)
        seconds += sum(part["seconds"] for part in guided)
    result["training_hours"] = round(seconds / 3600, 2)
    run_folder.write_json(folder / "metrics.json", result)
    _draw(recipe, result, folder)
    run_folder.write_text(folder / "README.md", _card(recipe, result))


def _read(folder, name, fold):
    return run_folder.read_json(folder / "parts" / f"{name}_{fold}.json")


def _figures(parts, recipe):
    import sklearn.metrics

    right = [
        np.equal(part["same"], np.array(part["logits"]) > 0) for part in parts
    ]
    kinds = [np.array(part["kinds"]) for part in parts]
    areas = [
        sklearn.metrics.roc_auc_score(part["same"], part["logits"])
        for part in parts
    ]
    return {
        "parameters": parts[0]["parameters"],
        "accuracy": _spread([of.mean() for of in right], recipe),
        "auc": _spread(areas, recipe),
        "training": _spread(
            [part["history"]["accuracy"][-1] for part in parts], recipe
        ),
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


def _guidance(recipe, parts):
    import sklearn.metrics

    def uar(part, named):
        labels = part["labels"]
        shown = np.unique(labels)
        return sklearn.metrics.recall_score(
            labels, named, labels=shown, average="macro", zero_division=0
        )

    def accuracy(part, named):
        return float(np.equal(part["labels"], named).mean())

    measures = {"uar": uar, "accuracy": accuracy}

    def scores(seen):
        """Statistics of what was seen in one kind of picture, fold by fold."""
        return {
            **{
                measure: _spread(
                    [
                        how(part, one["named"])
                        for part, one in zip(parts, seen, strict=True)
                    ],
                    recipe,
                )
                for measure, how in measures.items()
            },
            "recognized": _spread([one["recognized"] for one in seen], recipe),
        }

    def differences(of, base):
        return {
            measure: _spread(
                np.subtract(of[measure]["values"], base[measure]["values"]),
                recipe,
                lowest=-1.0,
            )
            for measure in GUIDED
        }

    runs = {}
    for name in parts[0]["runs"]:
        seen = [part["runs"][name] for part in parts]
        runs[name] = {**scores(seen), "rmse": [one["rmse"] for one in seen]}
    for name, of in runs.items():
        of["against_none"] = differences(of, runs["0"])
        null = f"{name}, {PERMUTED}"
        if null in runs:
            of["against_null"] = differences(of, runs[null])
    return {
        "comparator": recipe.guidance.comparator,
        "folds": len(parts),
        "images": sum(len(part["labels"]) for part in parts),
        "null_training": _spread(
            [part["null_history"]["accuracy"][-1] for part in parts], recipe
        ),
        "originals": scores([part["originals"] for part in parts]),
        "runs": runs,
    }


def _draw(recipe, result, folder):
    _strips(
        {
            name: of["accuracy"]["values"]
            for name, of in result["comparators"].items()
        },
        f"{recipe.name}: {result['pairs']} pairs of {_who(result)}",
        "accuracy",
        0.5,
        folder / "comparators.png",
    )
    if recipe.guidance:
        guided = result["guidance"]
        rows = {
            f"guidance {name}": of["uar"]["values"]
            for name, of in guided["runs"].items()
        }
        _strips(
            {"originals": guided["originals"]["uar"]["values"], **rows},
            f"{recipe.name}: expressions named by a classifier trained apart",
            "UAR on reconstructions",
            1 / len(result["corpus"]["classes"]),
            folder / "guidance.png",
        )


def _strips(rows, title, label, chance, path):
    figure = run_folder.new_figure((7.6, 0.42 * len(rows) + 1.4))
    visualization.plot_strips(
        rows, title, label, chance=chance, ax=figure.subplots()
    )
    run_folder.save_figure(figure, path)


def _who(result):
    if result["same_test"]:
        return "faces that were in no training"
    return "people that were in no training"


def _card(recipe, result):
    info = CorpusInfo(**result["corpus"])
    unit = "seeds" if recipe.same_test else "folds"
    luck = " (after Nadeau and Bengio)"
    if recipe.same_test:
        luck = ", of the luck of training and of pairs; who is who is not known"
    without = "; ".join(
        f"in {unit[:-1]} {fold} there are none of {', '.join(names)}"
        for fold, names in result["without_means"].items()
    )
    guided = ""
    if recipe.guidance:
        guided = _GUIDANCE.format(
            comparator=result["guidance"]["comparator"],
            who=_who(result),
            folds=result["guidance"]["folds"],
            unit=unit,
            luck=luck,
            table=guidance_markdown(result),
        )
    return _TEMPLATE.format(
        name=recipe.name,
        title=info.title,
        paper=recipe.paper,
        cost=recipe.cost,
        who=_who(result),
        tested=result["tested"],
        folds=f"{recipe.folds} {unit}",
        luck=luck,
        comparators=comparators_markdown(result),
        guidance=guided,
        license=info.license,
        reference=info.reference,
        pairs=result["pairs"],
        mean=recipe.faces_of_a_mean,
        without=f"; {without}" if without else "",
        notes="".join(f"{note}. " for note in result["notes"]),
        training_hours=result["training_hours"],
    )


def comparators_markdown(result: dict) -> str:
    """Make the table of comparators.

    Args:
        result: content of a run's `metrics.json`.

    Returns:
        A Markdown table, a row a comparator: accuracy on all pairs, its
        difference to the base (percentage points), area under the ROC curve,
        accuracy on the training pairs of the last epoch, and on each kind of
        pair.
    """
    lines = [
        f"| comparator | parameters | all pairs | against `{result['base']}` | "
        f"AUC | training | {' | '.join(KINDS)} |",
        "|---" * (len(KINDS) + 6) + "|",
    ]
    for name, of in result["comparators"].items():
        cells = [
            f"{of['parameters']:,}",
            card.share(of["accuracy"]),
            "" if name == result["base"] else _points(of["difference"]),
            f"{of['auc']['mean']:.2f}",
            f"{100 * of['training']['mean']:.1f} %",
        ]
        cells += [f"{100 * of['kinds'][k]['mean']:.1f} %" for k in KINDS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def guidance_markdown(result: dict) -> str:
    """Make the table of guided autoencoders.

    Args:
        result: content of a run's `metrics.json`.

    Returns:
        A Markdown table, a row a guidance: accuracy and unweighted average
        recall of the judge and the guide's own accuracy with their differences
        (percentage points), and the error of pixels (gray levels).
    """
    guided = result["guidance"]
    lines = [
        "| guidance λ | accuracy | against none | against permuted labels "
        "| UAR | against none | against permuted labels "
        "| as the guide sees it | against none | against permuted labels "
        "| error (gray levels) |",
        "|---" * 11 + "|",
    ]
    rows = {"the faces themselves": guided["originals"], **guided["runs"]}
    for name, of in rows.items():
        cells = []
        for measure in GUIDED:
            cells.append(card.share(of[measure]))
            for base in ("against_none", "against_null"):
                known = base in of and name != "0"
                cells.append(_points(of[base][measure]) if known else "")
        cells.append(f"{np.mean(of['rmse']):.1f}" if "rmse" in of else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _points(difference):
    """A difference in percentage points, with its interval if it has one."""
    text = f"{100 * difference['mean']:+.1f}"
    if difference["interval"] is None:
        return text
    low, high = (100 * bound for bound in difference["interval"])
    return f"{text} ({low:+.1f} to {high:+.1f})"

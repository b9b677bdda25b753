"""EMMA's tables, made of the reported runs."""

import csv
import json

import numpy as np

from keras_fer import evaluation
from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import run_folder

_NOT_RUN = "not run"
_SHOWN = ("uar", "accuracy")
_NAMED = ("accuracy", "uar")
_SOFTMAX = {
    "standardized": "logits, standardized",
    "probabilities": "probabilities",
    "logits": "logits",
}
_OTHERS = (
    ("last_stage_ce", "cross entropy"),
    ("arcface", "ArcFace"),
    ("cosface", "CosFace"),
)


def unseen_markdown(*names: str) -> str:
    """Make the table of compounds that were named without any to learn from.

    Args:
        names: recipes of EMMA, of each of which there is one `_ce`, trained by
            cross entropy.

    Returns:
        A Markdown table: UAR and accuracy of EMMA, of what cross entropy learns
        mixed in three ways, and of random weights, each the mean over the
        seeds, their deviation, and the interval of the luck of images; and
        EMMA's difference from the others over the seeds of both, with its
        interval of both kinds of luck (`evaluation.compare_runs`). What has not
        been run says so.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> compound_table.unseen_markdown("emma_raf_db_dan").splitlines()[2]
    '| `emma_raf_db_dan` | not run | | | |'
    """
    lines = [
        "| network | mixed | UAR | accuracy | EMMA's gain (UAR; accuracy) |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        found, other = _compounds(name), _compounds(f"{name}_ce")
        if not found:
            lines.append(f"| `{name}` | {_NOT_RUN} | | | |")
            continue
        own = _mixed(name, "similarity")
        rows = [(name, "similarity", found["heads"]["similarity"], None)]
        if other:
            for head, words in _SOFTMAX.items():
                difference = _difference(_mixed(f"{name}_ce", head), own)
                figures = other["heads"][head]
                rows.append((f"{name}_ce", words, figures, difference))
        words = "similarity, random weights"
        rows.append((name, words, found["random"], None))
        for run, words, figures, difference in rows:
            cells = " | ".join(_cell(figures[m]) for m in _SHOWN)
            lines.append(
                f"| `{run}` | {words} | {cells} | {difference or ''} |"
            )
    return "\n".join(lines)


def table_1_markdown(*names: str) -> str:
    """Make table 1: each backbone and loss, by three methods.

    Args:
        names: recipes of EMMA that have all rows of `emma_recipes.table_1`.

    Returns:
        A Markdown table of accuracy and UAR on the test split, mean and
        deviation over the seeds, and the interval of the luck of images; below
        each pair of losses what the angle gains, as in `unseen_markdown`. What
        has not been run says so.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> text = compound_table.table_1_markdown("emma_raf_db_dan")
    >>> text.splitlines()[2]
    '| `emma_raf_db_dan` | cross entropy | not run | not run | not run |'
    """
    lines = [
        "| network | loss | general: accuracy, UAR | EMMA: accuracy, UAR "
        "| transfer: accuracy, UAR |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        for loss, end in (("cross entropy", "_ce"), ("constrained angle", "")):
            general = "" if not end else _result_cell(f"{name}_general")
            mixed = _compounds(name + end)
            emma = _NOT_RUN
            if mixed:
                heads = mixed["heads"]
                emma = _pair(next(iter(heads.values())))
            transfer = _result_cell(f"{name}{end}_transfer")
            lines.append(
                f"| `{name}` | {loss} | {general} | {emma} | {transfer} |"
            )
        gains = []
        for method in (_first_mixed, _transferred):
            both = method(f"{name}_ce"), method(name)
            gains.append(_difference(*both, _NAMED) if all(both) else "")
        if any(gains):
            cells = " | ".join(gains)
            lines.append(f"| `{name}` | the angle's gain |  | {cells} |")
    return "\n".join(lines)


def basics_markdown(*names: str) -> str:
    """Make the table of what networks know of basic expressions.

    Args:
        names: recipes of EMMA, of each of which there is one `_ce`, trained by
            cross entropy.

    Returns:
        A Markdown table of accuracy and UAR on the validation split, and of
        what the angle gains, as in `unseen_markdown`.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> compound_table.basics_markdown("emma_raf_db_dan").splitlines()[2]
    '| `emma_raf_db_dan` | not run | | |'
    """
    lines = [
        "| network | constrained angle: accuracy, UAR | cross entropy: "
        "accuracy, UAR | the angle's gain |",
        "|---|---|---|---|",
    ]
    for name in names:
        own, other = (_named(run, "val") for run in (name, f"{name}_ce"))
        if not (own and other):
            lines.append(f"| `{name}` | {_NOT_RUN} | | |")
            continue
        cells = [
            _pair(evaluation.run_statistics(*run[2:])) for run in (own, other)
        ]
        cells.append(_difference(other, own, _NAMED))
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def recall_markdown(name: str) -> str:
    """Make table 2: recall of each compound by EMMA and by general training.

    Args:
        name: recipe of EMMA.

    Returns:
        A Markdown table in the order of the corpus, with the numbers of images
        that general training learned from and of those that are named; means
        over the seeds.

    Raises:
        ValueError: both were measured on other images.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> compound_table.recall_markdown("emma_raf_db_dan").splitlines()[-1]
    '| not run | | | | |'
    """
    lines = [
        "| | training images | test images | EMMA | general |",
        "|---|---|---|---|---|",
    ]
    found = _compounds(name)
    folder = inference.saved_models() / f"{name}_general"
    if not found or not (folder / "metrics.json").is_file():
        return "\n".join([*lines, f"| {_NOT_RUN} | | | | |"])
    labels, named = run_folder.read_answers("test", folder)
    own_labels = _mixed(name, "similarity")[2]
    if not np.array_equal(labels, own_labels):
        raise ValueError(f"{name} and {folder.name} named different images")
    trained = recipes.get(folder.name).corpus("train").class_counts()
    recall = found["heads"]["similarity"]["recall"]
    for label, (compound, count) in enumerate(trained.items()):
        general = (named[:, labels == label] == label).mean()
        lines.append(
            f"| {compound} | {count} | {(labels == label).sum()} | "
            f"{100 * recall[label]:.1f} % | {100 * general:.1f} % |"
        )
    return "\n".join(lines)


def slopes_markdown(name: str) -> str:
    """Make a table of figure 4: what each slope is worth, and how it learned.

    Args:
        name: recipe of EMMA whose slopes were swept, and other losses beside
            them.

    Returns:
        A Markdown table: accuracy on the training faces in the last epoch, UAR
        of the basic expressions on validation, UAR and accuracy on compounds,
        as in `unseen_markdown`, and the difference from slope .1. Other losses
        are mixed standardized. What has not been run says so.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> compound_table.slopes_markdown("emma_raf_db_dan").splitlines()[-1]
    '| not run | | | | | |'
    """
    lines = [
        "| | learned, accuracy | basic, UAR | UAR | accuracy "
        "| difference from slope .1 (UAR; accuracy) |",
        "|---|---|---|---|---|---|",
    ]
    slopes = sorted(inference.saved_models().glob(f"{name}_slope_*"))
    rows = {
        path.name: (f"slope {int(path.name[-3:]) / 100:g}", "similarity")
        for path in slopes
    } | {f"{name}_{end}": (words, "standardized") for end, words in _OTHERS}
    found = {run: _compounds(run) for run in rows}
    middle = f"{name}_slope_010"
    if not found.get(middle):
        return "\n".join([*lines, f"| {_NOT_RUN} | | | | | |"])
    for run, (words, head) in rows.items():
        summary = found[run]
        if not summary:
            lines.append(f"| {words} | {_NOT_RUN} | | | | |")
            continue
        path = inference.saved_models() / run
        with open(path / "history.csv", newline="", encoding="utf-8") as file:
            # Of each seed the last row stands.
            last = {row["seed"]: row for row in csv.DictReader(file)}
        learned = np.mean([float(row["accuracy"]) for row in last.values()])
        basic = evaluation.run_statistics(
            *run_folder.read_answers("val", path)
        )["uar"]
        figures = summary["heads"][head]
        cells = " | ".join(_cell(figures[m]) for m in _SHOWN)
        difference = ""
        if run != middle:
            difference = _difference(
                _mixed(middle, "similarity"), _mixed(run, head)
            )
        lines.append(
            f"| {words} | {100 * learned:.1f} | {_cell(basic)} | {cells} | "
            f"{difference} |"
        )
    return "\n".join(lines)


def variances_markdown(name: str) -> str:
    """Make table 3: how far expressions scatter, by t-SNE and as they are.

    Args:
        name: recipe of EMMA whose slopes were swept.

    Returns:
        A Markdown table of validation faces: variance of each expression and
        squared distance between expressions in the plane of t-SNE, separation
        and silhouette, there and in the embedding; mean and deviation over the
        seeds. Faces are counted in the split, of which at
        most 512 are drawn.

    Example:

    >>> from keras_fer.recipes import compound_table
    >>> compound_table.variances_markdown("emma_raf_db_dan").splitlines()[-1]
    '| not run | | | |'
    """
    columns = {
        "cross entropy": f"{name}_last_stage_ce",
        "slope 1": f"{name}_slope_100",
        "slope .1": f"{name}_slope_010",
    }
    lines = [f"| | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    found = []
    for run in columns.values():
        path = inference.saved_models() / run / "embedding.json"
        if not path.is_file():
            return "\n".join([*lines, f"| {_NOT_RUN} | | | |"])
        found.append(run_folder.read_json(path)["splits"]["val"])

    def row(words, values):
        cells = []
        for one in values:
            spread = f" ± {np.std(one, ddof=1):.2f}" if len(one) > 1 else ""
            cells.append(f"{np.mean(one):.2f}{spread}")
        lines.append(f"| {words} | {' | '.join(cells)} |")

    counts = recipes.get(columns["cross entropy"]).corpus("val").class_counts()
    for words, space in (("t-SNE", "plane"), ("embedding", "trained")):
        for label, (expression, count) in enumerate(counts.items()):
            row(
                f"{words}, variance of {expression} ({count} faces)",
                [
                    [one["class_variance"][label] for one in splits[space]]
                    for splits in found
                ],
            )
        for measure, name in (
            (
                "inter_class_distance",
                "squared distance of expressions (inter-class variance)",
            ),
            ("separation", "separation"),
            ("silhouette", "silhouette"),
        ):
            row(
                f"{words}, {name}",
                [[one[measure] for one in splits[space]] for splits in found],
            )
    return "\n".join(lines)


def _compounds(name):
    path = inference.saved_models() / name / "compounds.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    trained = path.parent / "metrics.json"
    if trained.is_file():
        weights = run_folder.read_result(path.parent)["weights_sha256"]
        weights = [weights] if isinstance(weights, str) else weights
        if found["weights_sha256"] != weights:
            raise ValueError(f"{path} is of other weights than {trained}")
    return found


def _mixed(name, head):
    """Name, runs, labels, and what each run named in one way of mixing."""
    folder = inference.saved_models() / name
    answers = run_folder.read_answers(f"compounds_{head}", folder)
    return name, _compounds(name)["runs"], *answers


def _first_mixed(name):
    found = _compounds(name)
    return found and _mixed(name, next(iter(found["heads"])))


def _transferred(name):
    return _named(f"{name}_transfer", "test")


def _named(name, split):
    """The same of a split, if the recipe was run with several seeds."""
    folder = inference.saved_models() / name
    if not (folder / "metrics.json").is_file():
        return None
    result = run_folder.read_result(folder)
    if "seeds" not in result:
        return None
    runs = [f"seed_{seed}" for seed in result["seeds"]]
    return name, runs, *run_folder.read_answers(split, folder)


def _difference(first, second, measures=_SHOWN):
    """What the second gains over the first, over the seeds of both."""
    (name, runs, labels, named), (other, others, other_labels, other_named) = (
        first,
        second,
    )
    if not np.array_equal(labels, other_labels):
        raise ValueError(f"{other} and {name} named different images")
    # Runs without seeds are called as their recipes are.
    runs, others = (
        [run if run.startswith("seed_") else "" for run in of]
        for of in (runs, others)
    )
    shared = [run for run in others if run in runs]
    if not shared:
        raise ValueError(f"{other} and {name} have no seed in common")
    compared = evaluation.compare_runs(
        labels,
        named[[runs.index(run) for run in shared]],
        other_named[[others.index(run) for run in shared]],
    )
    return "; ".join(
        f"{100 * compared.difference[m]:+.1f} "
        f"({100 * compared.interval[m][0]:+.1f} to "
        f"{100 * compared.interval[m][1]:+.1f})"
        for m in measures
    )


def _cell(figures):
    low, high = figures["interval"]
    return f"{_mean(figures)} ({100 * low:.1f}–{100 * high:.1f})"


def _mean(figures):
    spread = ""
    if figures["std"] is not None:
        spread = f" ± {100 * figures['std']:.1f}"
    return f"{100 * figures['mean']:.1f}{spread}"


def _pair(figures):
    return "; ".join(_cell(figures[m]) for m in _NAMED)


def _result_cell(name):
    folder = inference.saved_models() / name
    if not (folder / "metrics.json").is_file():
        return _NOT_RUN
    result = run_folder.read_result(folder)
    if "repetition" in result:
        # As compounds are measured, so that intervals are of one kind.
        answers = run_folder.read_answers("test", folder)
        return _pair(evaluation.run_statistics(*answers))
    return _pair(
        {
            m: {
                "mean": result["test"][m],
                "std": None,
                "interval": result["test"][f"{m}_interval"],
            }
            for m in _SHOWN
        }
    )

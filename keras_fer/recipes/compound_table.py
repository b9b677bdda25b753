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
        own = _answers(name, "similarity")
        rows = [(name, "similarity", found["heads"]["similarity"], None)]
        if other:
            for head, words in _SOFTMAX.items():
                difference = _difference(
                    found, own, other, _answers(f"{name}_ce", head)
                )
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
        deviation over the seeds, and the interval of the luck of images. What
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
    own_labels, _ = _answers(name, "similarity")
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
                summary,
                _answers(run, head),
                found[middle],
                _answers(middle, "similarity"),
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
        and silhouette there and in the embedding, where variances are shares of
        that distance, since they have the scale of the embedding; mean and
        deviation over the seeds. Faces are counted in the split, of which at
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
    for label, (expression, count) in enumerate(counts.items()):
        row(
            f"t-SNE, variance of {expression} ({count} faces)",
            [
                [one["class_variance"][label] for one in splits["plane"]]
                for splits in found
            ],
        )
    for label, expression in enumerate(counts):
        row(
            f"embedding, variance of {expression}, share of the squared "
            "distance",
            [
                [
                    one["class_variance"][label] / one["inter_class_distance"]
                    for one in splits["trained"]
                ]
                for splits in found
            ],
        )
    for words, space, measure in (
        (
            "t-SNE, squared distance of expressions (inter-class variance)",
            "plane",
            "inter_class_distance",
        ),
        ("t-SNE, separation", "plane", "separation"),
        ("t-SNE, silhouette", "plane", "silhouette"),
        ("embedding, separation", "trained", "separation"),
        ("embedding, silhouette", "trained", "silhouette"),
    ):
        row(words, [[one[measure] for one in s[space]] for s in found])
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


def _answers(name, head):
    folder = inference.saved_models() / name
    return run_folder.read_answers(f"compounds_{head}", folder)


def _difference(found, own, other, others):
    (labels, named), (other_labels, other_named) = own, others
    if not np.array_equal(labels, other_labels):
        raise ValueError(
            f"{found['recipe']} and {other['recipe']} named different images"
        )
    # Runs without seeds are called as their recipes are.
    runs, others = (
        [run if run.startswith("seed_") else "" for run in summary["runs"]]
        for summary in (found, other)
    )
    shared = [run for run in runs if run in others]
    if not shared:
        raise ValueError(
            f"{found['recipe']} and {other['recipe']} have no seed in common"
        )
    first = other_named[[others.index(run) for run in shared]]
    second = named[[runs.index(run) for run in shared]]
    compared = evaluation.compare_runs(labels, first, second)
    return "; ".join(
        f"{100 * compared.difference[m]:+.1f} "
        f"({100 * compared.interval[m][0]:+.1f} to "
        f"{100 * compared.interval[m][1]:+.1f})"
        for m in _SHOWN
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
    return "; ".join(_cell(figures[m]) for m in ("accuracy", "uar"))


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

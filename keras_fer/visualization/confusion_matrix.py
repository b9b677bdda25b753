"""Confusion matrix of a classification report."""

import textwrap

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS

_WIDTH = 60  # letters in a line of the title


def plot_confusion_matrix(report, ax=None):
    """Draw which expressions are taken for which.

    Each row is a true expression; its cells are the shares of its images in
    percent, with the counts below.

    Args:
        report: a `ClassificationReport`, or the `CrossValidationReport` of
            several folds.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation, visualization
    >>> report = evaluation.classification_report(
    ...     [0, 1],
    ...     np.array([[0.9, 0.1], [0.2, 0.8]]),
    ...     ("anger", "fear"),
    ...     corpus="example",
    ...     split="val",
    ... )
    >>> visualization.plot_confusion_matrix(report).get_xlabel()
    'predicted expression'
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(7.2, 6.4), layout="constrained")
    counts = np.array(report.confusion)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    ax.figure.colorbar(image, ax=ax, label="share of the true expression (%)")
    for (row, column), share in np.ndenumerate(shares):
        ax.text(
            column,
            row,
            f"{share:.0f}\n({counts[row, column]})",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share > 55 else "black",
        )
    ax.set_xticks(
        range(len(report.classes)),
        report.classes,
        rotation=35,
        ha="right",
        rotation_mode="anchor",
    )
    ax.set_yticks(range(len(report.classes)), report.classes)
    for axis in (ax.xaxis, ax.yaxis):
        for label in axis.get_ticklabels():
            label.set_color(EXPRESSION_COLORS.get(label.get_text(), "black"))
    ax.set_xlabel("predicted expression")
    ax.set_ylabel("true expression")
    what = f"{report.corpus}, {report.split}, {report.samples} images"
    ax.set_title(
        f"{textwrap.fill(what, _WIDTH)}\n{_figures(report)}", fontsize=10
    )
    return ax


def _figures(report):
    if hasattr(report, "folds"):
        accuracy, uar = report.accuracy, report.uar
        spread = "" if accuracy.std is None else f" ± {100 * accuracy.std:.1f}"
        return (
            f"mean of {len(report.folds)} folds: accuracy "
            f"{100 * accuracy.mean:.1f}{spread} %, UAR {100 * uar.mean:.1f} %"
        )
    low, high = report.accuracy_interval
    return (
        f"accuracy {100 * report.accuracy:.1f} % "
        f"[{100 * low:.1f}, {100 * high:.1f}], "
        f"UAR {100 * report.uar:.1f} %, macro F1 {100 * report.macro_f1:.1f} %"
    )

"""Reliability diagram of a classification report."""

import numpy as np


def plot_calibration(report, ax=None):
    """Draw accuracy against confidence: on the diagonal, 80 % means 80 %.

    Args:
        report: a `ClassificationReport`.
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
    >>> visualization.plot_calibration(report).get_xlabel()
    'mean confidence (probability of the named expression)'
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(5.6, 5.2), layout="constrained")
    counts, confidence, accuracy = np.array(report.calibration_bins).T
    filled = counts > 0
    ax.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="calibrated")
    ax.scatter(
        confidence[filled],
        accuracy[filled],
        s=10 + 400 * counts[filled] / counts.sum(),
        color="#0072B2",
        label="bin (area: share of images)",
        clip_on=False,
    )
    ax.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="mean confidence (probability of the named expression)",
        ylabel="accuracy (share named rightly)",
    )
    ax.set_title(
        f"{report.corpus}, {report.split}: expected calibration error "
        f"{100 * report.calibration_error:.1f} points",
        fontsize=10,
    )
    ax.legend(loc="upper left", fontsize=8)
    return ax

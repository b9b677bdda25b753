"""Estimated numbers against the true ones."""

import numpy as np


def plot_estimates(report, targets, answers, axes=None):
    """Draw estimates against targets, a panel for each column.

    Args:
        report: an `evaluation.RegressionReport`.
        targets: `(N, columns)`.
        answers: `(N, columns)`.
        axes: a matplotlib axes for each column; by default a new figure is
            made.

    Returns:
        The axes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation, visualization
    >>> true = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    >>> report = evaluation.regression_report(
    ...     true, true / 2, corpus="example", split="val"
    ... )
    >>> axes = visualization.plot_estimates(report, true, true / 2)
    >>> [ax.get_xlabel() for ax in axes]
    ['true valence', 'true arousal']
    """
    if axes is None:
        import matplotlib.pyplot as plt

        count = len(report.columns)
        size = 4.6 * count, 4.4
        _, axes = plt.subplots(1, count, figsize=size, layout="constrained")
        axes = np.atleast_1d(axes)
    for column, (name, ax) in enumerate(zip(report.columns, axes, strict=True)):
        x, y = np.asarray(targets)[:, column], np.asarray(answers)[:, column]
        ax.scatter(x, y, s=4, alpha=0.4, linewidths=0)
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        ax.plot(ends, ends, color="0.5", linewidth=1, linestyle="--")
        low, high = report.ccc_interval[column]
        ax.set(xlabel=f"true {name}", ylabel=f"estimated {name}")
        ax.set_title(
            f"{report.corpus}, {report.split}, {report.samples} images:\n"
            f"CCC {report.ccc[column]:.3f} [{low:.3f}, {high:.3f}], RMSE "
            f"{report.rmse[column]:.3f}, SAGR "
            f"{100 * report.sagr[column]:.1f} %",
            fontsize=9,
        )
        ax.locator_params(nbins=6)
        ax.grid(alpha=0.3)
    return axes

"""Estimated numbers against the true ones."""

import numpy as np


def plot_estimates(report, targets, answers, figure=None):
    """Draw estimates against targets, a panel for each column, four in a row.

    Args:
        report: an `evaluation.RegressionReport`.
        targets: `(N, columns)`.
        answers: `(N, columns)`.
        figure: a matplotlib figure, whose size is set; by default a new one.

    Returns:
        The axes of the columns.

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
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(layout="constrained")
    count = len(report.columns)
    across = min(count, 4)
    down = -(-count // across)
    figure.set_size_inches(4.6 * across, 4.4 * down)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for ax in axes[count:]:
        ax.set_axis_off()
    axes = axes[:count]
    for column, (name, ax) in enumerate(zip(report.columns, axes, strict=True)):
        x, y = np.asarray(targets)[:, column], np.asarray(answers)[:, column]
        ax.scatter(x, y, s=4, alpha=0.4, linewidths=0)
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        ax.plot(ends, ends, color="0.5", linewidth=1, linestyle="--")
        low, high = report.ccc_interval[column]
        sagr = report.sagr[column]
        signs = "" if sagr is None else f", SAGR {100 * sagr:.1f} %"
        ax.set(xlabel=f"true {name}", ylabel=f"estimated {name}")
        ax.set_title(
            f"{report.corpus}, {report.split}, {report.samples} images:\n"
            f"CCC {report.ccc[column]:.3f} [{low:.3f}, {high:.3f}], RMSE "
            f"{report.rmse[column]:.3f}{signs}",
            fontsize=9,
        )
        ax.locator_params(nbins=6)
        ax.grid(alpha=0.3)
    return axes

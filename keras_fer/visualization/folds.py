"""The accuracy of each fold."""


def plot_folds(report, ax=None):
    """Draw the accuracy of each fold, and their mean and deviation.

    Args:
        report: a `CrossValidationReport`.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation, visualization
    >>> fold = evaluation.classification_report(
    ...     [0, 1],
    ...     np.array([[0.9, 0.1], [0.2, 0.8]]),
    ...     ("anger", "fear"),
    ...     corpus="example",
    ...     split="test",
    ... )
    >>> report = evaluation.cross_validation_report(
    ...     {0: fold, 1: fold}, train_samples=[8, 8]
    ... )
    >>> visualization.plot_folds(report).get_ylabel()
    'accuracy (%)'
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
    values = [100 * value for value in report.accuracy.values]
    ax.plot(range(len(values)), values, "o", color="#0072B2")
    ax.set_xticks(range(len(values)), report.folds)
    for place, value in enumerate(values):
        ax.annotate(
            f"{value:.1f}",
            (place, value),
            (0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    mean, std = 100 * report.accuracy.mean, report.accuracy.std
    label = f"mean {mean:.1f} %"
    if std is not None:
        label = f"mean ± deviation, {mean:.1f} ± {100 * std:.1f} %"
        ax.axhspan(mean - 100 * std, mean + 100 * std, color="0.5", alpha=0.2)
    ax.axhline(mean, color="black", linewidth=1, label=label)
    ax.legend(fontsize=8, loc="lower right")
    ax.margins(y=0.25)
    ax.set(
        xlabel="fold",
        ylabel="accuracy (%)",
        title=f"{report.corpus}, {report.split}: {report.samples} images in "
        f"{len(values)} folds",
    )
    return ax

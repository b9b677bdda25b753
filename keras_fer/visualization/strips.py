"""Several values of each of several things, one below the other."""

import numpy as np


def plot_strips(values, title, label, *, chance=None, ax=None):
    """Draw the values of each row as points, and their mean as a line.

    Args:
        values: sequences of shares, 0 to 1, by the name of their row.
        title: what is compared.
        label: what the values are, without unit; they are drawn as percentages.
        chance: share that guessing has, drawn as a dashed line.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> from keras_fer import visualization
    >>> ax = visualization.plot_strips(
    ...     {"a": [0.5, 0.6], "b": [0.9]}, "Two of them", "accuracy", chance=0.5
    ... )
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['a', 'b']
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(
            figsize=(7.2, 0.4 * len(values) + 1.4), layout="constrained"
        )
    for row, of_row in enumerate(values.values()):
        of_row = 100 * np.asarray(of_row, float)
        mean = of_row.mean()
        ax.plot(of_row, np.full(len(of_row), row), "o", color="#0072B2", ms=5)
        ax.plot([mean, mean], [row - 0.3, row + 0.3], color="black")
        ax.annotate(
            f"{mean:.1f}",
            (mean, row - 0.3),
            (0, 1),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    if chance is not None:
        ax.axvline(100 * chance, color="0.5", linestyle="--", label="by chance")
        ax.legend(fontsize=8)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -0.7)
    ax.set_xlabel(f"{label} (%)")
    ax.set_title(title, fontsize=10)
    ax.grid(axis="x", alpha=0.3)
    return ax

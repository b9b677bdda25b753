"""How many images of each expression a corpus has."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS


def plot_class_counts(counts, classes, title, ax=None):
    """Draw the number of images of each expression, splits side by side.

    Args:
        counts: for each split the number of images of each expression.
        classes: expressions, in the order of the numbers.
        title: what the figure shows.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> from keras_fer import visualization
    >>> ax = visualization.plot_class_counts(
    ...     {"train": (30, 20), "val": (3, 2)}, ("anger", "fear"), "Example"
    ... )
    >>> ax.get_ylabel()
    'images'

    Reference:
        - Barradas-Chacon et al., Facial Emotion Representation and
          Reconstruction with VAEs, figure 1.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
    width = 0.85 / len(counts)
    places = np.arange(len(classes))
    colors = [EXPRESSION_COLORS.get(name, "#7F7F7F") for name in classes]
    hatches = ("", "///", "...")
    for number, (split, values) in enumerate(counts.items()):
        bars = ax.bar(
            places + (number - (len(counts) - 1) / 2) * width,
            values,
            width,
            color=colors if number == 0 else "white",
            edgecolor=colors,
            hatch=hatches[number % len(hatches)],
            label=f"{split}, {sum(values)} images",
        )
        ax.bar_label(bars, fontsize=7)
    ax.set_xticks(
        places, classes, rotation=25, ha="right", rotation_mode="anchor"
    )
    ax.set(ylabel="images", xlabel="expression", title=title)
    ax.margins(y=0.1)
    legend = ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    for handle in legend.legend_handles:  # gray: no expression
        filled = handle.get_facecolor()[:3] != (1, 1, 1)
        handle.set_edgecolor("0.4")
        handle.set_facecolor("0.6" if filled else "white")
    return ax

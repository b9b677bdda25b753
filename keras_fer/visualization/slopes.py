"""What opposite directions count, and what that is worth."""

import numpy as np


def plot_slopes(figures, title, axes=None):
    """Draw the slopes of a constrained angle loss, and what they are worth.

    Args:
        figures: for each slope, 0 to 1, its `evaluation.run_statistics`.
        title: what was measured.
        axes: two matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> from keras_fer import visualization
    >>> one = {"mean": 0.5, "std": 0.01}
    >>> figures = {slope: {"uar": one, "accuracy": one} for slope in (0.0, 0.1)}
    >>> axes = visualization.plot_slopes(figures, "Two slopes")
    >>> axes[1].get_xlabel()
    'negative slope'

    Reference:
        - EMMA, figures 5 and 4, which has accuracy alone.
    """
    import matplotlib as mpl

    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")
    angles = np.linspace(0, 180, 181)
    cosines = np.cos(np.radians(angles))
    colors = np.linspace(0.15, 0.9, len(figures))
    slopes = sorted(figures)
    for slope, color in zip(slopes, colors, strict=True):
        axes[0].plot(
            angles,
            np.where(cosines > 0, cosines, slope * cosines),
            color=mpl.colormaps["viridis"](color),
            label=f"{slope:g}",
        )
    axes[0].set_title(
        "What a direction counts, without normalization", fontsize=10
    )
    axes[0].set_xlabel("angle to the emotion vector (degrees)")
    axes[0].set_ylabel("leaky ReLU of the cosine")
    axes[0].legend(title="slope", fontsize=8)
    places = np.arange(len(slopes))
    # Side by side, since deviations overlap.
    for measure, label, style, color, aside in (
        ("accuracy", "accuracy", "--", "0.5", 0.06),
        ("uar", "UAR", "-", "black", -0.06),
    ):
        found = [figures[slope][measure] for slope in slopes]
        axes[1].errorbar(
            places + aside,
            [100 * one["mean"] for one in found],
            [100 * (one["std"] or 0.0) for one in found],
            marker=".",
            linestyle=style,
            capsize=2,
            color=color,
            label=label,
        )
    axes[1].legend(fontsize=8)
    axes[1].set_xticks(places, [f"{slope:g}" for slope in slopes])
    axes[1].set_title(title, fontsize=10)
    axes[1].set_xlabel("negative slope")
    axes[1].set_ylabel("accuracy and UAR (%) ± deviation")
    for ax in axes:
        ax.grid(alpha=0.3)
    return axes

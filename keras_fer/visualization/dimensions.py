"""What each number more in a compact embedding is worth."""


def plot_dimensions(figures, title, ax=None):
    """Draw F1 over the size of the embedding, a line for each kind of it.

    Args:
        figures: for each model, by its name such as `"CAKE-3"` or `"AV1"`, its
            dimensions, mean F1 (0 to 1) and deviation, or `None`. What stands
            before the number of the name is the kind.
        title: what was measured.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> from keras_fer import visualization
    >>> figures = {"CAKE-2": (2, 0.5, 0.01), "CAKE-3": (3, 0.6, None)}
    >>> ax = visualization.plot_dimensions(figures, "Two sizes")
    >>> ax.get_xlabel()
    'numbers in the embedding'

    Reference:
        - CAKE, figure 4.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    kinds = {}
    for name, (dimensions, mean, std) in figures.items():
        kind = name.rstrip("0123456789").rstrip("-")
        kinds.setdefault(kind, []).append((dimensions, mean, std or 0.0))
    for kind, points in kinds.items():
        x, mean, std = zip(*sorted(points), strict=True)
        ax.errorbar(
            x,
            [100 * value for value in mean],
            [100 * value for value in std],
            marker=".",
            capsize=2,
            label=kind,
        )
    sizes = sorted({dimensions for dimensions, *_ in figures.values()})
    ax.set_xscale("log")
    ax.set_xticks(sizes, sizes)
    ax.set_xticks([], minor=True)
    ax.set_xlabel("numbers in the embedding")
    ax.set_ylabel("macro F1 (%), weighted by the size of the corpora")
    ax.set_title(title, fontsize=10)
    ax.legend(fontsize=8)
    ax.grid(alpha=0.3)
    return ax

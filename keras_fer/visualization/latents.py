"""Where the faces of each expression lie on each latent variable."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS

_GRID = 200


def plot_latents(latents, labels, classes, names, title, figure=None):
    """Draw the distributions of latent variables, a panel an expression.

    Args:
        latents: `(N, L)`.
        labels: `(N,)`, indices into `classes`.
        classes: names of the expressions.
        names: what each latent variable is called, L names; those of
            expressions have their colors.
        title: what was measured.
        figure: matplotlib figure; by default a new one is made.

    Returns:
        The figure.

    Raises:
        ValueError: there are other than L names.

    Example:

    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> latents = np.random.default_rng(0).normal(size=(40, 2))
    >>> classes = ("anger", "fear")
    >>> figure = visualization.plot_latents(
    ...     latents, np.arange(40) % 2, classes, classes, "Two axes"
    ... )
    >>> [ax.get_title() for ax in figure.axes]
    ['anger (20)', 'fear (20)']

    Reference:
        - Barradas-Chacon et al., figures 7 and 10.
    """
    latents, labels = np.asarray(latents, float), np.asarray(labels)
    if len(names) != latents.shape[1]:
        raise ValueError(
            f"expected {latents.shape[1]} names. Received: {len(names)}"
        )
    columns = min(len(classes), 4)
    rows = -(-len(classes) // columns)
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(
            figsize=(3.0 * columns, 2.4 * rows + 0.5), layout="constrained"
        )
    figure.suptitle(title, fontsize=11)
    low, high = np.percentile(latents, (0.2, 99.8))
    grid = np.linspace(low, high, _GRID)
    for number, expression in enumerate(classes):
        ax = figure.add_subplot(rows, columns, number + 1)
        own = latents[labels == number]
        for name, values in zip(names, own.T, strict=True):
            ax.plot(
                grid,
                _density(values, grid),
                color=EXPRESSION_COLORS.get(name, "black"),
                linewidth=2.2 if name == expression else 0.9,
                label=name,
            )
        ax.set_title(f"{expression} ({len(own)})", fontsize=9)
        ax.set_xlabel("latent variable", fontsize=8)
        ax.set_ylabel("density", fontsize=8)
        ax.tick_params(labelsize=7)
    figure.axes[0].legend(fontsize=6)
    return figure


def _density(values, grid):
    """A kernel estimate with Silverman's width."""
    step = grid[1] - grid[0]
    if len(values) < 2 or not step:
        return np.zeros_like(grid)
    # No narrower than the grid, or a collapsed variable would not be seen.
    width = max(1.06 * values.std() * len(values) ** -0.2, step)
    steps = (grid[:, None] - values) / width
    return np.exp(-0.5 * steps**2).mean(axis=1) / (width * np.sqrt(2 * np.pi))

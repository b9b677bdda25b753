"""Embeddings as points in the plane, colored by expression."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS


def plot_embedding(points, labels, classes, title, *, axes=None, ax=None):
    """Draw faces as points in the plane of an embedding.

    Args:
        points: `(N, 2)`, such as t-SNE makes.
        labels: `(N,)`, numbers of classes.
        classes: names of the classes.
        title: what the points are.
        axes: names of the two dimensions, where their numbers mean something.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Raises:
        ValueError: there is not one label for each point of the plane.

    Example:

    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> points = np.random.default_rng(0).normal(size=(8, 2))
    >>> ax = visualization.plot_embedding(
    ...     points, np.arange(8) % 2, ("anger", "fear"), "Eight faces"
    ... )
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['anger (4)', 'fear (4)']
    """
    import matplotlib

    points, labels = np.asarray(points), np.asarray(labels)
    if points.shape != (len(labels), 2):
        raise ValueError(
            f"expected {len(labels)} points of a plane, one a label. "
            f"Received: shape {points.shape}"
        )
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(5.6, 5.2), layout="constrained")
    others = iter(matplotlib.colormaps["tab20b"].colors * len(classes))
    colors = {
        name: EXPRESSION_COLORS.get(name) or next(others) for name in classes
    }
    for number, name in enumerate(classes):
        rows = labels == number
        ax.scatter(
            *points[rows].T,
            s=9,
            color=colors[name],
            label=f"{name} ({rows.sum()})",
        )
    if axes is None:
        ax.set(xticks=[], yticks=[])
        axes = "dimension 1", "dimension 2"
    ax.set(xlabel=axes[0], ylabel=axes[1])
    ax.set_title(title, fontsize=9)
    ax.legend(fontsize=7, markerscale=1.5)
    return ax

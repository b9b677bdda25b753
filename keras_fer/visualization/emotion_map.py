"""The map of a compact embedding: a color for the region of each expression."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS


def plot_emotion_map(emotion_map, classes, title, *, f1=None, ax=None):
    """Draw the regions of the expressions, and faces as points in them.

    Points have the color of what the classifier names them. A region is labeled
    in its largest part.

    Args:
        emotion_map: an `analysis.EmotionMap`.
        classes: names of the classes.
        title: what is mapped.
        f1: F1 of each class, 0 to 1, which is written below its name; nan where
            there is none.
        ax: matplotlib axes; by default a new figure is made.

    Returns:
        The axes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models, visualization
    >>> model = models.CAKE(2, {"fer2013": 3})
    >>> faces = np.random.default_rng(0).normal(size=(50, 2))
    >>> found = analysis.emotion_map(model, "fer2013", faces)
    >>> names = "anger", "fear", "neutral"
    >>> visualization.plot_emotion_map(found, names, "Map").get_xlabel()
    'dimension 1'

    Reference:
        - CAKE, figures 1 and 5.
    """
    import matplotlib.colors
    import scipy.ndimage

    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(5.6, 5.2), layout="constrained")
    regions, x, y = emotion_map.regions, emotion_map.x, emotion_map.y
    colors = np.array(
        [
            matplotlib.colors.to_rgb(EXPRESSION_COLORS.get(name, "black"))
            for name in classes
        ]
    )
    ax.imshow(
        0.35 * colors[regions] + 0.65,
        origin="lower",
        # Places are the centers of the cells that are drawn.
        extent=(*_edges(x), *_edges(y)),
        aspect="auto",
        interpolation="nearest",
    )
    ax.scatter(
        *emotion_map.points.T,
        s=3,
        color=colors[emotion_map.answers],
        linewidths=0,
    )
    for number, name in enumerate(classes):
        parts, count = scipy.ndimage.label(regions == number)
        if not count:
            continue
        largest = np.bincount(parts.ravel())[1:].argmax() + 1
        # The place that is farthest from the edge of the region.
        inside = np.pad(parts == largest, 1)
        depth = scipy.ndimage.distance_transform_edt(inside)[1:-1, 1:-1]
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        text = name
        if f1 is not None and not np.isnan(f1[number]):
            text += f"\n{100 * f1[number]:.0f}"
        ax.text(x[column], y[row], text, ha="center", va="center", fontsize=8)
    ax.set_xlabel(emotion_map.axes[0])
    ax.set_ylabel(emotion_map.axes[1])
    note = "" if f1 is None else "\nnumbers: F1 of the expression (%)"
    ax.set_title(title + note, fontsize=9)
    return ax


def _edges(places):
    half = (places[1] - places[0]) / 2
    return places[0] - half, places[-1] + half

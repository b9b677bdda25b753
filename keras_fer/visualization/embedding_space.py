"""Three numbers as points in space, to be turned with the mouse."""

import os
from pathlib import Path

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS


def write_embedding_space(path, points, labels, classes, title) -> Path:
    """Write faces as points in space, as one HTML file that needs no network.

    Needs plotly: `pip install 'keras_fer[plotly]'`.

    Args:
        path: the `.html` file to make, about 5 MB.
        points: `(N, 3)`, embeddings.
        labels: `(N,)`, numbers of classes.
        classes: names of the classes.
        title: what the points are.

    Returns:
        The path.

    Raises:
        ImportError: plotly is not installed.
        ValueError: there is not one label for each point of a space.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> points = np.random.default_rng(0).normal(size=(8, 3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = visualization.write_embedding_space(
    ...         f"{folder}/space.html",
    ...         points,
    ...         np.arange(8) % 2,
    ...         ("anger", "fear"),
    ...         "Eight faces",
    ...     )
    ...     "Eight faces" in path.read_text()
    True

    Reference:
        - CAKE, section 3.4, which says that three numbers cannot be shown in a
          plane.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    if points.shape != (len(labels), 3):
        raise ValueError(
            f"expected {len(labels)} points of a space, one a label. "
            f"Received: shape {points.shape}"
        )
    try:
        from plotly import graph_objects
    except ImportError as error:
        raise ImportError(
            "the view of three numbers needs plotly: "
            "pip install 'keras_fer[plotly]'"
        ) from error
    figure = graph_objects.Figure()
    for number, name in enumerate(classes):
        rows = labels == number
        x, y, z = points[rows].T.tolist()
        figure.add_scatter3d(
            x=x,
            y=y,
            z=z,
            mode="markers",
            name=f"{name} ({rows.sum()})",
            marker={
                "size": 2.5,
                "color": EXPRESSION_COLORS.get(name, "#000000"),
            },
        )
    axes = {
        f"{axis}axis": {"title": {"text": f"dimension {number}"}}
        for number, axis in enumerate("xyz", start=1)
    }
    figure.update_layout(
        title=title, scene=axes, legend={"itemsizing": "constant"}
    )
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    # The page holds the library itself.
    figure.write_html(part, include_plotlyjs=True)
    os.replace(part, path)
    return path

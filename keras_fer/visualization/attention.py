"""Maps of attention drawn over faces."""

import numpy as np


def plot_attention(images, maps, row_names, column_names, title, figure=None):
    """Draw maps over the faces they belong to: the brighter, the more.

    Each map is stretched smoothly over its face and drawn from its own least
    to its own largest value, which stand below it: places can be compared
    within a face, strengths between faces by these numbers.

    Args:
        images: uint8 `(rows, height, width, 1 or 3)`, a face a row.
        maps: for each column `(rows, map_rows, map_columns)`, any numbers.
        row_names: what is said of each face.
        column_names: what the maps of each column are.
        title: what the sheet shows.
        figure: matplotlib figure; by default a new one is made.

    Returns:
        The figure.

    Raises:
        ValueError: a column has not one map for each face.

    Example:

    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> images = np.zeros((2, 48, 48, 1), "uint8")
    >>> maps = np.random.default_rng(0).uniform(size=(2, 6, 6))
    >>> sheet = visualization.plot_attention(
    ...     images, [maps], ["a", "b"], ["attention"], "Faces"
    ... )
    >>> len(sheet.axes)
    4
    """
    for name, column in zip(column_names, maps, strict=True):
        if len(column) != len(images) or np.ndim(column) != 3:
            raise ValueError(
                f"expected {len(images)} maps (rows, columns) of {name}. "
                f"Received: shape {np.shape(column)}"
            )
    height, width = images.shape[1:3]
    if figure is None:
        import matplotlib.pyplot as plt

        size = 1.1 * (1 + len(maps)) + 1, 1.3 * len(images) + 0.6
        figure = plt.figure(figsize=size, layout="constrained")
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(len(images), 1 + len(maps), squeeze=False)
    for row, line in enumerate(axes):
        line[0].set_ylabel(row_names[row], fontsize=8)
        for column, ax in enumerate(line):
            ax.imshow(images[row].squeeze(), cmap="gray", vmin=0, vmax=255)
            if column:
                values = np.asarray(maps[column - 1][row], float)
                ax.imshow(
                    values,
                    cmap="inferno",
                    alpha=0.6,
                    interpolation="bilinear",
                    extent=(-0.5, width - 0.5, height - 0.5, -0.5),
                )
                span = f"{values.min():.2g} to {values.max():.2g}"
                ax.set_xlabel(span, fontsize=7, labelpad=2)
            if row == 0:
                ax.set_title(["face", *column_names][column], fontsize=8)
            ax.set(xticks=[], yticks=[])
    return figure

"""A contact sheet of faces."""

import textwrap

_TITLE = 11  # points


def plot_faces(images, row_names, column_names, title, figure=None):
    """Draw faces in rows and columns, as a photographer's contact sheet.

    Args:
        images: uint8 `(rows, columns, height, width, 1 or 3)`, gray or RGB.
        row_names: what the rows show.
        column_names: what the columns show.
        title: what the sheet shows.
        figure: matplotlib figure; by default a new one is made.

    Returns:
        The figure.

    Example:

    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> images = np.zeros((1, 2, 48, 48, 1), "uint8")
    >>> sheet = visualization.plot_faces(images, ["a"], ["b", "c"], "Faces")
    >>> len(sheet.axes)
    2
    """
    rows, columns = images.shape[:2]
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(
            figsize=(1.0 * columns + 0.9, 1.0 * rows + 0.7),
            layout="constrained",
        )
    # Letters are about .6 as wide as they are high; an inch has 72 points.
    letters = int(figure.get_figwidth() * 72 / (0.6 * _TITLE))
    figure.suptitle(textwrap.fill(title, letters), fontsize=_TITLE)
    axes = figure.subplots(rows, columns, squeeze=False)
    for row, line in enumerate(axes):
        for column, ax in enumerate(line):
            ax.imshow(
                images[row, column].squeeze(), cmap="gray", vmin=0, vmax=255
            )
            ax.set_xticks([])
            ax.set_yticks([])
            if row == 0:
                ax.set_title(column_names[column], fontsize=8)
            if column == 0:
                ax.set_ylabel(row_names[row], fontsize=8)
    return figure

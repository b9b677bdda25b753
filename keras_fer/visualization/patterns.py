"""The strongest images of filters and the patterns that drive them."""

import numpy as np


def plot_patterns(patterns, images, row_names, title, figure=None):
    """Draw for each filter its strongest images, below each what drives it.

    A pattern is drawn in gray around zero, each with its own largest value as
    white or black, so signs and places can be compared, strengths cannot.

    Args:
        patterns: an `analysis.FilterPatterns`.
        images: all images that were searched, `(N, height, width, 1 or 3)` in
            `[0, 255]`.
        row_names: what is said of each filter.
        title: what the sheet shows.
        figure: matplotlib figure; by default a new one is made.

    Returns:
        The figure.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models, visualization
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1))
    >>> found = analysis.filter_patterns(
    ...     model, faces, "conv3", filters=[3, 5], top=4
    ... )
    >>> names = ["filter 3", "filter 5"]
    >>> len(visualization.plot_patterns(found, faces, names, "Noise").axes)
    16

    Reference:
        - [Khorrami et al., 2015, figures 1, 3 and 4](
          https://arxiv.org/abs/1510.02969)
    """
    count, top = patterns.rows.shape
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(0.75 * top + 1.6, 1.5 * count + 0.6))
    figure.set_layout_engine(
        "constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01
    )
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(2 * count, top, squeeze=False)
    for row, column in np.ndindex(count, top):
        face, pattern = axes[2 * row : 2 * row + 2, column]
        image = np.asarray(images[patterns.rows[row, column]])
        face.imshow(
            image.astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255
        )
        values = patterns.patterns[row, column]
        values = values / max(np.abs(values).max(), 1e-12)
        pattern.imshow(values.mean(axis=-1), cmap="gray", vmin=-1, vmax=1)
        pattern.set_xlabel(
            f"{patterns.responses[row, column]:.2g}", fontsize=6, labelpad=1
        )
    for ax in axes.ravel():
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for name, ax in zip(row_names, axes[1::2, 0], strict=True):
        ax.set_ylabel(
            name, fontsize=7, rotation=0, ha="right", va="bottom", labelpad=6
        )
    return figure

"""How an exported network compares with the original."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS

_SMALLEST = 1e-9  # what stands for no difference on a logarithmic axis


def plot_parity(report, axes=None):
    """Draw the differences over a split, and the image with the largest.

    Left, for each difference of a probability the share of images that differ
    by no more; right, both networks' probabilities of the worst image.

    Args:
        report: a `ParityReport`.
        axes: two matplotlib axes; by default a new figure is made.

    Returns:
        The two axes.
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left, right = axes
    differences = np.maximum(report.difference_percentiles, _SMALLEST)
    left.step(differences, range(101), where="post", color="#0072B2")
    if report.max_difference_allowed is not None:
        left.axvline(
            report.max_difference_allowed,
            color="0.4",
            linestyle="--",
            label="largest difference allowed",
        )
        left.legend(fontsize=8, loc="upper left")
    left.set(
        xscale="log",
        xlabel="largest difference of a probability",
        ylabel=f"share of {report.images} images\nthat differ by no more (%)",
        ylim=(0, 101),
    )
    left.set_title(
        f"{report.file} on {report.corpus}, {report.split}:\n"
        f"accuracy {100 * report.accuracy_exported:.2f} %, "
        f"original {100 * report.accuracy_original:.2f} %",
        fontsize=10,
    )
    left.grid(alpha=0.3)

    worst = report.worst_image
    names = list(worst["original"])
    places = np.arange(len(names))
    colors = [EXPRESSION_COLORS.get(name, "black") for name in names]
    for offset, network, alpha in (
        (-0.2, "original", 1.0),
        (0.2, "exported", 0.45),
    ):
        right.bar(
            places + offset,
            list(worst[network].values()),
            0.4,
            color=colors,
            alpha=alpha,
            label=network,
        )
    right.set_xticks(
        places, names, rotation=35, ha="right", rotation_mode="anchor"
    )
    right.set(
        xlabel="expression (left bar: original, right bar: exported)",
        ylabel="probability",
        ylim=(0, 1),
    )
    right.set_title(
        f"worst image: {worst['name']} ({worst['expression']}),\n"
        f"difference {report.max_difference:.2g}",
        fontsize=10,
    )
    return axes

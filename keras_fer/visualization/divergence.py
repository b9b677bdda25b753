"""The divergence of each action unit for some filters."""

import numpy as np

_BAR, _BEST = "#56B4E9", "#D55E00"


def plot_divergence(
    found, filters, title, *, thresholds=None, label="action unit", figure=None
):
    """Draw a bar chart a filter, its largest bar in red, as in figure 5.

    Bars of units with which the filter's response falls are hollow.

    Args:
        found: an `analysis.ActionUnitDivergence`.
        filters: indices of the filters to draw.
        title: what the figure shows.
        thresholds: `(F, U)` for each null model, by its name, drawn as a line
            that permuted units seldom pass.
        label: what the units are.
        figure: matplotlib figure; by default a new one is made.

    Returns:
        The figure.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, visualization
    >>> shown = np.arange(200).reshape(2, 100).T % 3 == 0
    >>> found = analysis.action_unit_divergence(
    ...     np.arange(300.0).reshape(100, 3), shown, (1, 12), minimum=30
    ... )
    >>> figure = visualization.plot_divergence(found, [0, 2], "Example")
    >>> figure.axes[1].get_title()
    'filter 2'

    Reference:
        - [Khorrami et al., 2015, figure 5](https://arxiv.org/abs/1510.02969)
    """
    filters = list(filters)
    columns = min(5, len(filters))
    rows = -(-len(filters) // columns)
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(
            figsize=(3.1 * columns, 2.1 * rows + 0.6), layout="constrained"
        )
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    places = np.arange(len(found.units))
    styles = ("--", ":", "-.")
    for filter_, ax in zip(filters, axes.ravel(), strict=False):
        colors = np.where(places == found.largest[filter_], _BEST, _BAR)
        ax.bar(
            places,
            found.divergence[filter_],
            color=np.where(found.raises[filter_], colors, "white"),
            edgecolor=colors,
        )
        for (name, values), style in zip(
            (thresholds or {}).items(), styles, strict=False
        ):
            ax.step(
                places,
                values[filter_],
                color="black",
                linewidth=0.8,
                linestyle=style,
                label=name,
                where="mid",
            )
        ax.set_title(f"filter {filter_}", fontsize=8)
        ax.set_xticks(places, found.units, fontsize=6, rotation=90)
        ax.tick_params(axis="y", labelsize=6)
    for ax in axes.ravel()[len(filters) :]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set_ylabel("KL divergence (nats)", fontsize=7)
    for ax in axes[-1]:
        ax.set_xlabel(label, fontsize=7)
    if thresholds:
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(),
            loc="outside lower center",
            fontsize=7,
            ncols=len(thresholds),
        )
    return figure

"""Curves of a training run."""

# What a run measures; what else it wrote of both splits is part of its loss.
_MEASURES = {
    "loss",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "concordance_correlation",
    "rmse",
}


def plot_history(history, axes=None):
    """Draw loss and accuracy over the epochs of a run.

    Args:
        history: rows of a run's `history.csv`, dicts with `epoch`, `loss`,
            `val_loss`, `accuracy`, `val_accuracy`; of a run that estimates
            numbers with `concordance_correlation` instead of `accuracy`. Where
            there are more columns of both splits, the loss is a sum of them.
        axes: two matplotlib axes; by default a new figure is made.

    Returns:
        The two axes.

    Example:

    >>> from keras_fer import visualization
    >>> names = "epoch", "loss", "val_loss", "accuracy", "val_accuracy"
    >>> rows = [dict.fromkeys(names, value) for value in (1.0, 2.0)]
    >>> visualization.plot_history(rows)[1].get_ylabel()
    'accuracy (%)'
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    epochs = [row["epoch"] for row in history]
    terms = [k for k in history[0] if f"val_{k}" in history[0]]
    summed = set(terms) - _MEASURES
    panels = (
        ("loss", "weighted sum" if summed else "crossentropy (nats)", 1),
        ("accuracy", "accuracy (%)", 100),
    )
    if "accuracy" not in history[0]:
        ccc = "concordance_correlation"
        panels = ("loss", "loss", 1), (ccc, "concordance correlation", 1)
    for ax, (metric, label, scale) in zip(axes, panels, strict=True):
        for key, name, color in (
            (metric, "training", "0.5"),
            (f"val_{metric}", "validation", "#0072B2"),
        ):
            values = [scale * row[key] for row in history]
            ax.plot(epochs, values, color=color, label=name, marker=".")
        ax.set(
            xlabel="epoch",
            ylabel=label,
            title=metric.capitalize().replace("_", " "),
        )
        ax.legend(fontsize=8)
        ax.grid(alpha=0.3)
    return axes

"""Does each expression have its latent variable, and nothing else on it?"""

import dataclasses
from collections.abc import Sequence

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class AxisStatistics:
    """Where faces lie on latent variables that are to name expressions.

    Args:
        means: `(K, L)`, mean of each latent variable over the faces of each
            expression.
        separability: for each expression with an axis the chance that a face
            of it lies farther along this axis than a face of another (area
            under the ROC curve); .5 is chance.
        own: mean on the own axis, of each expression with one.
        others: root mean square on the axes of the others, of each expression.
        spread: standard deviation of each latent variable over all faces.

    An expression without a face has `None`.
    """

    means: tuple[tuple[float, ...] | None, ...]
    separability: tuple[float | None, ...]
    own: tuple[float | None, ...]
    others: tuple[float | None, ...]
    spread: tuple[float, ...]


def axis_statistics(
    latents, labels, axes: Sequence[int], num_classes: int | None = None
) -> AxisStatistics:
    """Measure latent variables of which the first name expressions.

    Args:
        latents: `(N, L)`.
        labels: `(N,)`, numbers of expressions, at least two different ones.
        axes: expression of each of the first latent variables; others, such as
            a neutral one at the origin, have none.
        num_classes: number of expressions, by default those that are named.

    Raises:
        ValueError: shapes do not fit, or there is one expression alone.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> latents = np.array([[3.0, 0.0], [2.0, 0.1], [0.0, 2.0], [2.5, 1.0]])
    >>> found = analysis.axis_statistics(latents, [0, 0, 1, 1], axes=(0, 1))
    >>> found.separability, found.own
    ((0.75, 1.0), (2.5, 1.5))

    Reference:
        - Barradas-Chacon et al., figures 7 and 10.
    """
    import sklearn.metrics

    latents, labels = np.asarray(latents, np.float64), np.asarray(labels)
    axes = list(axes)
    if latents.ndim != 2 or labels.shape != latents.shape[:1]:
        raise ValueError(
            "expected latent variables (N, L) and N labels. Received: "
            f"{latents.shape} and {labels.shape}"
        )
    if len(axes) > latents.shape[1] or len(np.unique(labels)) < 2:
        raise ValueError(
            "expected a latent variable for each axis and at least two "
            f"expressions. Received: {latents.shape[1]} for {len(axes)} axes, "
            f"{len(np.unique(labels))} expressions"
        )
    count = num_classes or int(max([*labels, *axes])) + 1
    groups = [latents[labels == k] for k in range(count)]
    # Of each expression with an axis: its column, its faces, whether they are.
    placed = [(column, groups[k], labels == k) for column, k in enumerate(axes)]
    columns = [[c for c, j in enumerate(axes) if j != k] for k in range(count)]
    return AxisStatistics(
        means=tuple(
            tuple(of.mean(axis=0).tolist()) if len(of) else None
            for of in groups
        ),
        separability=tuple(
            float(sklearn.metrics.roc_auc_score(is_own, latents[:, column]))
            if len(of)
            else None
            for column, of, is_own in placed
        ),
        own=tuple(
            float(of[:, column].mean()) if len(of) else None
            for column, of, _ in placed
        ),
        others=tuple(
            float(np.sqrt(np.square(of[:, rest]).mean())) if len(of) else None
            for of, rest in zip(groups, columns, strict=True)
        ),
        spread=tuple(latents.std(axis=0).tolist()),
    )

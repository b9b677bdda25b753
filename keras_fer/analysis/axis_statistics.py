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
    """

    means: tuple[tuple[float, ...], ...]
    separability: tuple[float, ...]
    own: tuple[float, ...]
    others: tuple[float, ...]
    spread: tuple[float, ...]


def axis_statistics(latents, labels, axes: Sequence[int]) -> AxisStatistics:
    """Measure latent variables of which the first name expressions.

    Args:
        latents: `(N, L)`.
        labels: `(N,)`, numbers of expressions; each has a face.
        axes: expression of each of the first latent variables; others, such as
            a neutral one at the origin, have none.

    Raises:
        ValueError: shapes do not fit, or an expression with an axis has no
            face.

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
    missing = sorted(set(axes) - set(labels.tolist()))
    if len(axes) > latents.shape[1] or missing:
        raise ValueError(
            f"expected faces of all expressions with an axis, {axes}, and at "
            f"most {latents.shape[1]} of them. Received: none of {missing}"
        )
    classes = np.arange(max([*labels, *axes]) + 1)
    groups = [latents[labels == k] for k in classes]
    named = latents[:, : len(axes)]
    return AxisStatistics(
        means=tuple(tuple(of.mean(axis=0).tolist()) for of in groups),
        separability=tuple(
            float(sklearn.metrics.roc_auc_score(labels == k, named[:, column]))
            for column, k in enumerate(axes)
        ),
        own=tuple(
            float(groups[k][:, column].mean()) for column, k in enumerate(axes)
        ),
        others=tuple(
            float(
                np.sqrt(
                    np.square(
                        of[:, [c for c, j in enumerate(axes) if j != k]]
                    ).mean()
                )
            )
            for k, of in zip(classes, groups, strict=True)
        ),
        spread=tuple(latents.std(axis=0).tolist()),
    )

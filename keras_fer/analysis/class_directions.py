"""Which classes lie opposite each other, and which in the middle."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassDirections:
    """Where the means of classes lie, seen from the mean of these means.

    Args:
        classes: the K classes that are there, in rising order.
        cosines: `(K, K)`, of the angles between each two. Opposite ones have
            -1; K means without any order have -1 / (K - 1) on average, and in
            a plane some pair of them lies nearly opposite by chance.
        distances: `(K,)`, from the middle, over their mean. What lies in the
            middle has 0.
    """

    classes: tuple[int, ...]
    cosines: tuple[tuple[float, ...], ...]
    distances: tuple[float, ...]


def class_directions(embeddings, labels) -> ClassDirections:
    """Measure which classes lie opposite each other, and which in the middle.

    Args:
        embeddings: `(N, dimensions)`.
        labels: `(N,)`, numbers of classes, at least two different ones.

    Returns:
        `ClassDirections` of the classes that are there.

    Raises:
        ValueError: the shapes do not fit, or there are fewer than two
            classes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> cross = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    >>> found = analysis.class_directions(cross, [0, 1, 2, 3])
    >>> found.cosines[0], found.distances
    ((1.0, -1.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0))

    Reference:
        - Barradas-Chacon et al., section 3.2: "on the contrary side", "neutral
          [...] at the center".
    """
    embeddings = np.asarray(embeddings, np.float64)
    labels = np.asarray(labels)
    classes = np.unique(labels)
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "expected embeddings (N, dimensions) and N labels. Received: "
            f"{embeddings.shape} and {labels.shape}"
        )
    if len(classes) < 2:
        raise ValueError(
            f"expected at least two classes. Received: {len(classes)}"
        )
    means = np.array([embeddings[labels == k].mean(axis=0) for k in classes])
    spokes = means - means.mean(axis=0)
    lengths = np.linalg.norm(spokes, axis=1)
    units = spokes / np.maximum(lengths, 1e-12)[:, None]
    cosines = units @ units.T
    return ClassDirections(
        classes=tuple(classes.tolist()),
        cosines=tuple(map(tuple, cosines.tolist())),
        distances=tuple((lengths / max(lengths.mean(), 1e-12)).tolist()),
    )

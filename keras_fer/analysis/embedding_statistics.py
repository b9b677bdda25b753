"""How compact and how far apart the classes of an embedding are."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class EmbeddingStatistics:
    """What the eye looks for in a picture of an embedding, in numbers.

    Args:
        class_variance: mean squared distance to the mean of the class, for
            each class that is there.
        intra_class_variance: their mean.
        inter_class_distance: mean squared distance between the means of two
            classes.
        separation: the second over the first; it does not depend on the scale
            of the embedding.
        silhouette: -1 to 1, mean over all faces of how much nearer the own
            class is than the next one.
    """

    class_variance: tuple[float, ...]
    intra_class_variance: float
    inter_class_distance: float
    separation: float
    silhouette: float


def embedding_statistics(embeddings, labels) -> EmbeddingStatistics:
    """Measure how compact and how far apart classes are.

    Args:
        embeddings: `(N, dimensions)`.
        labels: `(N,)`, numbers of classes, at least two different ones.

    Returns:
        `EmbeddingStatistics`.

    Raises:
        ValueError: the shapes do not fit, or there are fewer than two classes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> places = np.array([[0.0, 1], [0, -1], [4, 1], [4, -1]])
    >>> found = analysis.embedding_statistics(places, [0, 0, 1, 1])
    >>> found.intra_class_variance, found.inter_class_distance
    (1.0, 16.0)

    Reference:
        - Rousseeuw, Silhouettes, 1987.
    """
    import sklearn.metrics

    embeddings = np.asarray(embeddings, np.float64)
    labels = np.asarray(labels)
    classes = np.unique(labels)
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "expected embeddings (N, dimensions) and N labels. Received: "
            f"{embeddings.shape} and {labels.shape}"
        )
    if not 2 <= len(classes) < len(labels):
        raise ValueError(
            "expected at least two classes, and more faces than classes. "
            f"Received: {len(classes)} classes, {len(labels)} faces"
        )
    groups = [embeddings[labels == label] for label in classes]
    means = np.array([group.mean(axis=0) for group in groups])
    spreads = [
        float(np.square(group - mean).sum(axis=1).mean())
        for group, mean in zip(groups, means, strict=True)
    ]
    spread = np.mean(spreads)
    pairs = np.triu_indices(len(classes), 1)
    apart = np.square(means[pairs[0]] - means[pairs[1]]).sum(axis=1).mean()
    return EmbeddingStatistics(
        class_variance=tuple(spreads),
        intra_class_variance=float(spread),
        inter_class_distance=float(apart),
        separation=float(apart / spread) if apart else 0.0,
        silhouette=float(sklearn.metrics.silhouette_score(embeddings, labels)),
    )

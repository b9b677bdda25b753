"""How much a learned plane of emotion is like that of valence and arousal."""

import dataclasses
import itertools

import numpy as np

_TIED = np.deg2rad(10)


@dataclasses.dataclass(frozen=True, kw_only=True)
class AffectAlignment:
    """A plane compared with that of valence and arousal.

    Args:
        faces: share of the variance of single faces that a shift, a rotation, a
            reflection and a scale explain (Procrustes), 0 to 1.
        means: the same of the means of the expressions.
        means_p: share of all ways of handing these means round among the
            expressions that explain as much. The least it can be is one over
            their number.
        order: expressions in their order around the center, from the first one.
        affect_order: the same in the plane of valence and arousal.
        neighbors: pairs next to each other in both orders; all of them where
            the orders are the same up to their direction. Expressions less
            than 10° from each other in the plane of valence and arousal may
            change places there.
        neighbors_p: share of all orders that have as many.
        center_distance: distance of the center's mean from the origin, over
            the mean of this distance for the other expressions.
    """

    faces: float
    means: float
    means_p: float
    order: tuple[str, ...]
    affect_order: tuple[str, ...]
    neighbors: int
    neighbors_p: float
    center_distance: float


def affect_alignment(
    embeddings,
    valence_arousal,
    labels,
    classes,
    *,
    center: str = "neutral",
) -> AffectAlignment:
    """Compare a plane of embeddings with that of valence and arousal.

    A plane in which expressions lie apart explains some variance of valence and
    arousal whatever their order, hence the chances of other orders.

    Args:
        embeddings: `(N, 2)`.
        valence_arousal: `(N, 2)`, of the same faces.
        labels: `(N,)`, numbers of classes.
        classes: names of the classes, 4 to 9 of which have faces.
        center: expression around which the others are put in order.

    Raises:
        ValueError: shapes do not fit, or the center or two others lack faces.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> labels = np.arange(5)
    >>> affect = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [0, 0.1]])
    >>> classes = "happiness", "fear", "sadness", "boredom", "neutral"
    >>> found = analysis.affect_alignment(
    ...     3 * affect[:, ::-1] + 7, affect, labels, classes
    ... )
    >>> round(found.faces, 6), found.neighbors, round(found.neighbors_p, 3)
    (1.0, 4, 0.333)

    Reference:
        - CAKE, section 3.4, which says so of figure 5 and counts nothing.
    """
    embeddings, affect, labels = map(
        np.asarray, (embeddings, valence_arousal, labels)
    )
    if embeddings.shape != (len(labels), 2) or affect.shape != embeddings.shape:
        raise ValueError(
            f"expected two planes (N, 2) and N labels. Received: "
            f"{embeddings.shape}, {affect.shape} and {labels.shape}"
        )
    shown = [k for k in range(len(classes)) if (labels == k).any()]
    others = [k for k in shown if classes[k] != center]
    if len(others) == len(shown) or not 3 <= len(others) <= 8:
        raise ValueError(
            f"expected faces of {center} and of 3 to 8 other expressions. "
            f"Received: {', '.join(classes[k] for k in shown)}"
        )
    means, affect_means = (
        np.stack([plane[labels == k].mean(axis=0) for k in shown])
        for plane in (embeddings, affect)
    )
    found = procrustes(means, affect_means)
    ways = np.array(list(itertools.permutations(range(len(shown)))))
    by_chance = procrustes(means[ways], affect_means)
    middle = next(k for k in shown if classes[k] == center)
    order, affect_order = (
        _around(of[shown.index(middle)], of, shown, middle)
        for of in (means, affect_means)
    )
    allowed = [
        _pairs(way)
        for way in _ways_around(affect_means, shown, middle, affect_order)
    ]

    def shared(one):
        return max(len(pairs & _pairs(one)) for pairs in allowed)

    common = [
        shared((order[0], *way)) for way in itertools.permutations(order[1:])
    ]
    neighbors = shared(order)
    distance = dict(zip(shown, np.linalg.norm(means, axis=1), strict=True))
    return AffectAlignment(
        faces=float(procrustes(embeddings, affect)),
        means=float(found),
        means_p=float((by_chance >= found - 1e-12).mean()),
        order=tuple(classes[k] for k in order),
        affect_order=tuple(classes[k] for k in affect_order),
        neighbors=neighbors,
        neighbors_p=float((np.array(common) >= neighbors).mean()),
        center_distance=float(
            distance[middle] / np.mean([distance[k] for k in others])
        ),
    )


def procrustes(points, target) -> np.ndarray:
    """Share of variance that the best similarity transform explains.

    Args:
        points: `(..., N, D)`, one set of points or several.
        target: `(N, D)`.

    Returns:
        `(...)`, 0 to 1; of points that all lie in one place 0. It is one minus
        the disparity of `scipy.spatial.procrustes`.

    Example:

    >>> import numpy as np
    >>> from keras_fer.analysis.affect_alignment import procrustes
    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    >>> float(procrustes(2 * square + 5, square).round(6))
    1.0
    """

    def centered(of):
        of = of - of.mean(axis=-2, keepdims=True)
        size = np.sqrt(np.square(of).sum(axis=(-2, -1), keepdims=True))
        return of / np.where(size > 0, size, 1)

    points, target = (centered(np.asarray(p, float)) for p in (points, target))
    products = np.swapaxes(points, -2, -1) @ target
    values = np.linalg.svd(products, compute_uv=False)
    return np.square(values.sum(axis=-1))


def _around(origin, means, shown, middle):
    """Numbers of the other classes by their angle, the first one first."""
    x, y = (means - origin).T
    rows = [row for row in np.argsort(np.arctan2(y, x)) if shown[row] != middle]
    order = [shown[row] for row in rows]
    start = order.index(min(order))
    return tuple(order[start:] + order[:start])


def _ways_around(means, shown, middle, order):
    """The order, and those in which expressions in one direction change."""
    x, y = (means - means[shown.index(middle)]).T
    angles = dict(zip(shown, np.arctan2(y, x), strict=True))
    ways = [order]
    for k, one in enumerate(order):
        other = order[(k + 1) % len(order)]
        gap = abs(np.angle(np.exp(1j * (angles[one] - angles[other]))))
        if gap < _TIED:
            swap = {one: other, other: one}
            ways += [tuple(swap.get(c, c) for c in way) for way in ways]
    return ways


def _pairs(order):
    """Neighbors on a circle."""
    following = (*order[1:], order[0])
    return {frozenset(pair) for pair in zip(order, following, strict=True)}

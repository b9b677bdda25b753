"""Does each latent variable hold one thing, and is each thing in one place?"""

import dataclasses

import numpy as np

_BINS = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disentanglement:
    """How factors of variation lie in latent variables, each 0 to 1.

    Args:
        mutual_information_gap: MIG: for each factor, how much more the first
            latent variable says about it than the second, over its entropy;
            their mean.
        disentanglement: DCI: how far each latent variable serves one factor,
            weighted by how much it serves.
        completeness: DCI: how far each factor is served by one variable; their
            mean.
        informativeness: DCI: how well forests foretell the factors of faces
            they were not fitted on, R² or, of classes, how far accuracy has
            come from that of the most frequent class to 1; their mean.
        gaps: mutual information gap of each factor, by name.
        scores: informativeness of each factor, by name; 0 where it does not
            vary in the other half.
        importance: `(latents, factors)`, of which both DCI figures are
            computed; each column sums to 1, or is 0 where no tree found
            anything.
    """

    mutual_information_gap: float
    disentanglement: float
    completeness: float
    informativeness: float
    gaps: dict[str, float]
    scores: dict[str, float]
    importance: np.ndarray


def measure_disentanglement(
    latents, factors: dict, *, groups=None, trees: int = 100, seed: int = 0
) -> Disentanglement:
    """Measure MIG and DCI of latent variables against known factors.

    Args:
        latents: `(N, L)`, at least two latent variables.
        factors: values of each factor, `(N,)`, by its name, at least two:
            integers are classes, floats are numbers.
        groups: `(N,)`, who is shown, so that nobody is in both halves; by
            default each face is one.
        trees: size of each forest of DCI.
        seed: number from which forests and their split are drawn: one half is
            fitted, the other foretold.

    Raises:
        ValueError: the shapes do not fit, or a factor does not vary.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> factors = np.random.default_rng(0).normal(size=(500, 2))
    >>> named = {"age": factors[:, 0], "pose": factors[:, 1]}
    >>> found = analysis.measure_disentanglement(factors, named, trees=10)
    >>> found.disentanglement > 0.9
    True

    Reference:
        - [Chen et al., 2018](https://arxiv.org/abs/1802.04942) (MIG), with
          histograms of 20 bins as in
          [Locatello et al., 2019](https://arxiv.org/abs/1811.12359)
        - Eastwood and Williams, 2018 (DCI), with random forests.
    """
    latents = np.asarray(latents, np.float64)
    columns = {name: np.asarray(values) for name, values in factors.items()}
    shapes = {values.shape for values in columns.values()}
    if latents.ndim != 2 or latents.shape[1] < 2 or len(columns) < 2:
        raise ValueError(
            "expected at least two latent variables, (N, L), and two factors. "
            f"Received: {latents.shape} and {len(columns)} factors"
        )
    if shapes != {latents.shape[:1]}:
        raise ValueError(
            f"expected factors of {len(latents)} faces. Received: {shapes}"
        )
    for name, values in columns.items():
        if len(np.unique(values)) < 2:
            raise ValueError(f"the factor {name} is the same for all faces")
    groups = np.arange(len(latents)) if groups is None else np.asarray(groups)
    importance, scores = _forests(latents, columns, groups, trees, seed)
    gaps = _gaps(latents, columns)
    return Disentanglement(
        mutual_information_gap=float(np.mean(list(gaps.values()))),
        disentanglement=_one_sided(importance),
        completeness=_one_sided(importance.T, weighted=False),
        informativeness=float(np.mean(list(scores.values()))),
        gaps=gaps,
        scores=scores,
        importance=importance,
    )


def _gaps(latents, columns):
    import sklearn.metrics

    binned = [_binned(values) for values in latents.T]
    gaps = {}
    for name, values in columns.items():
        factor = values
        if np.issubdtype(values.dtype, np.floating):
            factor = _binned(values)
        information = sorted(
            sklearn.metrics.mutual_info_score(factor, one) for one in binned
        )
        entropy = sklearn.metrics.mutual_info_score(factor, factor)
        gaps[name] = float((information[-1] - information[-2]) / entropy)
    return gaps


def _binned(values):
    edges = np.histogram_bin_edges(values, _BINS)
    return np.digitize(values, edges[1:-1])


def _forests(latents, columns, groups, trees, seed):
    """Importance of each latent variable for each factor; scores held out."""
    import sklearn.ensemble

    people = np.random.default_rng(seed).permutation(np.unique(groups))
    fitted = np.isin(groups, people[: -(-len(people) // 2)])
    importance, scores = [], {}
    for name, values in columns.items():
        number = np.issubdtype(values.dtype, np.floating)
        kind = (
            sklearn.ensemble.RandomForestRegressor
            if number
            else sklearn.ensemble.RandomForestClassifier
        )
        forest = kind(n_estimators=trees, random_state=seed)
        forest.fit(latents[fitted], values[fitted])
        importance.append(forest.feature_importances_)
        if len(np.unique(values[~fitted])) < 2:
            scores[name] = 0.0  # nothing to be foretold
            continue
        score = forest.score(latents[~fitted], values[~fitted])
        if not number:
            counts = np.unique(values[~fitted], return_counts=True)[1]
            floor = counts.max() / counts.sum()
            score = (score - floor) / (1 - floor)
        scores[name] = float(max(score, 0.0))
    return np.array(importance).T, scores


def _one_sided(importance, weighted=True):
    """One less the entropy of each row, weighted by its share of the whole."""
    sums = importance.sum(axis=1, keepdims=True)
    shares = importance / np.maximum(sums, 1e-12)
    logs = np.log(np.maximum(shares, 1e-12))
    entropy = -(shares * logs).sum(axis=1) / np.log(importance.shape[1])
    # What serves nothing is not in one place either.
    scores = np.where(sums[:, 0] > 0, 1 - entropy, 0.0)
    weights = sums[:, 0] if weighted else np.ones(len(sums))
    return float((scores * weights).sum() / max(weights.sum(), 1e-12))

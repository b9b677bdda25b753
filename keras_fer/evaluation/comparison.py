"""Is one way of training better than another, or was it luck?"""

import dataclasses

import numpy as np
import scipy.stats

MEASURES = ("accuracy", "uar", "macro_f1")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """One way of training against another, on the same images.

    Each measure has its mean over the runs of either way, their difference
    (the second less the first), and its 95 % interval.

    Args:
        runs: runs of each way.
        samples: number of images.
        first: mean of each measure over the runs of the first way.
        second: of the second.
        difference: of each measure.
        interval: of each difference.
    """

    runs: int
    samples: int
    first: dict[str, float]
    second: dict[str, float]
    difference: dict[str, float]
    interval: dict[str, tuple[float, float]]

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)


def compare_runs(
    labels, first, second, *, draws: int = 2000, seed: int = 0
) -> Comparison:
    """Compare two ways of training by several runs of each.

    The interval holds both kinds of luck, of images and of runs, which are
    pairs (of one seed, if given in the order of their seeds). Its variance
    comes from three bootstraps, over images, over pairs, and over both, of
    which the part that they share is counted once; it is Student's where runs
    are few. Of a single pair the luck of runs is unknown: the interval is that
    of images alone, and too narrow for a claim about the way of training.

    Args:
        labels: `(N,)`, numbers of classes.
        first: `(runs, N)`, classes that the runs of one way named.
        second: `(runs, N)`, of the other.
        draws: bootstrap samples.
        seed: number from which they are drawn.

    Raises:
        ValueError: the shapes do not fit.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation
    >>> labels = np.arange(300) % 3
    >>> worse = np.where(np.arange(300) < 90, 0, labels)
    >>> found = evaluation.compare_runs(labels, worse[None], labels[None])
    >>> round(found.difference["accuracy"], 3)
    0.2

    Reference:
        - Owen, The pigeonhole bootstrap, 2007.
        - Satterthwaite, 1946 (degrees of freedom).
    """
    labels, first, second = map(np.asarray, (labels, first, second))
    if first.shape != second.shape or first.shape[1:] != labels.shape:
        raise ValueError(
            f"expected answers of two ways, (runs, {len(labels)}) each. "
            f"Received: {first.shape} and {second.shape}"
        )
    classes = int(max(labels.max(), first.max(), second.max())) + 1
    ways = np.concatenate([first, second])
    whole = _measures(_confusions(labels, ways, classes, None))
    generator = np.random.default_rng(seed)
    runs = len(first)
    of_images = np.empty((draws, runs, len(MEASURES)))
    for draw in range(draws):
        counts = np.bincount(
            generator.integers(len(labels), size=len(labels)),
            minlength=len(labels),
        )
        measured = _measures(_confusions(labels, ways, classes, counts))
        of_images[draw] = measured[runs:] - measured[:runs]
    pairs = generator.integers(runs, size=(draws, runs))
    change = whole[runs:] - whole[:runs]
    images = of_images.mean(axis=1).var(axis=0)
    both = np.take_along_axis(of_images, pairs[..., None], axis=1)
    both = both.mean(axis=1).var(axis=0)
    seeds = change[pairs].mean(axis=1).var(axis=0)
    shared = np.maximum(both - images - seeds, 0)
    unbiased = seeds * runs / max(runs - 1, 1)
    variance = np.maximum(images + unbiased - shared, images)
    # As many as runs have, if all the luck is theirs.
    freedom = (runs - 1) * (variance / np.maximum(unbiased, 1e-12)) ** 2
    quantile = scipy.stats.t.ppf(0.975, np.clip(freedom, 1, 1e6))
    if runs == 1:
        quantile = np.full(len(MEASURES), scipy.stats.norm.ppf(0.975))
    half = quantile * np.sqrt(variance)
    middle = change.mean(axis=0)
    low, high = middle - half, middle + half
    one, other = whole[:runs].mean(axis=0), whole[runs:].mean(axis=0)

    def named(values):
        return dict(zip(MEASURES, map(float, values), strict=True))

    return Comparison(
        runs=runs,
        samples=len(labels),
        first=named(one),
        second=named(other),
        difference=named(other - one),
        interval={
            name: (float(low[k]), float(high[k]))
            for k, name in enumerate(MEASURES)
        },
    )


def run_statistics(
    labels, answers, *, draws: int = 1000, seed: int = 0
) -> dict[str, dict]:
    """Each measure of several runs on the same images.

    Args:
        labels: `(N,)`, numbers of classes.
        answers: `(runs, N)`, classes that each run named.
        draws: bootstrap samples of the images.
        seed: number from which they are drawn.

    Returns:
        For each of `MEASURES` its `"values"`, their `"mean"`, `"std"` (`None`
        of one run), and the `"interval"` of the mean, 95 %: of the luck of
        images; that of runs is in the deviation.

    Raises:
        ValueError: the shapes do not fit.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation
    >>> labels = np.arange(300) % 3
    >>> runs = np.stack([labels, np.where(np.arange(300) < 90, 0, labels)])
    >>> round(evaluation.run_statistics(labels, runs)["accuracy"]["mean"], 3)
    0.9
    """
    labels, answers = np.asarray(labels), np.asarray(answers)
    if answers.ndim != 2 or answers.shape[1:] != labels.shape:
        raise ValueError(
            f"expected answers (runs, {len(labels)}). Received: {answers.shape}"
        )
    classes = int(max(labels.max(), answers.max())) + 1
    whole = _measures(_confusions(labels, answers, classes, None))
    generator = np.random.default_rng(seed)
    drawn = np.empty((draws, len(MEASURES)))
    for draw in range(draws):
        rows = generator.integers(len(labels), size=len(labels))
        counts = np.bincount(rows, minlength=len(labels))
        confusions = _confusions(labels, answers, classes, counts)
        drawn[draw] = _measures(confusions).mean(axis=0)
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return {
        name: {
            "values": whole[:, k].tolist(),
            "mean": float(whole[:, k].mean()),
            "std": float(whole[:, k].std(ddof=1)) if len(whole) > 1 else None,
            "interval": [float(low[k]), float(high[k])],
        }
        for k, name in enumerate(MEASURES)
    }


def _confusions(labels, answers, classes, counts):
    """(runs, true, named), each image counted as often as it was drawn."""
    cells = labels * classes + answers
    return np.array(
        [np.bincount(row, counts, minlength=classes**2) for row in cells]
    ).reshape(-1, classes, classes)


def _measures(confusions):
    """(runs, measures). Classes that are not there do not count."""
    hits = np.diagonal(confusions, axis1=1, axis2=2)
    true, named = confusions.sum(axis=2), confusions.sum(axis=1)
    present = true > 0
    recall = np.where(present, hits / np.maximum(true, 1), 0)
    f1 = np.where(present, 2 * hits / np.maximum(true + named, 1), 0)
    return np.stack(
        [
            hits.sum(axis=1) / true.sum(axis=1),
            recall.sum(axis=1) / present.sum(axis=1),
            f1.sum(axis=1) / present.sum(axis=1),
        ],
        axis=1,
    )

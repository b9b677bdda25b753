"""How well a network estimates valence and arousal, with intervals."""

import dataclasses

import numpy as np

_RESAMPLES = 2000


@dataclasses.dataclass(frozen=True, kw_only=True)
class RegressionReport:
    """The figures of one network on one split, for each column of targets.

    Args:
        corpus: name of the corpus.
        split: name of the split.
        columns: what was estimated, in the order of the figures.
        samples: number of images.
        ccc: concordance correlation, -1 to 1.
        ccc_interval: 95 % intervals by bootstrap over the images.
        rmse: root of the mean squared error, in the unit of the targets.
        sagr: share of images with the right sign; `None` of a column whose
            targets are never below 0.
    """

    corpus: str
    split: str
    columns: tuple[str, ...]
    samples: int
    ccc: tuple[float, ...]
    ccc_interval: tuple[tuple[float, float], ...]
    rmse: tuple[float, ...]
    sagr: tuple[float | None, ...]

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)


def regression_report(
    targets,
    answers,
    columns: tuple[str, ...] = ("valence", "arousal"),
    *,
    corpus: str,
    split: str,
) -> RegressionReport:
    """Reduce targets and answers to a `RegressionReport`.

    Args:
        targets: `(N, columns)`.
        answers: `(N, columns)`.
        columns: names of the columns.
        corpus: name of the corpus.
        split: name of the split.

    Raises:
        ValueError: shapes do not fit, or a value is not a number.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation
    >>> true = np.random.default_rng(0).uniform(-1, 1, (100, 2))
    >>> report = evaluation.regression_report(
    ...     true, true / 2, corpus="example", split="val"
    ... )
    >>> [round(value, 1) for value in report.ccc], report.sagr
    ([0.8, 0.8], (1.0, 1.0))

    Reference:
        - Lin, A concordance correlation coefficient to evaluate
          reproducibility, 1989.
        - Mollahosseini et al., AffectNet, 2017, for the three measures.
    """
    targets, answers = np.asarray(targets, float), np.asarray(answers, float)
    if targets.shape != answers.shape or targets.shape[1:] != (len(columns),):
        raise ValueError(
            f"expected targets and answers (N, {len(columns)}). Received: "
            f"{targets.shape} and {answers.shape}"
        )
    for kind, values in (("target", targets), ("answer", answers)):
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            row, column = wrong[0]
            raise ValueError(
                f"expected numbers. Received: {kind} {values[row, column]} as "
                f"{columns[column]} of image {row}"
            )
    draws = np.random.default_rng(0)
    resampled = []
    for _ in range(_RESAMPLES):
        rows = draws.integers(len(targets), size=len(targets))
        resampled.append(_concordance(targets[rows], answers[rows]))
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    error = np.square(targets - answers).mean(axis=0)
    agree = (np.sign(targets) == np.sign(answers)).mean(axis=0)
    signed = targets.min(axis=0) < 0
    return RegressionReport(
        corpus=corpus,
        split=split,
        columns=tuple(columns),
        samples=len(targets),
        ccc=tuple(_concordance(targets, answers).tolist()),
        ccc_interval=tuple(zip(low.tolist(), high.tolist(), strict=True)),
        rmse=tuple(np.sqrt(error).tolist()),
        sagr=tuple(np.where(signed, agree, None).tolist()),
    )


def _concordance(x, y):
    """Of each column; 0 where nothing varies."""
    means = x.mean(axis=0), y.mean(axis=0)
    joint = ((x - means[0]) * (y - means[1])).mean(axis=0)
    whole = x.var(axis=0) + y.var(axis=0) + np.square(means[0] - means[1])
    return np.divide(
        2 * joint, whole, out=np.zeros_like(joint), where=whole > 0
    )

"""Mean and deviation over the folds of a corpus."""

import dataclasses

import numpy as np

from keras_fer.evaluation.classification import ClassificationReport

MEASURES = ("accuracy", "uar", "macro_f1")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FoldStatistics:
    """One measure over the folds.

    Args:
        values: of each fold.
        mean: of the values, each fold counting the same.
        std: standard deviation of the values, with n - 1; none for one fold.
        interval: 95 % interval of the mean after Student, for which a fold is
            one draw (images of one person are not independent, but they are
            all in one fold), cut off at 0 and 1. None for one fold.
    """

    values: tuple[float, ...]
    mean: float
    std: float | None
    interval: tuple[float, float] | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CrossValidationReport:
    """The figures of one experiment over its folds.

    Args:
        corpus: name of the corpus.
        split: name of the split that was evaluated in each fold.
        classes: expressions in the order of `recall` and `confusion`.
        folds: number of each fold.
        samples: images of all folds together.
        accuracy: share of images whose expression is named rightly.
        uar: mean recall of the classes that occur in the fold.
        macro_f1: mean F1 score of all classes.
        recall: recall of each class over all folds.
        confusion: counts over all folds, row = true class, column = predicted
            class.
    """

    corpus: str
    split: str
    classes: tuple[str, ...]
    folds: tuple[int, ...]
    samples: int
    accuracy: FoldStatistics
    uar: FoldStatistics
    macro_f1: FoldStatistics
    recall: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)


def fold_statistics(values) -> FoldStatistics:
    """Reduce one measure over the folds to mean, deviation and interval.

    Args:
        values: one number a fold, 0 to 1.

    Raises:
        ValueError: there is none.

    Example:

    >>> from keras_fer import evaluation
    >>> figures = evaluation.fold_statistics([0.9, 1.0, 0.8])
    >>> round(figures.mean, 3), round(figures.std, 3)
    (0.9, 0.1)
    >>> [round(bound, 3) for bound in figures.interval]
    [0.652, 1.0]
    """
    import scipy.stats

    values = tuple(float(value) for value in values)
    if not values:
        raise ValueError("expected the figure of at least one fold")
    mean, std, interval = float(np.mean(values)), None, None
    if len(values) > 1:
        std = float(np.std(values, ddof=1))
        t = scipy.stats.t.ppf(0.975, len(values) - 1)
        half = float(t * std / np.sqrt(len(values)))
        interval = (max(mean - half, 0.0), min(mean + half, 1.0))
    return FoldStatistics(values=values, mean=mean, std=std, interval=interval)


def cross_validation_report(
    reports: dict[int, ClassificationReport],
) -> CrossValidationReport:
    """Reduce the reports of several folds to one.

    Args:
        reports: the report of each fold, by its number.

    Raises:
        ValueError: there is none, or they are not of one corpus, split and
            set of classes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation
    >>> def fold(answers):
    ...     return evaluation.classification_report(
    ...         [0, 1],
    ...         np.eye(2)[answers],
    ...         ("anger", "fear"),
    ...         corpus="example",
    ...         split="test",
    ...     )
    >>> report = evaluation.cross_validation_report(
    ...     {0: fold([0, 1]), 1: fold([0, 0])}
    ... )
    >>> report.accuracy.values, report.accuracy.mean, report.confusion
    ((1.0, 0.5), 0.75, ((2, 0), (1, 1)))
    """
    kinds = {(r.corpus, r.split, tuple(r.classes)) for r in reports.values()}
    if len(kinds) != 1:
        raise ValueError(
            "expected reports of one corpus, split and set of classes. "
            f"Received: {sorted(kinds)}"
        )
    ((corpus, split, classes),) = kinds
    confusion = sum(np.array(r.confusion) for r in reports.values())
    recall = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)
    return CrossValidationReport(
        corpus=corpus,
        split=split,
        classes=classes,
        folds=tuple(reports),
        samples=int(confusion.sum()),
        **{
            measure: fold_statistics(
                getattr(report, measure) for report in reports.values()
            )
            for measure in MEASURES
        },
        recall=tuple(recall.tolist()),
        confusion=tuple(map(tuple, confusion.tolist())),
    )

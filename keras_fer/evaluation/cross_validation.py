"""Mean and deviation over the folds of a corpus."""

import dataclasses

import numpy as np

from keras_fer.evaluation.classification import ClassificationReport


@dataclasses.dataclass(frozen=True, kw_only=True)
class FoldStatistics:
    """One measure over the folds.

    Args:
        values: of each fold.
        mean: of the values, each fold counting the same.
        std: standard deviation of the values, with n - 1; none for one fold.
        interval: 95 % interval of the mean, cut off at what is possible; none
            for one fold. Student's, for which a fold is one draw (the images of
            a person are not independent, but all in one fold), widened after
            Nadeau and Bengio since folds share training images.
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
        macro_f1: mean F1 score of the classes over all folds together, since
            a fold may lack a class.
        recall: recall of each class over all folds; none of one that occurs
            in no fold.
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
    macro_f1: float
    recall: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)


def fold_statistics(
    values, test_to_train: float = 0.0, lowest: float = 0.0
) -> FoldStatistics:
    """Reduce one measure over the folds to mean, deviation and interval.

    Args:
        values: one number a fold, at most 1.
        test_to_train: test images for each training image. 0 gives Student's
            own interval, for folds that have nothing in common.
        lowest: least value that the interval may reach; -1 for differences.

    Raises:
        ValueError: there is no value.

    Example:

    >>> from keras_fer import evaluation
    >>> figures = evaluation.fold_statistics([0.6, 0.7, 0.5])
    >>> round(figures.mean, 3), round(figures.std, 3)
    (0.6, 0.1)
    >>> [round(bound, 3) for bound in figures.interval]
    [0.352, 0.848]

    Reference:
        - [Nadeau and Bengio, 2003](https://doi.org/10.1023/A:1024068626366)
    """
    import scipy.stats

    values = tuple(float(value) for value in values)
    if not values:
        raise ValueError("expected the figure of at least one fold")
    mean, std, interval = float(np.mean(values)), None, None
    if len(values) > 1:
        std = float(np.std(values, ddof=1))
        t = scipy.stats.t.ppf(0.975, len(values) - 1)
        half = float(t * std * np.sqrt(1 / len(values) + test_to_train))
        interval = (max(mean - half, lowest), min(mean + half, 1.0))
    return FoldStatistics(values=values, mean=mean, std=std, interval=interval)


def cross_validation_report(
    reports: dict[int, ClassificationReport], train_samples
) -> CrossValidationReport:
    """Reduce the reports of several folds to one.

    Args:
        reports: the report of each fold, by its number.
        train_samples: number of training images of each fold.

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
    ...     {0: fold([0, 1]), 1: fold([0, 0])}, train_samples=[8, 8]
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
    images, hits = confusion.sum(axis=1), np.diag(confusion)
    samples = int(confusion.sum())
    f1 = 2 * hits / np.maximum(images + confusion.sum(axis=0), 1)
    return CrossValidationReport(
        corpus=corpus,
        split=split,
        classes=classes,
        folds=tuple(reports),
        samples=samples,
        **{
            measure: fold_statistics(
                [getattr(report, measure) for report in reports.values()],
                samples / sum(train_samples),
            )
            for measure in ("accuracy", "uar")
        },
        macro_f1=float(f1.mean()),
        recall=tuple(
            float(hit / count) if count else None
            for hit, count in zip(hits, images, strict=True)
        ),
        confusion=tuple(map(tuple, confusion.tolist())),
    )

"""How well a network names expressions, with intervals and calibration."""

import dataclasses

import numpy as np

from keras_fer.datasets.corpus import Corpus

_CONFIDENCE_Z = 1.959964  # two-sided 95 %
_RESAMPLES = 2000
_BINS = 15


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassificationReport:
    """The figures of one network on one split.

    Args:
        corpus: name of the corpus.
        split: name of the split.
        classes: expressions in the order of `recall` and `confusion`.
        samples: number of images.
        accuracy: share of images whose expression is named rightly.
        accuracy_interval: 95 % interval after Wilson.
        uar: mean recall of the classes that occur (balanced accuracy).
        uar_interval: 95 % interval by bootstrap over the images.
        macro_f1: mean F1 score of all classes; one that does not occur has 0.
        macro_f1_interval: 95 % interval by bootstrap over the images.
        recall: recall of each class.
        confusion: counts, row = true class, column = predicted class.
        calibration_error: expected calibration error: gap between confidence
            and accuracy, averaged over 15 bins of equal width by their share.
        calibration_bins: for each bin images, mean confidence, accuracy.
    """

    corpus: str
    split: str
    classes: tuple[str, ...]
    samples: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    uar: float
    uar_interval: tuple[float, float]
    macro_f1: float
    macro_f1_interval: tuple[float, float]
    recall: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float
    calibration_bins: tuple[tuple[int, float, float], ...]

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)


def evaluate_classifier(
    model, corpus: Corpus, batch_size: int = 256, verbose="auto"
) -> ClassificationReport:
    """Run a network over a whole split and report how well it does.

    Args:
        model: network with logits as its output or as a head of that name.
        corpus: the split.
        batch_size: images a batch.
        verbose: as in `keras.Model.predict`.

    Raises:
        ValueError: the network has another number of classes than the corpus.

    Example:

    >>> import numpy as np
    >>> from keras_fer import datasets, evaluation, models
    >>> faces = datasets.Corpus(
    ...     info=datasets.fer2013.INFO,
    ...     split="val",
    ...     images=np.zeros((8, 48, 48, 1), "uint8"),
    ...     labels={"expression": np.arange(8) % 7},
    ...     names=[str(row) for row in range(8)],
    ... )
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> evaluation.evaluate_classifier(model, faces, verbose=0).samples
    8
    """
    return report_on(
        corpus, predict_probabilities(model, corpus, batch_size, verbose)
    )


def predict_probabilities(
    model, corpus: Corpus, batch_size: int = 256, verbose="auto"
) -> np.ndarray:
    """Run a network over a whole split.

    Args:
        model: network with logits as its output or as a head of that name.
        corpus: the split.
        batch_size: images a batch.
        verbose: as in `keras.Model.predict`.

    Returns:
        Float `(N, K)`, rows that sum to 1.
    """
    outputs = model.predict(corpus.to_dataset(batch_size), verbose=verbose)
    logits = outputs["logits"] if isinstance(outputs, dict) else outputs
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def report_on(corpus: Corpus, probabilities) -> ClassificationReport:
    """Set probabilities for a split beside its labels."""
    return classification_report(
        corpus.labels["expression"],
        probabilities,
        corpus.info.classes,
        corpus=corpus.info.name,
        split=corpus.split,
    )


def classification_report(
    labels, probabilities, classes, *, corpus: str, split: str
) -> ClassificationReport:
    """Reduce probabilities and true labels to a `ClassificationReport`.

    Args:
        labels: `(N,)`, indices into `classes`.
        probabilities: `(N, K)`, rows that sum to 1.
        classes: K names.
        corpus: name of the corpus.
        split: name of the split.

    Raises:
        ValueError: shapes do not fit, or a probability is not a number.

    Example:

    >>> import numpy as np
    >>> from keras_fer import evaluation
    >>> report = evaluation.classification_report(
    ...     [0, 0, 1, 1],
    ...     np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]),
    ...     ("anger", "fear"),
    ...     corpus="example",
    ...     split="val",
    ... )
    >>> report.accuracy, report.confusion
    (0.75, ((1, 1), (0, 2)))

    Reference:
        - Wilson, 1927 (interval of a share).
        - [Guo et al., 2017, eq. 3](https://arxiv.org/abs/1706.04599)
    """
    labels = np.asarray(labels)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.shape != (len(labels), len(classes)):
        raise ValueError(
            f"expected probabilities of shape ({len(labels)}, {len(classes)})"
            f". Received: {probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        rows = np.flatnonzero(~np.isfinite(probabilities).all(axis=1))
        raise ValueError(
            f"{len(rows)} images have probabilities that are no numbers, the "
            f"first is image {rows[0]}"
        )
    predicted = probabilities.argmax(axis=1)
    size = len(classes)
    confusion = np.bincount(
        labels * size + predicted, minlength=size**2
    ).reshape(size, size)
    # Drawing images with replacement is drawing the cells of the confusion
    # matrix from a multinomial.
    resampled = np.random.default_rng(0).multinomial(
        len(labels), confusion.ravel() / len(labels), _RESAMPLES
    )
    resampled = resampled.reshape(-1, size, size)
    error, bins = _calibration(probabilities.max(axis=1), predicted == labels)
    accuracy = float(np.trace(confusion) / len(labels))
    return ClassificationReport(
        corpus=corpus,
        split=split,
        classes=tuple(classes),
        samples=len(labels),
        accuracy=accuracy,
        accuracy_interval=_wilson(accuracy, len(labels)),
        uar=float(_uar(confusion)),
        uar_interval=_percentiles(_uar(resampled)),
        macro_f1=float(_macro_f1(confusion)),
        macro_f1_interval=_percentiles(_macro_f1(resampled)),
        recall=tuple(_recall(confusion).tolist()),
        confusion=tuple(map(tuple, confusion.tolist())),
        calibration_error=error,
        calibration_bins=bins,
    )


def _hits(confusion):
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _recall(confusion):
    return _hits(confusion) / np.maximum(confusion.sum(axis=-1), 1)


def _uar(confusion):
    present = confusion.sum(axis=-1) > 0
    return _recall(confusion).sum(axis=-1) / present.sum(axis=-1)


def _macro_f1(confusion):
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return (2 * _hits(confusion) / np.maximum(both, 1)).mean(axis=-1)


def _percentiles(values):
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _wilson(share, size):
    z = _CONFIDENCE_Z**2 / size
    center = (share + z / 2) / (1 + z)
    half = np.sqrt(z * share * (1 - share) + z**2 / 4) / (1 + z)
    return float(center - half), float(center + half)


def _calibration(confidence, right):
    index = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(index, minlength=_BINS)
    filled = np.maximum(counts, 1)
    mean_confidence = np.bincount(index, confidence, _BINS) / filled
    accuracy = np.bincount(index, right, _BINS) / filled
    error = np.sum(counts * np.abs(mean_confidence - accuracy)) / len(right)
    bins = zip(
        counts.tolist(),
        mean_confidence.tolist(),
        accuracy.tolist(),
        strict=True,
    )
    return float(error), tuple(bins)

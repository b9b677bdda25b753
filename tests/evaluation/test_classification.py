import json

import keras
import numpy as np
import pytest
from sklearn import metrics

from keras_fer import evaluation
from keras_fer.datasets import Corpus
from keras_fer.datasets import fer2013


def draw(size=400, classes=4, seed=0):
    draws = np.random.default_rng(seed)
    labels = draws.integers(0, classes, size)
    logits = draws.normal(size=(size, classes)) + 1.5 * np.eye(classes)[labels]
    probabilities = np.exp(logits)
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True)


def report(labels, probabilities):
    return evaluation.classification_report(
        labels,
        probabilities,
        [f"class {index}" for index in range(probabilities.shape[1])],
        corpus="drawn",
        split="val",
    )


def test_equals_scikit_learn():
    labels, probabilities = draw()
    predicted = probabilities.argmax(axis=1)
    result = report(labels, probabilities)
    assert result.accuracy == pytest.approx(
        metrics.accuracy_score(labels, predicted)
    )
    assert result.uar == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    assert result.macro_f1 == pytest.approx(
        metrics.f1_score(labels, predicted, average="macro")
    )
    assert result.confusion == tuple(
        map(tuple, metrics.confusion_matrix(labels, predicted).tolist())
    )
    np.testing.assert_allclose(
        result.recall, metrics.recall_score(labels, predicted, average=None)
    )


def test_wilson_interval_by_hand():
    """Wilson's interval of 8 in 10 is .490 to .943 (textbook value)."""
    labels = np.zeros(10, int)
    probabilities = np.eye(2)[[0] * 8 + [1] * 2]
    low, high = report(labels, probabilities).accuracy_interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_bootstrap_equals_drawing_images():
    labels, probabilities = draw()
    predicted = probabilities.argmax(axis=1)
    draws = np.random.default_rng(1)
    values = []
    for _ in range(1000):
        rows = draws.integers(0, len(labels), len(labels))
        values.append(
            metrics.balanced_accuracy_score(labels[rows], predicted[rows])
        )
    expected = np.percentile(values, [2.5, 97.5])
    result = report(labels, probabilities)
    np.testing.assert_allclose(result.uar_interval, expected, atol=0.008)


def test_calibration_error_by_hand():
    """Confidence .9 with half of it right, .6 with all of it right."""
    labels = np.array([0, 0, 0, 0])
    probabilities = np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.6, 0.4]])
    result = report(labels, probabilities)
    assert result.calibration_error == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    filled = [row for row in result.calibration_bins if row[0]]
    assert filled == [
        (2, pytest.approx(0.6), 1.0),
        (2, pytest.approx(0.9), 0.5),
    ]


def test_calibration_of_many_draws_against_a_loop():
    labels, probabilities = draw()
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    expected = 0
    for low in np.arange(15) / 15:
        inside = (confidence >= low) & (confidence < low + 1 / 15)
        if inside.any():
            gap = abs(confidence[inside].mean() - right[inside].mean())
            expected += inside.mean() * gap
    assert report(labels, probabilities).calibration_error == pytest.approx(
        expected
    )


def test_certain_and_right_is_calibrated():
    labels = np.arange(4)
    assert report(labels, np.eye(4)).calibration_error == 0


def test_a_class_without_an_image_is_left_out_of_the_uar():
    labels, probabilities = draw(classes=3)
    keep = labels != 2
    result = report(labels[keep], probabilities[keep])
    assert result.recall[2] == 0
    assert result.uar == pytest.approx(np.mean(result.recall[:2]))


def test_json_round_trip():
    result = report(*draw())
    assert json.loads(json.dumps(result.to_json()))["samples"] == 400


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p[:, :3], r"Received: \(400, 3\)"),
        (
            lambda p: np.where(np.arange(400)[:, None] == 7, np.nan, p),
            "image 7",
        ),
    ],
)
def test_refuses(spoil, message):
    labels, probabilities = draw()
    with pytest.raises(ValueError, match=message):
        evaluation.classification_report(
            labels,
            spoil(probabilities),
            list("abcd"),
            corpus="drawn",
            split="val",
        )


@pytest.mark.parametrize("several_heads", [False, True])
def test_a_network_over_a_corpus(several_heads):
    """A network that reads the class off the first pixel names all rightly."""
    images = np.zeros((20, 48, 48, 1), "uint8")
    images[:, 0, 0, 0] = np.arange(20) % 7
    corpus = Corpus(
        info=fer2013.INFO,
        split="val",
        images=images,
        labels={"expression": np.arange(20) % 7},
        names=[str(row) for row in range(20)],
    )
    inputs = keras.Input((48, 48, 1))
    first = inputs[:, 0, 0, :]
    logits = -keras.ops.abs(first - keras.ops.arange(7, dtype="float32")[None])
    outputs = {"logits": logits, "x": first} if several_heads else logits
    network = keras.Model(inputs, outputs)
    result = evaluation.evaluate_classifier(
        network, corpus, batch_size=8, verbose=0
    )
    assert (result.accuracy, result.samples) == (1.0, 20)
    assert (result.corpus, result.split) == ("fer2013", "val")

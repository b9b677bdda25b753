import dataclasses
import json

import numpy as np
import pytest

from keras_fer import evaluation


def report(labels, answers, **changes):
    return evaluation.classification_report(
        labels,
        np.eye(3)[answers],
        ("anger", "fear", "sadness"),
        **{"corpus": "example", "split": "test", **changes},
    )


def test_mean_deviation_and_interval_by_hand():
    """Student's 97.5 % quantile for two degrees of freedom is 4.3027."""
    figures = evaluation.fold_statistics([0.5, 0.6, 0.7])
    assert figures.mean == pytest.approx(0.6)
    assert figures.std == pytest.approx(0.1)
    half = 4.30265 * 0.1 / 3**0.5
    assert figures.interval == pytest.approx((0.6 - half, 0.6 + half))


def test_shared_training_images_widen_the_interval():
    """Nadeau and Bengio: 1/n becomes 1/n + test / train."""
    alone = evaluation.fold_statistics([0.5, 0.6, 0.7, 0.4])
    shared = evaluation.fold_statistics([0.5, 0.6, 0.7, 0.4], 1 / 8)
    widths = [high - low for low, high in (alone.interval, shared.interval)]
    assert widths[1] / widths[0] == pytest.approx((1 + 4 / 8) ** 0.5)


def test_the_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(0.5, 0.05, (2000, 10))
    covered = 0
    for values in draws:
        low, high = evaluation.fold_statistics(values).interval
        covered += low < 0.5 < high
    assert covered / len(draws) == pytest.approx(0.95, abs=0.015)


def test_one_fold_has_no_deviation():
    figures = evaluation.fold_statistics([0.5])
    assert (figures.mean, figures.std, figures.interval) == (0.5, None, None)
    with pytest.raises(ValueError, match="at least one fold"):
        evaluation.fold_statistics([])


def test_folds_count_the_same_whatever_their_size():
    folds = {
        4: report([0, 1, 2, 2], [0, 1, 2, 2]),
        7: report([0, 1], [1, 1]),
    }
    both = evaluation.cross_validation_report(folds, [12, 24])
    assert both.folds == (4, 7)
    assert both.samples == 6
    assert both.accuracy.values == (1.0, 0.5)
    assert both.accuracy.mean == 0.75
    assert both.confusion == ((1, 1, 0), (0, 2, 0), (0, 0, 2))
    assert both.recall == (0.5, 1.0, 1.0)
    # The second fold has no image of the third class.
    assert both.uar.values == (1.0, 0.5)
    assert both.macro_f1 == pytest.approx((2 / 3 + 4 / 5 + 1) / 3)
    expected = evaluation.fold_statistics([1.0, 0.5], 6 / 36)
    assert both.accuracy == expected


def test_a_class_that_occurs_in_no_fold_has_no_recall():
    found = evaluation.cross_validation_report(
        {9: report([0, 1, 1], [0, 1, 1])}, [30]
    )
    assert found.recall == (1.0, 1.0, None)


def test_survives_a_file():
    """The runner reads the folds back from their `metrics.json`."""
    fold = report([0, 1, 2], [0, 1, 1])
    read = evaluation.ClassificationReport(
        **json.loads(json.dumps(fold.to_json()))
    )
    one, two = (
        evaluation.cross_validation_report({0: value}, [9]).to_json()
        for value in (fold, read)
    )
    assert one == two
    assert json.loads(json.dumps(one))["accuracy"]["values"] == [2 / 3]


@pytest.mark.parametrize(
    "change", [{"corpus": "other"}, {"split": "val"}, {"classes": ("a",)}]
)
def test_refuses_folds_of_different_experiments(change):
    fold = report([0, 1, 2], [0, 1, 2])
    other = dataclasses.replace(fold, **change)
    with pytest.raises(ValueError, match="one corpus, split and set"):
        evaluation.cross_validation_report({0: fold, 1: other}, [9, 9])
    with pytest.raises(ValueError, match="one corpus"):
        evaluation.cross_validation_report({}, [])

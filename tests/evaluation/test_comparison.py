import numpy as np
import pytest
import sklearn.metrics

from keras_fer.evaluation import compare_runs


def answers(labels, right, runs, seed=0):
    """Runs that are right on about a share of the images."""
    draws = np.random.default_rng(seed)
    wrong = draws.random((runs, len(labels))) > right
    return np.where(wrong, draws.integers(7, size=wrong.shape), labels)


LABELS = np.arange(700) % 7


def test_measures_are_those_of_scikit_learn():
    first, second = answers(LABELS, 0.5, 3), answers(LABELS, 0.6, 3, 1)
    found = compare_runs(LABELS, first, second, draws=10)
    for name, measure in (
        ("accuracy", sklearn.metrics.accuracy_score),
        ("uar", sklearn.metrics.balanced_accuracy_score),
        (
            "macro_f1",
            lambda a, b: sklearn.metrics.f1_score(a, b, average="macro"),
        ),
    ):
        means = [
            np.mean([measure(LABELS, row) for row in way])
            for way in (first, second)
        ]
        assert np.isclose(found.first[name], means[0])
        assert np.isclose(found.second[name], means[1])
        assert np.isclose(found.difference[name], means[1] - means[0])


def test_a_clear_difference_is_one_and_chance_is_none():
    better = compare_runs(
        LABELS, answers(LABELS, 0.5, 4), answers(LABELS, 0.7, 4, 1)
    )
    for low, high in better.interval.values():
        assert 0.05 < low < high < 0.3
    same = compare_runs(
        LABELS, answers(LABELS, 0.5, 4), answers(LABELS, 0.5, 4, 2)
    )
    for low, high in same.interval.values():
        assert low < 0 < high


def test_intervals_hold_what_they_promise():
    """In 95 of 100 repetitions the true difference, here 0, lies inside."""
    inside = 0
    for seed in range(100):
        labels = np.random.default_rng(seed).integers(7, size=300)
        found = compare_runs(
            labels,
            answers(labels, 0.5, 4, 3 * seed),
            answers(labels, 0.5, 4, 3 * seed + 1),
            draws=200,
        )
        low, high = found.interval["accuracy"]
        inside += low <= 0 <= high
    assert 85 <= inside <= 100


def test_pairing_takes_out_what_runs_have_in_common():
    """Both ways fail on the same images: a small difference is sure."""
    common = answers(LABELS, 0.6, 4)
    better = common.copy()
    wrong = np.flatnonzero((common != LABELS).all(axis=0))[:40]
    better[:, wrong] = LABELS[wrong]
    low, high = compare_runs(LABELS, common, better).interval["accuracy"]
    assert 0 < low < high < 0.1


def test_refuses():
    with pytest.raises(ValueError, match=r"\(runs, 700\) each"):
        compare_runs(LABELS, LABELS[None], LABELS[None, :5])

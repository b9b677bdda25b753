import numpy as np
import pytest
import sklearn.metrics

from keras_fer.evaluation import compare_runs
from keras_fer.evaluation import run_statistics


def answers(labels, right, runs, seed=0):
    """Runs that are right on about a share of the images."""
    draws = np.random.default_rng(seed)  # a generator stays what it is
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


@pytest.mark.parametrize("luck", [0.0, 0.05])
def test_intervals_hold_what_they_promise(luck):
    """True difference 0, with and without a luck of runs that is their own.

    95 of 100 intervals hold it, and they are about as wide as the differences
    scatter: 3.92 deviations, a bit more where four runs tell of their luck.
    """
    draws = np.random.default_rng(0)
    inside, widths, differences = 0, [], []
    for _ in range(150):
        labels = draws.integers(7, size=400)
        ways = [
            np.concatenate(
                [
                    answers(labels, 0.5 + luck * draws.normal(), 1, draws)
                    for _ in range(4)
                ]
            )
            for _ in range(2)
        ]
        found = compare_runs(labels, *ways, draws=200)
        low, high = found.interval["accuracy"]
        inside += low <= 0 <= high
        widths.append(high - low)
        differences.append(found.difference["accuracy"])
    assert 134 <= inside <= 149
    ratio = np.mean(widths) / (3.92 * np.std(differences))
    assert 0.85 < ratio < 1.6


def test_one_pair_has_the_luck_of_images_alone():
    one = compare_runs(
        LABELS, answers(LABELS, 0.5, 1), answers(LABELS, 0.5, 1, 1)
    )
    low, high = one.interval["accuracy"]
    # Two independent shares of one half, of 700 images.
    expected = 2 * 1.96 * np.sqrt(2 * 0.25 / 700)
    assert one.runs == 1 and 0.7 < (high - low) / expected < 1.3


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


def test_statistics_of_runs():
    runs = answers(LABELS, 0.6, 4)
    found = run_statistics(LABELS, runs)
    values = [
        sklearn.metrics.f1_score(LABELS, row, average="macro") for row in runs
    ]
    np.testing.assert_allclose(found["macro_f1"]["values"], values)
    assert np.isclose(found["macro_f1"]["mean"], np.mean(values))
    assert np.isclose(found["macro_f1"]["std"], np.std(values, ddof=1))
    # Of one run the interval of its accuracy is nearly the binomial one.
    one = run_statistics(LABELS, runs[:1])["accuracy"]
    low, high = one["interval"]
    share = one["mean"]
    assert one["std"] is None
    half = 1.96 * np.sqrt(share * (1 - share) / len(LABELS))
    assert np.isclose(high - low, 2 * half, rtol=0.15)
    # Answers of several runs that differ know more than one.
    narrow = found["accuracy"]["interval"]
    assert narrow[1] - narrow[0] < high - low
    with pytest.raises(ValueError, match=r"expected answers \(runs, 700\)"):
        run_statistics(LABELS, runs[0])

import numpy as np
import pytest

from keras_fer import evaluation
from keras_fer import metrics

DRAWS = np.random.default_rng(0)
TRUE = DRAWS.uniform(-1, 1, (300, 2))
ANSWERS = 0.6 * TRUE + DRAWS.normal(0, 0.2, (300, 2)) + [0.1, 0]


def report(true=TRUE, answers=ANSWERS, **options):
    options = {"corpus": "faces", "split": "val", **options}
    return evaluation.regression_report(true, answers, **options)


def test_the_measures_are_those_of_the_metrics():
    found = report()
    assert found.samples == 300 and found.columns == ("valence", "arousal")
    for column in (0, 1):
        for values, metric in (
            (found.ccc, metrics.ConcordanceCorrelation(column)),
            (found.sagr, metrics.SignAgreement(column)),
        ):
            metric.update_state(TRUE, ANSWERS)
            assert values[column] == pytest.approx(
                float(metric.result()), rel=1e-4
            )
        error = np.sqrt(np.mean((TRUE - ANSWERS)[:, column] ** 2))
        assert found.rmse[column] == pytest.approx(error)


def test_intervals_narrow_with_the_number_of_images():
    many = report()
    few = report(TRUE[:40], ANSWERS[:40])
    for ccc, (low, high), (below, above) in zip(
        many.ccc, many.ccc_interval, few.ccc_interval, strict=True
    ):
        assert low < ccc < high < 1
        assert above - below > 1.5 * (high - low)


def test_the_interval_holds_what_it_promises():
    """Of small samples of a population whose correlation is known."""
    draws = np.random.default_rng(1)
    whole = draws.normal(size=(4000, 1))
    answers = 0.7 * whole + draws.normal(0, 0.5, whole.shape)
    options = {"columns": ("valence",)}
    truth = 2 * 0.7 / (1 + 0.7**2 + 0.5**2)
    inside = 0
    for start in range(0, 4000, 100):
        rows = slice(start, start + 100)
        found = report(whole[rows], answers[rows], **options)
        ((low, high),) = found.ccc_interval
        inside += low < truth < high
    assert inside >= 34  # of 40; 38 are expected


def test_what_does_not_vary():
    same = np.ones((5, 2))
    found = report(same, same)
    assert found.ccc == (0, 0) and found.rmse == (0, 0)


def test_signs_are_not_counted_where_there_are_none():
    targets = np.stack([np.abs(TRUE[:, 0]), TRUE[:, 1]], axis=1)
    found = report(targets, ANSWERS)
    assert found.sagr[0] is None
    assert found.sagr[1] == report(TRUE, ANSWERS).sagr[1]
    assert found.to_json()["sagr"][0] is None


def test_refused():
    with pytest.raises(ValueError, match=r"\(N, 2\). Received: .*\(300, 1\)"):
        report(TRUE, ANSWERS[:, :1])
    broken = ANSWERS.copy()
    broken[7, 1] = np.nan
    with pytest.raises(ValueError, match="answer nan as arousal of image 7"):
        report(TRUE, broken)
    with pytest.raises(ValueError, match="target nan as arousal of image 7"):
        report(broken, TRUE)

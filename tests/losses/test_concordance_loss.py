import numpy as np

from keras_fer.losses import ConcordanceLoss
from keras_fer.metrics import ConcordanceCorrelation


def test_it_is_one_minus_the_correlation():
    draws = np.random.default_rng(0)
    true = draws.uniform(-1, 1, (50, 2))
    answers = 0.4 * true + draws.normal(0, 0.3, (50, 2)) + [0.2, -0.1]
    metric = ConcordanceCorrelation()
    metric.update_state(true, answers)
    loss = ConcordanceLoss()(true, answers)
    np.testing.assert_allclose(loss, 1 - metric.result(), rtol=1e-5)


def test_shares_by_a_loop():
    draws = np.random.default_rng(0)
    true, answers = draws.uniform(-1, 1, (2, 30, 2))
    expected = np.zeros(30)
    for x, y in zip(true.T, answers.T, strict=True):
        scale = x.var() + y.var() + (x.mean() - y.mean()) ** 2
        expected += (x - y) ** 2 / scale / 2
    each = ConcordanceLoss(reduction="none")(true, answers)
    np.testing.assert_allclose(each, expected, rtol=1e-4)


def test_targets_that_do_not_vary():
    """A batch of one kind has no correlation, but its loss is finite."""
    same = np.full((4, 2), 0.5)
    assert float(ConcordanceLoss()(same, same)) == 0
    assert np.isclose(ConcordanceLoss()(same, np.zeros((4, 2))), 1, atol=1e-5)

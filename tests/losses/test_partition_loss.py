import numpy as np

from keras_fer.losses import PartitionLoss


def test_by_a_loop():
    heads = np.random.default_rng(0).normal(size=(5, 4, 6))
    variances = [
        np.var([heads[b, h, d] for h in range(4)], ddof=1)
        for b in range(5)
        for d in range(6)
    ]
    expected = np.log(1 + 4 / np.mean(variances))
    found = PartitionLoss()(np.zeros(5), heads)
    assert np.isclose(float(found), expected, rtol=1e-5)


def test_equal_heads_are_finite_and_one_head_is_nothing():
    equal = np.ones((3, 4, 6))
    found = float(PartitionLoss()(np.zeros(3), equal))
    assert 10 < found < 100
    one = PartitionLoss(reduction="none")(np.zeros(3), equal[:, :1])
    assert np.asarray(one).tolist() == [0, 0, 0]

import itertools

import numpy as np

from keras_fer.losses import AttentionLoss


def test_by_a_loop_over_pairs():
    for heads in (2, 3, 4):
        maps = np.random.default_rng(0).uniform(size=(5, heads, 3, 2, 4))
        total = sum(
            np.square(maps[:, i] - maps[:, j]).mean()
            for i, j in itertools.combinations(range(heads), 2)
        )
        expected = heads * (heads - 1) / 2 / total
        found = AttentionLoss()(np.zeros(5), maps)
        assert np.isclose(float(found), expected, rtol=1e-5)


def test_equal_heads_are_finite_and_one_head_is_nothing():
    maps = np.ones((3, 2, 2, 2, 4))
    assert np.isfinite(AttentionLoss()(np.zeros(3), maps))
    one = AttentionLoss(reduction="none")(np.zeros(3), maps[:, :1])
    assert np.asarray(one).tolist() == [0, 0, 0]

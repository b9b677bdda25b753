import dataclasses

import numpy as np
import pytest

from keras_fer.datasets import CorpusError
from keras_fer.datasets import expression_pairs
from keras_fer.datasets import fer2013
from keras_fer.datasets.corpus import Corpus


def corpus(size=70, classes=7):
    """Each face is as bright as its row."""
    images = np.zeros((size, 4, 4, 1), "uint8")
    images += np.arange(size, dtype="uint8")[:, None, None, None]
    return Corpus(
        info=dataclasses.replace(fer2013.INFO, counts={}),
        split="val",
        images=images,
        labels={"expression": np.arange(size) % classes},
        names=[str(row) for row in range(size)],
    )


def test_as_many_alike_as_not_of_each_kind_and_expression():
    pairs = expression_pairs(corpus(), count=3)
    assert len(pairs) == 2 * 3 * 3 * 7
    assert pairs.first.shape == pairs.second.shape == (126, 4, 4, 1)
    for kind in ("image-image", "image-mean", "mean-mean"):
        for expression in range(7):
            chosen = (pairs.kinds == kind) & (
                pairs.expressions[:, 0] == expression
            )
            assert pairs.same[chosen].tolist().count(1) == 3
            assert chosen.sum() == 6
    equal = pairs.expressions[:, 0] == pairs.expressions[:, 1]
    np.testing.assert_array_equal(equal, pairs.same)
    assert len(set(pairs.expressions[pairs.same == 0][:, 1])) > 3
    # In random order: the first half holds all kinds.
    assert len(set(pairs.kinds[:20])) == 3


def test_single_faces_show_what_they_are_said_to_show():
    pairs = expression_pairs(corpus(), count=8, kinds=("image-image",))
    for column, pixels in enumerate((pairs.first, pairs.second)):
        rows = pixels[:, 0, 0, 0].astype(int)
        np.testing.assert_array_equal(rows % 7, pairs.expressions[:, column])
    # Never a face with itself.
    assert (pairs.first != pairs.second).any(axis=(1, 2, 3)).all()


def test_means_are_of_faces_of_one_expression():
    """Rows 0, 7, 14, … of an expression have a mean near the middle."""
    pairs = expression_pairs(
        corpus(), count=5, kinds=("image-mean",), faces_of_a_mean=4
    )
    means = pairs.second[:, 0, 0, 0].astype(float)
    singles = pairs.first[:, 0, 0, 0].astype(float)
    assert means.std() < 0.75 * singles.std()
    assert 25 < means.mean() < 45
    large = expression_pairs(
        corpus(), count=5, kinds=("mean-mean",), faces_of_a_mean=20
    )
    # No face is in both means: half of the ten is in the first.
    assert (large.first[large.same == 1] != large.second[large.same == 1]).any()


def test_the_seed_decides():
    one, other, third = (
        expression_pairs(corpus(), count=2, seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.first, other.first)
    assert not np.array_equal(one.first, third.first)


def test_refuses():
    with pytest.raises(CorpusError, match="image-image, .* Received: \\('x',"):
        expression_pairs(corpus(), kinds=("x",))
    with pytest.raises(CorpusError, match="at least 1 .* 0 and 20"):
        expression_pairs(corpus(), count=0)
    with pytest.raises(CorpusError, match="one face of neutral"):
        expression_pairs(corpus(13))

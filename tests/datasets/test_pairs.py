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


def lit(size=56, classes=7, subjects=None):
    """The face of row r is bright in pixel r and dark elsewhere."""
    faces = corpus(size, classes)
    images = 255 * np.eye(size, dtype="uint8").reshape(size, 1, -1, 1)
    labels = dict(faces.labels)
    if subjects is not None:
        labels["subject"] = subjects
    return dataclasses.replace(faces, images=images, labels=labels)


def rows_of(pictures):
    return [set(np.flatnonzero(picture)) for picture in pictures]


@pytest.mark.parametrize("faces_of_a_mean", [3, 20])
def test_means_do_not_tell_whether_both_show_the_same(faces_of_a_mean):
    """Of one expression each, as many faces in either case, none in both."""
    pairs = expression_pairs(lit(), count=6, faces_of_a_mean=faces_of_a_mean)
    first, second = rows_of(pairs.first), rows_of(pairs.second)
    size = min(faces_of_a_mean, 4)  # half of the eight of an expression
    for one, other, kind, expressions in zip(
        first, second, pairs.kinds, pairs.expressions, strict=True
    ):
        parts = zip((one, other), kind.split("-"), expressions, strict=True)
        for faces, part, expression in parts:
            assert {row % 7 for row in faces} == {expression}
            assert len(faces) == (size if part == "mean" else 1)
        assert not one & other


def test_nobody_is_in_both_pictures():
    subjects = np.array([f"S{row // 14}" for row in range(70)])
    faces = lit(70, subjects=subjects)
    pairs = expression_pairs(faces, count=6)
    for one, other in zip(
        rows_of(pairs.first), rows_of(pairs.second), strict=True
    ):
        of_both = [{subjects[row] for row in rows} for rows in (one, other)]
        assert not of_both[0] & of_both[1]


def test_an_expression_of_few_people_is_in_no_mean():
    """Rows of 3 of anger and 4 of each other expression."""
    faces = lit(28).select(np.arange(28) > 0)
    pairs = expression_pairs(faces, count=3)
    assert len(pairs) == 2 * 3 * (7 + 6 + 6)
    averaged = pairs.kinds != "image-image"
    assert 0 not in pairs.expressions[averaged]
    assert 0 in pairs.expressions[~averaged]
    sizes = {len(rows) for rows in rows_of(pairs.first[averaged])}
    assert sizes == {1, 2}


def test_a_mean_has_one_face_of_each_of_its_people():
    subjects = np.array([f"S{row // 14}" for row in range(70)])
    pairs = expression_pairs(lit(70, subjects=subjects), count=6)
    for rows, kind in zip(rows_of(pairs.second), pairs.kinds, strict=True):
        who = [subjects[row] for row in rows]
        assert len(set(who)) == len(who)
        assert len(who) == (1 if kind == "image-image" else 2)


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
    with pytest.raises(CorpusError, match="two of at least four.*fear 3"):
        expression_pairs(corpus(22))
    single = corpus(22).select(np.arange(22) < 8)
    with pytest.raises(CorpusError, match="Received people: .* disgust 1"):
        expression_pairs(single, kinds=("image-image",))

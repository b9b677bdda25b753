import itertools

import numpy as np
import pytest
import scipy.spatial

from keras_fer import analysis
from keras_fer.analysis.affect_alignment import procrustes

CLASSES = "anger", "disgust", "fear", "happiness", "neutral", "sadness"
# Around neutral: happiness 0°, fear 100°, anger 140°, disgust 170°, sadness.
AFFECT = np.array([[-0.5, 0.6], [-0.6, 0.2], [-0.1, 0.7], [0.8, 0.1], [0, 0]])
AFFECT = np.vstack([AFFECT, [-0.5, -0.4]])


def faces(means, spread=0.05, each=30):
    draws = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), each)
    noise = draws.normal(0, spread, (len(labels), 2))
    return means[labels] + noise, labels


@pytest.mark.parametrize("several", [(), (3,)])
def test_procrustes_is_scipys(several):
    draws = np.random.default_rng(0)
    points = draws.normal(size=(*several, 20, 2))
    target = points.reshape(-1, 20, 2)[0] @ [[0, 2], [1, 0]]
    target += draws.normal(0, 0.2, (20, 2))
    expected = [
        1 - scipy.spatial.procrustes(target, p)[2]
        for p in points.reshape(-1, 20, 2)
    ]
    np.testing.assert_allclose(
        procrustes(points, target).ravel(), expected, atol=1e-9
    )
    assert procrustes(np.ones((20, 2)), target) == 0


def test_a_turned_and_mirrored_plane_is_the_same():
    affect, labels = faces(AFFECT)
    turn = np.array([[np.cos(2), np.sin(2)], [np.sin(2), -np.cos(2)]])
    found = analysis.affect_alignment(
        40 * affect @ turn, affect, labels, CLASSES
    )
    assert found.faces == pytest.approx(1) == found.means
    assert found.means_p == 1 / 720
    assert found.affect_order[:2] == ("anger", "disgust")
    assert found.order in (
        found.affect_order,
        (found.affect_order[0], *found.affect_order[:0:-1]),
    )
    assert found.neighbors == 5
    # Of the 24 orders of five on a circle one, and its reflection.
    assert found.neighbors_p == pytest.approx(2 / 24)
    assert found.center_distance < 0.1


def test_expressions_in_another_order():
    affect, labels = faces(AFFECT)
    swapped = AFFECT.copy()
    swapped[[1, 3]] = AFFECT[[3, 1]]  # disgust where happiness is
    plane, _ = faces(swapped + [3.0, 0])
    found = analysis.affect_alignment(plane, affect, labels, CLASSES)
    means = [
        1
        - scipy.spatial.procrustes(
            [affect[labels == k].mean(axis=0) for k in range(6)],
            [plane[labels == k].mean(axis=0) for k in way],
        )[2]
        for way in itertools.permutations(range(6))
    ]
    assert found.means == pytest.approx(means[0])
    assert found.means_p == np.mean(np.array(means) >= means[0] - 1e-12)
    assert 0.01 < found.means_p < 1
    # happiness, fear, anger, disgust, sadness → disgust, fear, anger, happiness
    assert found.order == ("anger", "happiness", "sadness", "disgust", "fear")
    assert found.neighbors == 3  # around sadness, and fear and anger
    # Of the 12 circles of five one is the same, and five, in which two pairs
    # that do not touch are broken up, have three in common.
    assert found.neighbors_p == 6 / 12
    assert found.center_distance > 0.8


def test_refused():
    affect, labels = faces(AFFECT)
    for plane, classes, message in (
        (affect[:, :1], CLASSES, r"Received: \(180, 1\)"),
        (affect, [*CLASSES[:4], "calm", "sadness"], "faces of neutral and of"),
    ):
        with pytest.raises(ValueError, match=message):
            analysis.affect_alignment(plane, affect, labels, classes)
    few = labels > 2
    with pytest.raises(ValueError, match="Received: happiness, neutral, sadn"):
        analysis.affect_alignment(
            affect[few], affect[few], labels[few], CLASSES
        )

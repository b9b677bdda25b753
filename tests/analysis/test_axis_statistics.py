import numpy as np
import pytest

from keras_fer import analysis


def test_by_loops():
    draws = np.random.default_rng(0)
    labels = np.arange(60) % 3
    latents = draws.normal(size=(60, 4)) + 2 * np.eye(3, 4)[labels]
    found = analysis.axis_statistics(latents, labels, axes=(0, 1, 2))
    for k in range(3):
        own, rest = latents[labels == k, k], latents[labels != k, k]
        wins = np.mean([[a > b for b in rest] for a in own])
        assert np.isclose(found.separability[k], wins)
        assert np.isclose(found.own[k], own.mean())
        others = [c for c in range(3) if c != k]
        square = np.mean(latents[labels == k][:, others] ** 2)
        assert np.isclose(found.others[k], np.sqrt(square))
        assert np.allclose(found.means[k], latents[labels == k].mean(axis=0))
    assert np.allclose(found.spread, latents.std(axis=0))


def test_an_expression_at_the_origin():
    """Expression 1 has no axis: the second variable is that of 2."""
    latents = np.array([[4.0, 0.0], [0.3, 0.4], [0.0, 5.0]])
    found = analysis.axis_statistics(latents, [0, 1, 2], axes=(0, 2))
    assert found.own == (4.0, 5.0)
    assert found.separability == (1.0, 1.0)
    assert np.allclose(found.others, [0, np.sqrt(0.125), 0])


def test_an_expression_without_a_face():
    latents = np.array([[4.0, 0.0, 1.0], [1.0, 0.4, 3.0]])
    found = analysis.axis_statistics(latents, [0, 2], (0, 1, 2), 4)
    assert found.separability == (1.0, None, 1.0)
    assert found.own == (4.0, None, 3.0)
    assert found.others[1] is found.others[3] is found.means[3] is None
    assert np.isclose(found.others[2], np.sqrt((1 + 0.16) / 2))


@pytest.mark.parametrize(
    ("latents", "labels", "axes", "message"),
    [
        (np.zeros(4), [0, 1, 0, 1], (0, 1), r"\(4,\) and \(4,\)"),
        (np.zeros((4, 2)), [0, 1], (0, 1), r"\(4, 2\) and \(2,\)"),
        (np.zeros((2, 2)), [0, 0], (0, 1), "2 for 2 axes, 1 expressions"),
        (np.zeros((3, 2)), [0, 1, 2], (0, 1, 2), "2 for 3 axes"),
    ],
)
def test_refuses(latents, labels, axes, message):
    with pytest.raises(ValueError, match=message):
        analysis.axis_statistics(latents, labels, axes)

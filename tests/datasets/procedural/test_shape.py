import numpy as np
import pytest

from keras_fer.datasets.procedural import shape


def test_both_halves_are_mirror_images():
    right, left = np.split(shape.MEAN, 2)
    np.testing.assert_allclose(right * [-1, 1], left)
    for move in shape.MODES.values():
        right, left = np.split(move, 2)
        np.testing.assert_allclose(right * [-1, 1], left, atol=1e-12)
    for moves in shape.MOVES:
        np.testing.assert_allclose(
            np.concatenate(np.split(moves[0], 2)[::-1]) * [-1, 1],
            moves[1],
            atol=1e-12,
        )


def test_every_unit_moves_something_and_its_own_side():
    central = shape.MEAN[:, 0] == 0
    right = shape.MEAN[:, 0] > 0
    for unit, moves in zip(shape.UNITS, shape.MOVES, strict=True):
        assert np.abs(moves[0]).max() > 0.005, unit
        assert not moves[0][~right & ~central].any()
        assert not moves[1][right].any()


def test_halves_of_central_points_add_up():
    """Both sides at 5 move the middle as the table says."""
    both = 5 * shape.MOVES[shape.UNITS.index(27)].sum(axis=0)
    row = shape.rows("ml0")[0]
    np.testing.assert_allclose(both[row], [0, 0.300])


def test_lips_part():
    units = np.zeros((4, len(shape.UNITS), 2))
    units[1, shape.UNITS.index(25)] = 3
    units[2, shape.UNITS.index(27)] = 5
    units[3, shape.UNITS.index(12)] = 5
    found = shape.lips_part(units)
    np.testing.assert_allclose(found[:3], [0, 3, 5])
    assert found[3] < 0.5


def test_rows_and_mirrored_names():
    first, second = shape.rows("mc -mc")
    assert shape.MEAN[first, 0] == -shape.MEAN[second, 0]
    assert shape.mirrored("mc -mu1 h0") == "-mc mu1 -h0"


@pytest.mark.parametrize("closed", [False, True])
def test_a_curve_passes_through_its_points(closed):
    names = "h0 h1 h2 h3 h4"
    curve = shape.spline(names, closed, samples=4) @ shape.MEAN
    np.testing.assert_allclose(
        curve[::4][:5], shape.MEAN[shape.rows(names)], atol=1e-12
    )
    assert len(curve) == (20 if closed else 17)
    weights = shape.spline(names, closed, samples=4).sum(axis=1)
    np.testing.assert_allclose(weights, 1)

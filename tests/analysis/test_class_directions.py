import numpy as np
import pytest

from keras_fer import analysis


def test_by_hand():
    """Two opposite, one in the middle, uneven numbers of faces."""
    places = np.array([[4.0, 0], [6, 0], [-5, 0], [0, 0], [0, 3], [0, -3]])
    labels = [0, 0, 1, 5, 5, 5]
    found = analysis.class_directions(places, labels)
    assert found.classes == (0, 1, 5)
    assert np.allclose(found.cosines[0][:2], [1, -1])
    assert np.allclose(found.distances, [1.5, 1.5, 0])
    assert found.cosines[2] == (0, 0, 0)


def test_it_depends_neither_on_scale_nor_place():
    draws = np.random.default_rng(0)
    labels = np.arange(60) % 4
    places = draws.normal(size=(60, 5)) + 3 * np.eye(4, 5)[labels]
    found = analysis.class_directions(places, labels)
    other = analysis.class_directions(7 * places - 100, labels)
    assert np.allclose(found.cosines, other.cosines)
    assert np.allclose(found.distances, other.distances)
    off = np.array(found.cosines)[~np.eye(4, dtype=bool)]
    assert abs(off.mean() + 1 / 3) < 0.05
    assert np.isclose(np.mean(found.distances), 1)


def test_refuses():
    with pytest.raises(ValueError, match="two classes. Received: 1"):
        analysis.class_directions(np.zeros((4, 2)), [0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"\(4, 2\) and \(3,\)"):
        analysis.class_directions(np.zeros((4, 2)), [0, 1, 2])

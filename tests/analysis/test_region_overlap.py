import numpy as np
import pytest

from keras_fer import analysis


def test_against_loops():
    draws = np.random.default_rng(0)
    patterns = draws.normal(size=(2, 3, 5, 6, 2))
    regions = draws.random((2, 3, 5, 6)) < 0.4
    found = analysis.region_overlap(patterns, regions)
    assert found.shape == (2, 3)
    for place in np.ndindex(2, 3):
        inside = total = 0.0
        for pixel in np.ndindex(5, 6, 2):
            energy = patterns[place][pixel] ** 2
            total += energy
            inside += energy * regions[place][pixel[:2]]
        assert found[place] == pytest.approx(inside / total)


def test_extremes():
    pattern = np.ones((1, 4, 4, 1))
    everything = np.ones((1, 4, 4), bool)
    assert analysis.region_overlap(pattern, everything).tolist() == [1.0]
    assert analysis.region_overlap(pattern, ~everything).tolist() == [0.0]
    half = np.tile(np.arange(4) < 2, (1, 4, 1))
    assert analysis.region_overlap(pattern, half).tolist() == [0.5]
    assert np.isnan(analysis.region_overlap(0 * pattern, half)).all()


def test_refuses():
    for shape in ((2, 4, 4), (1, 4, 5), (4,)):
        with pytest.raises(ValueError, match=r"Received: \(1, 4, 4, 1\)"):
            analysis.region_overlap(np.ones((1, 4, 4, 1)), np.ones(shape))

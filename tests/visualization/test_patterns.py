import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import analysis
from keras_fer import visualization


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_drawn(channels):
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (6, 16, 16, channels), "uint8")
    found = analysis.FilterPatterns(
        layer="conv3",
        method="guided",
        filters=(7, 9),
        rows=np.array([[5, 0, 1], [2, 2, 3]]),
        responses=np.array([[3.0, 2.0, 1.0], [0.5, 0.25, 0.0]]),
        patterns=draws.normal(size=(2, 3, 16, 16, 1)),
    )
    found.patterns[1, 2] = 0  # a filter that nothing drives
    figure = visualization.plot_patterns(
        found, images, ["filter 7\nAU 12", "filter 9"], "Title", plt.figure()
    )
    axes = np.array(figure.axes).reshape(4, 3)
    assert figure.get_suptitle() == "Title"
    for row, column in np.ndindex(2, 3):
        face, pattern = axes[2 * row : 2 * row + 2, column]
        np.testing.assert_array_equal(
            np.asarray(face.images[0].get_array()),
            images[found.rows[row, column]].squeeze(),
        )
        shown = np.asarray(pattern.images[0].get_array())
        assert pattern.images[0].get_clim() == (-1, 1)  # zero is gray
        assert channels == 3 or face.images[0].get_clim() == (0, 255)
        true = found.patterns[row, column, ..., 0]
        assert np.abs(shown).max() == pytest.approx(float(true.any()))
        np.testing.assert_array_equal(np.sign(shown), np.sign(true))
    assert axes[1, 0].get_ylabel() == "filter 7\nAU 12"
    assert axes[3, 0].get_ylabel() == "filter 9"
    assert axes[1, 1].get_xlabel() == "2"
    plt.close(figure)

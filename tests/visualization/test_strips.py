import matplotlib.pyplot as plt
import numpy as np

from keras_fer.visualization import plot_strips


def test_points_means_and_chance():
    ax = plot_strips(
        {"first": [0.4, 0.6], "second": [0.9]}, "Title", "accuracy", chance=0.5
    )
    points = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(points[0].get_xdata(), [40, 60])
    np.testing.assert_allclose(points[1].get_xdata(), [90])
    assert [text.get_text() for text in ax.texts] == ["50.0", "90.0"]
    assert ax.get_xlabel() == "accuracy (%)" and ax.get_title() == "Title"
    assert ax.get_legend().get_texts()[0].get_text() == "by chance"
    # The first row is at the top.
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_on_given_axes_without_chance():
    _, ax = plt.subplots()
    assert plot_strips({"a": [0.1]}, "T", "share", ax=ax) is ax
    assert ax.get_legend() is None

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import analysis
from keras_fer import visualization


@pytest.fixture
def found():
    return analysis.ActionUnitDivergence(
        units=(1, 4, 12),
        divergence=np.array(
            [[0.1, 0.5, 0.2], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
        ),
        raises=np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]], bool),
        null=np.zeros((0, 3, 3)),
        edges=np.zeros((3, 3)),
        present=np.zeros((3, 3, 2)),
        absent=np.zeros((3, 3, 2)),
    )


def test_what_is_drawn(found):
    thresholds = {"everywhere": np.arange(9.0).reshape(3, 3)}
    figure = visualization.plot_divergence(
        found, [2, 0], "Title", thresholds=thresholds
    )
    strongest, first = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["filter 2", "filter 0"]
    assert [bar.get_height() for bar in first.patches] == [0.1, 0.5, 0.2]
    colors = [
        matplotlib.colors.to_hex(bar.get_edgecolor()) for bar in first.patches
    ]
    assert colors[0] == colors[2] != colors[1]  # the best is red
    filled = [
        matplotlib.colors.to_hex(bar.get_facecolor()) != "#ffffff"
        for bar in first.patches
    ]
    assert filled == [True, False, True]  # hollow: the response falls
    assert [label.get_text() for label in first.get_xticklabels()] == [
        "1",
        "4",
        "12",
    ]
    assert list(first.lines[0].get_ydata()) == [0, 1, 2]
    assert list(strongest.lines[0].get_ydata()) == [6, 7, 8]
    assert first.get_ylim() == strongest.get_ylim()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["everywhere"]
    plt.close(figure)


def test_a_row_holds_five(found):
    figure = visualization.plot_divergence(found, [0, 1, 2] * 2, "Title")
    visible = [ax for ax in figure.axes if ax.get_visible()]
    assert (len(figure.axes), len(visible)) == (10, 6)
    assert not figure.legends
    plt.close(figure)

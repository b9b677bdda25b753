import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import visualization


def test_points_have_the_color_of_their_expression():
    points = np.arange(10.0).reshape(5, 2)
    labels = [0, 1, 0, 2, 1]
    classes = ("fear", "anger", "boredom")
    ax = visualization.plot_embedding(points, labels, classes, "Faces")
    assert ax.get_title() == "Faces"
    assert ax.get_xlabel() == "dimension 1"
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["fear (2)", "anger (2)", "boredom (1)"]
    for number, drawn in enumerate(ax.collections):
        rows = np.array(labels) == number
        np.testing.assert_array_equal(drawn.get_offsets(), points[rows])
    colors = [drawn.get_facecolor()[0] for drawn in ax.collections]
    for color, name in zip(colors, classes[:2], strict=False):
        expected = visualization.EXPRESSION_COLORS[name]
        assert matplotlib.colors.to_hex(color) == expected.lower()
    assert matplotlib.colors.to_hex(colors[2]) not in map(
        str.lower, visualization.EXPRESSION_COLORS.values()
    )
    plt.close(ax.figure)


@pytest.mark.parametrize("shape", [(4, 2), (3, 3), (3,)])
def test_other_than_a_plane_is_refused(shape):
    with pytest.raises(ValueError, match="expected 3 points of a plane"):
        visualization.plot_embedding(np.zeros(shape), [0, 1, 0], "ab", "Faces")

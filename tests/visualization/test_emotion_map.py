import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np

from keras_fer import analysis
from keras_fer import visualization

CLASSES = "anger", "fear", "neutral", "sadness"
# Anger on the left, fear on the right but for a corner, no sadness.
REGIONS = np.zeros((10, 20), int)
REGIONS[:, 12:] = 1
REGIONS[8:, 18:] = 2
REGIONS[:2, :2] = 1


def drawn(**options):
    found = analysis.EmotionMap(
        x=np.linspace(-2, 2, 20),
        y=np.linspace(0, 1, 10),
        regions=REGIONS,
        points=np.array([[-1.0, 0.5], [1.0, 0.2], [2.0, 1.0], [-2.0, 0.0]]),
        answers=np.array([0, 1, 2, 3]),
        axes=("valence", "arousal"),
    )
    return visualization.plot_emotion_map(found, CLASSES, "Faces", **options)


def test_points_have_the_color_of_what_they_are_named():
    ax = drawn()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("valence", "arousal")
    assert ax.get_title() == "Faces"
    colors = [
        matplotlib.colors.to_hex(color)
        for color in ax.collections[0].get_facecolor()
    ]
    expected = [
        visualization.EXPRESSION_COLORS[name].lower() for name in CLASSES
    ]
    assert colors == expected
    image = ax.images[0]
    assert image.origin == "lower"
    # Twenty columns from -2 to 2 and ten rows from 0 to 1: half a cell more.
    expected = [-2 - 2 / 19, 2 + 2 / 19, -1 / 18, 1 + 1 / 18]
    np.testing.assert_allclose(image.get_extent(), expected)
    pixels = np.asarray(image.get_array())
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) == 3
    plt.close(ax.figure)


def test_labels_stand_in_the_largest_part_of_their_region():
    ax = drawn(f1=[0.5, 0.256, np.nan, 0.9])
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert set(texts) == {"anger\n50", "fear\n26", "neutral"}
    assert texts["anger\n50"][0] < 0 < texts["fear\n26"][0]
    assert ax.get_title().endswith("F1 of the expression (%)")
    plt.close(ax.figure)

from matplotlib.colors import to_rgb

from keras_fer.visualization import EXPRESSION_COLORS


def test_colors_can_be_told_apart():
    colors = [to_rgb(color) for color in EXPRESSION_COLORS.values()]
    for index, one in enumerate(colors):
        for other in colors[:index]:
            assert (
                sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.2
            )

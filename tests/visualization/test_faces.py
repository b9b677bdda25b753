import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import visualization


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_drawn(channels):
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (2, 3, 16, 16, channels), "uint8")
    figure = visualization.plot_faces(
        images, ["anger", "fear"], ["25 %", "50 %", "100 %"], "Faces"
    )
    assert figure.get_suptitle() == "Faces" and len(figure.axes) == 6
    assert [ax.get_title() for ax in figure.axes[:3]] == [
        "25 %",
        "50 %",
        "100 %",
    ]
    assert [ax.get_ylabel() for ax in figure.axes[::3]] == ["anger", "fear"]
    for ax, image in zip(
        figure.axes, images.reshape(6, 16, 16, channels), strict=True
    ):
        shown = ax.images[0]
        np.testing.assert_array_equal(
            np.asarray(shown.get_array()), image.squeeze()
        )
        if channels == 1:
            assert shown.get_clim() == (0, 255)
    plt.close(figure)


def test_a_long_title_stays_on_the_sheet():
    images = np.zeros((1, 3, 8, 8, 1), "uint8")
    title = "traversals of a network with a rather long name, drawn faces"
    figure = visualization.plot_faces(images, [""], [""] * 3, title)
    figure.canvas.draw()
    box = figure.texts[0].get_window_extent()
    assert 0 <= box.x0 and box.x1 <= figure.bbox.width
    assert figure.get_suptitle().replace("\n", " ") == title
    plt.close(figure)

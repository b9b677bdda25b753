import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import visualization


@pytest.mark.parametrize("channels", [1, 3])
def test_maps_lie_over_their_faces(channels):
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (2, 24, 32, channels), "uint8")
    maps = [draws.uniform(size=(2, 3, 4)), draws.uniform(size=(2, 6, 8))]
    figure = visualization.plot_attention(
        images, maps, ["anger", "fear"], ["attention", "CAM"], "Faces"
    )
    assert figure.get_suptitle() == "Faces" and len(figure.axes) == 6
    heads = [ax.get_title() for ax in figure.axes[:3]]
    assert heads == ["face", "attention", "CAM"]
    assert [ax.get_ylabel() for ax in figure.axes[::3]] == ["anger", "fear"]
    for number, ax in enumerate(figure.axes):
        row, column = divmod(number, 3)
        face = np.asarray(ax.images[0].get_array())
        np.testing.assert_array_equal(face, images[row].squeeze())
        assert len(ax.images) == 1 + bool(column)
        if column:
            found = maps[column - 1][row]
            drawn = ax.images[1]
            np.testing.assert_array_equal(drawn.get_array(), found)
            assert drawn.get_extent() == [-0.5, 31.5, 23.5, -0.5]
            assert drawn.get_clim() == (found.min(), found.max())
            assert ax.get_xlabel() == f"{found.min():.2g} to {found.max():.2g}"
    plt.close(figure)


@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 3), (2, 3, 3, 1)])
def test_each_face_has_one_map(shape):
    images = np.zeros((2, 24, 24, 1), "uint8")
    with pytest.raises(ValueError, match="expected 2 maps .* of CAM"):
        visualization.plot_attention(
            images, [np.zeros(shape)], ["a", "b"], ["CAM"], "Faces"
        )

import numpy as np
import pytest
from PIL import Image

from keras_fer import visualization


@pytest.mark.parametrize("channels", [1, 3])
def test_there_and_back_again(channels, tmp_path):
    levels = np.array([0, 80, 160, 240], "uint8")
    pictures = np.broadcast_to(
        levels[:, None, None, None], (4, 24, 12, channels)
    )
    path = tmp_path / "walk.gif"
    visualization.write_gif(pictures, path, seconds=0.2, side=48)
    with Image.open(path) as image:
        assert image.n_frames == 6 and image.size == (24, 48)
        assert image.info["loop"] == 0 and image.info["duration"] == 200
        seen = []
        for frame in range(6):
            image.seek(frame)
            seen.append(image.convert("L").getpixel((5, 5)))
    np.testing.assert_allclose(seen, [0, 80, 160, 240, 160, 80], atol=2)
    assert [p.name for p in tmp_path.iterdir()] == ["walk.gif"]


def test_refuses(tmp_path):
    with pytest.raises(ValueError, match=r"Received: \(0, 8, 8, 1\)"):
        visualization.write_gif(np.zeros((0, 8, 8, 1)), tmp_path / "x.gif")
    with pytest.raises(ValueError, match=r"Received: \(2, 8, 8, 4\)"):
        visualization.write_gif(np.zeros((2, 8, 8, 4)), tmp_path / "x.gif")

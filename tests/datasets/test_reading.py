import numpy as np
import pytest
from corpora import write_image
from PIL import Image

from keras_fer.datasets import CorpusError
from keras_fer.datasets import fer2013
from keras_fer.datasets import reading


def test_many_kinds_of_files(tmp_path):
    gray = np.tile(np.arange(96, dtype=np.uint8), (96, 1))
    paths = [tmp_path / f"face{n}" for n in range(4)]
    for path, picture, kind in zip(
        paths,
        (
            Image.fromarray(gray),
            Image.fromarray(gray.astype(np.uint16) * 257),
            Image.merge(
                "LA", [Image.fromarray(gray), Image.new("L", (96, 96), 255)]
            ),
            Image.fromarray(gray).convert("P"),
        ),
        ("png", "png", "png", "gif"),
        strict=True,
    ):
        picture.save(path, kind)
    notes = []
    images, kept = reading.read_faces(
        paths, fer2013.INFO, tmp_path, notes, skip_bad=False
    )
    assert images.shape == (4, 48, 48, 1) and images.dtype == np.uint8
    assert kept == [0, 1, 2, 3] and not notes
    for image in images[1:]:
        np.testing.assert_array_equal(image, images[0])


def test_what_cannot_be_read(tmp_path):
    write_image(tmp_path / "a" / "good.png", np.zeros((60, 60), np.uint8))
    write_image(tmp_path / "a" / "tiny.png", np.zeros((5, 60), np.uint8))
    (tmp_path / "a" / "cut.png").write_bytes(
        (tmp_path / "a" / "good.png").read_bytes()[:40]
    )
    paths = [tmp_path / "a" / f"{n}.png" for n in ("tiny", "good", "cut", "no")]
    for path, message in zip(
        paths,
        ("too small", None, "not a picture", "No such file"),
        strict=True,
    ):
        if message:
            with pytest.raises(
                CorpusError, match=f"^a/{path.name}: .*{message}"
            ):
                reading.read_faces([path], fer2013.INFO, tmp_path, [], False)
    notes = []
    images, kept = reading.read_faces(
        paths, fer2013.INFO, tmp_path, notes, skip_bad=True
    )
    assert (len(images), kept, len(notes)) == (1, [1], 3)
    assert notes[0].startswith("left out a/tiny.png: 60×5 pixels")
    images, _ = reading.read_faces([], fer2013.INFO, tmp_path, notes, True)
    assert images.shape == (0, 48, 48, 1)

import io
import logging
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_fer import faces
from keras_fer import inference

SAMPLE = faces.read_image(inference.sample_picture())


def pixels(size=(40, 30)):
    y, x = np.mgrid[: size[1], : size[0]]
    channels = 6 * x, 8 * y, 3 * (x + y)
    return np.stack(channels, axis=2).clip(0, 255).astype("uint8")


def png_header(width, height):
    """A PNG that says so and holds next to nothing."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        length = struct.pack(">I", len(data))
        return length + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "ppm"])
def test_plain_pictures_come_as_they_are(tmp_path, kind):
    path = tmp_path / f"picture.{kind}"
    Image.fromarray(pixels()).save(path)
    np.testing.assert_array_equal(faces.read_image(path), pixels())


def test_gray_becomes_rgb(tmp_path):
    Image.fromarray(pixels()[..., 0]).save(tmp_path / "gray.png")
    image = faces.read_image(tmp_path / "gray.png")
    np.testing.assert_array_equal(image, pixels()[..., :1].repeat(3, axis=2))


def test_transparent_parts_are_white(tmp_path):
    alpha = np.zeros((30, 40, 1), "uint8")
    alpha[:, :20] = 255
    rgba = np.concatenate([pixels(), alpha], axis=2)
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    image = faces.read_image(tmp_path / "alpha.png")
    np.testing.assert_array_equal(image[:, :20], pixels()[:, :20])
    assert (image[:, 20:] == 255).all()

    palette = Image.fromarray(pixels()).quantize(16)
    palette.info["transparency"] = palette.getpixel((0, 0))
    palette.save(tmp_path / "transparent.png", transparency=0)
    image = faces.read_image(tmp_path / "transparent.png")
    transparent = np.asarray(palette) == 0
    assert transparent.any() and (image[transparent] == 255).all()


def test_sixteen_bits_become_eight(tmp_path):
    gray = pixels()[..., 0]
    deep = Image.fromarray(gray.astype("uint16") * 257)
    for kind in ("png", "tiff"):
        deep.save(tmp_path / f"deep.{kind}")
        image = faces.read_image(tmp_path / f"deep.{kind}")
        np.testing.assert_array_equal(image[..., 1], gray)


def test_palette_and_bilevel(tmp_path):
    image = Image.fromarray(pixels()).quantize(16)
    image.save(tmp_path / "palette.png")
    expected = np.asarray(image.convert("RGB"))
    found = faces.read_image(tmp_path / "palette.png")
    np.testing.assert_array_equal(found, expected)
    Image.fromarray(pixels()[..., 0] > 99).save(tmp_path / "bilevel.png")
    found = faces.read_image(tmp_path / "bilevel.png")
    assert set(np.unique(found)) == {0, 255}


def test_cmyk(tmp_path):
    path = tmp_path / "cmyk.jpg"
    Image.fromarray(SAMPLE).convert("CMYK").save(path, quality=95)
    difference = faces.read_image(path).astype(int) - SAMPLE
    assert np.abs(difference).mean() < 3


def test_of_an_animation_the_first_frame_is_taken(tmp_path, caplog):
    frames = [Image.new("RGB", (40, 30), c) for c in ("red", "green", "blue")]
    for kind in ("gif", "png", "webp"):
        path = tmp_path / f"moving.{kind}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        with caplog.at_level(logging.WARNING):
            image = faces.read_image(path)
        assert image[0, 0, 0] > 200 and image[0, 0, 1:].max() < 50
        assert f"moving.{kind}: holds several pictures" in caplog.text


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_the_camera_says(tmp_path, orientation):
    """The face of the portrait is found in each of the eight ways."""
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(turns[orientation](SAMPLE))
    Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif)
    image = faces.read_image(tmp_path / "turned.png")
    np.testing.assert_array_equal(image, SAMPLE)


SPOILED = {
    "zero.jpg": (b"", "not a picture"),
    "text.jpg": (b"a text file\n" * 99, "not a picture"),
    "one.png": (encoded(Image.new("RGB", (1, 1)), "png"), "1×1 pixels"),
    "thin.png": (encoded(Image.new("RGB", (900, 3)), "png"), "900×3 pixels"),
    "huge.png": (png_header(20_000, 20_000), "too large, not decoded"),
    "broken.png": (png_header(500, 500), "cannot be read"),
    "float.tiff": (
        encoded(Image.fromarray(np.ones((9, 9), "float32")), "tiff"),
        "floating-point pixels",
    ),
    "deep.tiff": (
        encoded(Image.fromarray(np.full((9, 9), 99999, "int32")), "tiff"),
        "beyond 16 bits",
    ),
    "folder.jpg": (None, "cannot be read"),
} | {
    f"cut.{kind}": (
        encoded(Image.fromarray(SAMPLE), kind)[:-2000],
        "cannot be read",
    )
    for kind in ("jpeg", "png", "webp", "bmp", "tiff")
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_cannot_be_used_is_one_clear_line(tmp_path, name):
    content, message = SPOILED[name]
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(faces.InputError, match=message) as error:
        faces.read_image(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "tiff"])
def test_nothing_else_escapes_from_damaged_files(tmp_path, kind):
    """Cut and flipped at many places, a file is read or refused."""
    frames = [Image.fromarray(np.roll(SAMPLE[::8, ::8], n)) for n in range(3)]
    several = {"save_all": True, "append_images": frames[1:]}
    whole = encoded(frames[0], kind, **({} if kind == "jpeg" else several))
    draws = np.random.default_rng(0)
    path = tmp_path / f"picture.{kind}"
    refused = 0
    for number in range(300):
        content = bytearray(whole)
        if number % 2:
            del content[draws.integers(len(content)) :]
        else:
            for place in draws.integers(len(content), size=5):
                content[place] = draws.integers(256)
        path.write_bytes(content)
        try:
            image = faces.read_image(path)
            assert image.dtype == np.uint8 and image.shape[2:] == (3,)
        except faces.InputError:
            refused += 1
    assert refused > 30


def test_missing():
    with pytest.raises(faces.InputError, match="No such file"):
        faces.read_image("nowhere.jpg")


@pytest.mark.parametrize("side", [12_000, 20_000])
def test_refused_by_the_header_alone(tmp_path, side):
    """Decoded, it would take more than a gigabyte."""
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(side, side))
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(faces.InputError, match="not decoded"):
        faces.read_image(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6 and time.perf_counter() - begin < 1

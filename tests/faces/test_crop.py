import numpy as np
import pytest
from corpora import portrait_frame

from keras_fer import faces


def test_without_a_margin_the_crop_is_the_box():
    image = portrait_frame()
    crop = faces.crop_face(image, (200, 100, 48, 48), (48, 48))
    np.testing.assert_array_equal(crop, image[100:148, 200:248])


def test_the_margin_widens_the_square_on_all_sides():
    image = np.arange(100, dtype="uint8")[:, None] + np.zeros((1, 100), "uint8")
    crop = faces.crop_face(image, (40, 40, 20, 20), (30, 30), margin=0.5)
    np.testing.assert_array_equal(crop, image[35:65, 35:65])


def test_an_oblong_box_becomes_a_square_of_its_longer_side():
    image = np.arange(100, dtype="uint8")[:, None].repeat(100, axis=1)
    crop = faces.crop_face(image, (40, 30, 20, 40), (40, 40))
    np.testing.assert_array_equal(crop, image[30:70, 30:70])


def test_beyond_the_picture_border_pixels_are_repeated():
    image = np.arange(64, dtype="uint8").reshape(8, 8)
    crop = faces.crop_face(image, (-2, 4, 8, 8), (8, 8))
    assert crop[0].tolist() == [32, 32, 32, 33, 34, 35, 36, 37]
    assert (crop[4:] == crop[3]).all()


def test_color_stays_color_and_gray_keeps_its_channel():
    image = np.zeros((50, 60, 3), "uint8")
    image[..., 2] = 200
    crop = faces.crop_face(image, (5, 5, 30, 30), (24, 24))
    assert crop.shape == (24, 24, 3)
    assert (crop[..., 2] == 200).all() and not crop[..., :2].any()
    gray = faces.crop_face(image[..., :1], (5, 5, 30, 30), (24, 24))
    assert gray.shape == (24, 24, 1)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 0, 9),
        (90, 0, 9, 9),
        (0, -20, 9, 9),
        (5, 5, 9, -1),
        (59.7, 0, 9, 9),
        (0, 0, 1e12, 9),
        (0, 0, float("inf"), 9),
        (float("nan"), 0, 9, 9),
    ],
)
def test_a_box_outside_the_picture_is_refused(box):
    with pytest.raises(ValueError, match="picture of 60×50 pixels. Received"):
        faces.crop_face(np.zeros((50, 60), "uint8"), box, (48, 48))


def test_shrinking_takes_area_means():
    """Nearest or bilinear would alias: every other column is bright."""
    image = np.zeros((96, 96), "uint8")
    image[:, ::2] = 200
    assert (faces.resize_face(image, (48, 48)) == 100).all()


def test_a_crop_of_the_right_size_is_left_as_it_is():
    image = portrait_frame()[:48, :48]
    assert faces.resize_face(image, (48, 48)) is image
    assert faces.resize_face(image, (96, 60)).shape == (96, 60)


def test_a_fitted_face_keeps_its_proportions():
    """A circle stays a circle, whichever side is longer."""
    y, x = np.mgrid[:181, :143]
    circle = (y - 90) ** 2 + (x - 71) ** 2 < 60**2
    tall = np.repeat(255 * circle[..., None].astype(np.uint8), 3, axis=2)
    for image in (tall, tall.swapaxes(0, 1)):
        fitted = faces.fit_face(image, (48, 48, 1))
        assert fitted.shape == (48, 48, 1)
        rows, columns = (
            (fitted[..., 0] > 127).any(axis=1),
            (fitted[..., 0] > 127).any(axis=0),
        )
        assert rows.sum() == columns.sum() == pytest.approx(40, abs=1)
        assert abs(rows.nonzero()[0].mean() - 23.5) <= 1
    wide = faces.fit_face(tall, (30, 60, 3))
    assert wide.shape == (30, 60, 3)


def test_channels():
    gray = np.arange(64, dtype=np.uint8).reshape(8, 8)
    color = faces.to_channels(gray, 3)
    np.testing.assert_array_equal(color, gray[..., None].repeat(3, axis=2))
    np.testing.assert_array_equal(faces.to_channels(color, 1), gray[..., None])
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    assert faces.to_channels(red, 1)[0, 0, 0] == 76  # .299 of red


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((8, 8)), "must be uint8.*float64"),
        (np.zeros((8, 8, 4), np.uint8), r"\(8, 8, 4\)"),
        (np.zeros((1, 8, 8, 3), np.uint8), "must be uint8"),
        (np.zeros((7, 9), np.uint8), "at least 8 pixels"),
    ],
)
def test_fitting_refuses(image, message):
    with pytest.raises(ValueError, match=f"`crop` .*{message}"):
        faces.fit_face(image, (48, 48, 1), "crop")


def test_cut_by_a_loop():
    """Each pixel is that of the picture nearest to its place."""
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), "uint8")
    for top, left, height, width in (
        (1, 2, 3, 4),
        (-3, -2, 5, 14),
        (6, 8, 4, 4),
    ):
        crop = faces.cut(image, (top, left, height, width))
        assert crop.shape == (height, width, 3)
        for row in range(height):
            for column in range(width):
                y = min(max(top + row, 0), 6)
                x = min(max(left + column, 0), 8)
                assert (crop[row, column] == image[y, x]).all()


def test_a_crop_is_a_copy():
    image = np.zeros((20, 20), "uint8")
    faces.crop_face(image, (2, 2, 8, 8), (8, 8))[:] = 255
    assert not image.any()


def test_the_middle_keeps_proportions():
    assert faces.middle((181, 143), (48, 48)) == (19, 0, 143, 143)
    assert faces.middle((100, 300), (50, 100)) == (0, 50, 100, 200)

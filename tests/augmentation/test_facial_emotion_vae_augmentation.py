import cv2
import numpy as np
import pytest

from keras_fer.augmentation import FacialEmotionVAEAugmentation


def smooth(count, side=48):
    coarse = np.random.default_rng(0).uniform(40, 90, (6, 6)).astype("float32")
    image = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.repeat(image[None, ..., None], count, axis=0)


def test_exactly_one_of_three_equally_often():
    images = smooth(900)
    # Without turns by 0 degrees, which change nothing.
    augment = FacialEmotionVAEAugmentation(rotation_degrees=(3, 4), flip=False)
    augmented = augment(images, seed=(0, 0)).numpy()
    # What is moved is no function of the gray levels any more.
    brighter = np.array(
        [
            np.corrcoef(x.ravel()[dark], y.ravel()[dark])[0, 1] > 0.9999
            for x, y in zip(images, augmented, strict=True)
            for dark in [y.ravel() < 254.9]
        ]
    )
    assert 240 < brighter.sum() < 360
    # x * a + b by hand: a line through the gray levels of each image.
    for image, after in zip(images[brighter], augmented[brighter], strict=True):
        x, y = image.ravel(), after.ravel()
        below = y < 254.9
        slope, offset = np.polyfit(x[below], y[below], 1)
        assert 1 <= slope <= 2.5 and 9.9 <= offset <= 89.1
        assert abs(offset - round(offset)) < 0.05
        fit = np.minimum(slope * x + offset, 255)
        np.testing.assert_allclose(y, fit, atol=0.05)


def corners(size, draws):
    """Where OpenCV brings an image whose corners move."""
    last = size - 1
    start = np.float32([[0, 0], [0, last], [last, 0], [last, last]])
    return start, np.float32(start + draws)


@pytest.mark.parametrize("degrees", [-5, -2, 4])
def test_turns_as_opencv_does(degrees):
    images = smooth(200, 49)
    augment = FacialEmotionVAEAugmentation(
        contrast=(1.0, 1.0),
        brightness=(100, 100),
        perspective=0.0,
        rotation_degrees=(degrees, degrees),
        flip=False,
    )
    augmented = augment(images, seed=(0, 0)).numpy()[..., 0]
    matrix = cv2.getRotationMatrix2D((24, 24), degrees, 1)
    expected = cv2.warpAffine(images[0, ..., 0], matrix, (49, 49))
    inside = slice(5, -5)
    errors = np.abs(augmented - expected)[:, inside, inside].max(axis=(1, 2))
    assert 40 < (errors < 1).sum() < 95


def test_a_perspective_moves_corners_by_no_more_than_a_sixteenth():
    images = np.full((400, 64, 64, 1), 200.0, "float32")
    augment = FacialEmotionVAEAugmentation(
        contrast=(1.0, 1.0), brightness=(55, 55), rotation_degrees=(0, 0)
    )
    augmented = augment(images, seed=(0, 0)).numpy()[..., 0]
    black = augmented < 1
    moved = black.any(axis=(1, 2))
    assert 80 < moved.sum() < 150  # a third, but for those whose corners grow
    assert black[:, 5:-5, 5:-5].sum() == 0
    assert black[:, 2].any() and black[:, :, 2].any()


def test_half_are_mirrored():
    images = np.zeros((400, 16, 16, 1), "float32")
    images[:, :, :8] = 100
    augmented = FacialEmotionVAEAugmentation()(images, seed=(0, 0)).numpy()
    mirrored = augmented[:, 8, 12, 0] > augmented[:, 8, 3, 0]
    assert 150 < mirrored.sum() < 250


@pytest.mark.parametrize(
    "wrong",
    [{"contrast": (0.0, 1.0)}, {"brightness": (9, 1)}, {"perspective": 2.0}],
)
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}="):
        FacialEmotionVAEAugmentation(**{name: value})

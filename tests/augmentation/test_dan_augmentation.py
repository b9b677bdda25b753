import numpy as np
import pytest

from keras_fer.augmentation import DANAugmentation

STILL = {"move_rate": 0.0, "flip": False}


def test_erased_rectangles_by_area_shape_and_rate():
    images = np.zeros((1000, 64, 64, 3), "float32")
    augmented = DANAugmentation(**STILL)(images, seed=(0, 0)).numpy()
    erased = augmented[..., 0] > 0
    area = erased.mean(axis=(1, 2))
    assert 440 < (area > 0).sum() < 560
    area = area[area > 0]
    assert 0.012 < area.min() < 0.03 and 0.2 < area.max() < 0.27
    some = erased[erased.any(axis=(1, 2))]
    rows, columns = some.any(axis=2).sum(1), some.any(axis=1).sum(1)
    assert (some.sum(axis=(1, 2)) == rows * columns).all()
    ratio = np.log(rows / columns)
    assert np.log(0.25) < ratio.min() < np.log(0.5)
    assert np.log(2) < ratio.max() < np.log(4)
    assert abs(np.median(ratio)) < 0.2
    # The mean of ImageNet, channel by channel.
    pixel = augmented[erased][0]
    np.testing.assert_allclose(pixel, [123.675, 116.28, 103.53], rtol=1e-5)


def test_gray_is_filled_with_gray():
    augment = DANAugmentation(erasing_rate=1.0, **STILL)
    augmented = augment(np.zeros((4, 32, 32, 1)), seed=(0, 0)).numpy()
    assert np.isclose(augmented.max(), 117.04, atol=0.1)


def test_a_fifth_of_the_images_moves():
    images = np.zeros((1000, 33, 33, 1), "float32")
    images[:, 16, 16] = 255
    augment = DANAugmentation(erasing_rate=0.0)
    moved = augment(images, seed=(0, 0)).numpy()[:, 16, 16, 0] < 250
    assert 150 < moved.sum() < 250


def test_a_padded_crop_is_a_shift():
    images = np.zeros((500, 56, 56, 1), "float32")
    images[:, 28, 28] = 255
    augment = DANAugmentation(
        rotation_degrees=0.0,
        shift=8 / 56,
        move_rate=1.0,
        flip=False,
        erasing_rate=0.0,
    )
    augmented = augment(images, seed=(0, 0)).numpy()[..., 0]
    places = np.array(
        [np.unravel_index(a.argmax(), a.shape) for a in augmented]
    )
    assert (np.abs(places - 28).max(axis=0) == 8).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": (2.0, 1.0)},
        {"erased_area": (0.0, 0.1)},
        {"move_rate": 1.1},
        {"erasing_rate": -1.0},
    ],
)
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}="):
        DANAugmentation(**{name: value})

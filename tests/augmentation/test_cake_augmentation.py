import numpy as np
import pytest

from keras_fer.augmentation import CAKEAugmentation

STILL = {"rotation_degrees": 0.0, "shift": 0.0, "scale": (1.0, 1.0)}


def test_one_square_of_45_pixels_in_224():
    images = np.zeros((40, 224, 224, 3), "float32")
    augmented = CAKEAugmentation(**STILL)(images, seed=(0, 0)).numpy()
    covered = augmented[..., 0] == 127.5
    rows, columns = covered.any(axis=2).sum(1), covered.any(axis=1).sum(1)
    assert (covered.sum(axis=(1, 2)) == rows * columns).all()  # one rectangle
    assert rows.max() == columns.max() == 45
    # Its middle is anywhere, so that some reach beyond the border.
    whole = ((rows == 45) & (columns == 45)).mean()
    assert 0.4 < whole < 0.9
    assert (augmented[~covered] == 0).all()


def test_its_size_follows_the_image():
    augmented = CAKEAugmentation(**STILL)(np.zeros((99, 112, 112, 1)))
    covered = (np.asarray(augmented) == 127.5).any(axis=2).sum(axis=1)
    assert covered.max() in (22, 23)


def test_a_share_of_the_images_is_covered():
    augment = CAKEAugmentation(cutout_rate=0.25, fill=9.0, **STILL)
    augmented = augment(np.zeros((400, 16, 16, 1)), seed=(0, 0)).numpy()
    assert 70 < (augmented == 9).any(axis=(1, 2, 3)).sum() < 130


def test_it_does_not_mirror_unless_asked():
    """The paper does not mention it."""
    image = np.zeros((50, 16, 16, 1), "float32")
    image[:, :, :8] = 255
    for flip in (False, True):
        augment = CAKEAugmentation(cutout_rate=0.0, flip=flip, **STILL)
        augmented = augment(image, seed=(0, 0)).numpy()
        mirrored = augmented[:, 8, 12, 0] > 100
        assert mirrored.any() == flip


@pytest.mark.parametrize(
    "wrong", [{"scale": (1.2, 0.8)}, {"cutout": 1.5}, {"cutout_rate": -0.1}]
)
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}="):
        CAKEAugmentation(**{name: value})

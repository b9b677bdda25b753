import numpy as np
import pytest

from keras_fer.augmentation import DAFCNNAugmentation


def test_a_face_goes_no_farther_than_its_ranges():
    images = np.zeros((200, 41, 41, 1), "float32")
    images[:, 20, 20] = 255
    augment = DAFCNNAugmentation(rotation_degrees=0.0, scale=(1.0, 1.0))
    augmented = augment(images, seed=(0, 0)).numpy()[..., 0]
    places = np.array(
        [np.unravel_index(a.argmax(), a.shape) for a in augmented]
    )
    far = np.abs(places - 20).max(axis=0)
    assert (far >= 3).all() and (far <= 5).all()  # a tenth of 41


def test_nothing_allowed_changes_nothing():
    images = np.random.default_rng(0).uniform(0, 255, (4, 12, 12, 1))
    still = DAFCNNAugmentation(
        rotation_degrees=0.0, shift=0.0, scale=(1.0, 1.0), flip=False
    )
    np.testing.assert_allclose(still(images), images, atol=1e-3)


@pytest.mark.parametrize("wrong", [{"scale": (0.0, 1.0)}, {"shift": 2.0}])
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}="):
        DAFCNNAugmentation(**{name: value})

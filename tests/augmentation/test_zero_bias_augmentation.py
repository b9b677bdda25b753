import numpy as np
import pytest

from keras_fer.augmentation import ZeroBiasAugmentation

STILL = {
    "rotation_degrees": 0.0,
    "scale": (1.0, 1.0),
    "flip": False,
    "gamma": (1.0, 1.0),
}


def faces(size=4, side=12):
    # The full range, so that stretching changes nothing.
    images = np.random.default_rng(0).uniform(0, 255, (size, side, side, 1))
    images[:, 5, 5], images[:, 6, 6] = 0, 255
    return images.astype("float32")


def test_nothing_allowed_changes_nothing():
    augment = ZeroBiasAugmentation(**STILL)
    np.testing.assert_allclose(augment(faces()), faces(), atol=1e-3)


def test_flips_about_half_of_the_images_each_as_a_whole():
    images = faces(400)
    augmented = ZeroBiasAugmentation(**{**STILL, "flip": True})(
        images, seed=(3, 4)
    ).numpy()
    kept = np.abs(augmented - images).max(axis=(1, 2, 3)) < 1e-2
    turned = np.abs(augmented - images[:, :, ::-1]).max(axis=(1, 2, 3)) < 1e-2
    assert np.all(kept ^ turned)
    assert 150 < turned.sum() < 250


def test_zooming_in_by_two_shows_a_window_inside_the_image():
    """A ramp stays a ramp: only the outermost pixel can reach beyond it."""
    ramp = np.broadcast_to(np.arange(20.0)[:, None] * 12, (50, 20, 20, 1))
    augment = ZeroBiasAugmentation(**{**STILL, "scale": (0.5, 0.5)})
    augmented = augment(ramp, seed=(0, 0)).numpy()[:, 1:-1, 1:-1, 0]
    slopes = np.diff(augmented, axis=2)
    assert np.ptp(slopes, axis=(1, 2)).max() < 0.1
    assert slopes.min() > 10


def test_zooming_out_by_two_leaves_the_whole_image_on_black():
    """The image covers a quarter of the frame wherever it is shifted."""
    images = np.full((50, 20, 20, 1), 255.0, "float32")
    augment = ZeroBiasAugmentation(**{**STILL, "scale": (2.0, 2.0)})
    augmented = augment(images, seed=(0, 0)).numpy()
    share = (augmented / 255).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(share, 0.25, atol=0.03)
    rows = augmented.max(axis=2)[..., 0].argmax(axis=1)
    assert len(set(rows.tolist())) > 5


def test_rotates_about_the_center_by_at_most_the_angle():
    images = np.zeros((64, 41, 41, 1), "float32")
    images[:, 20, 20:41] = 255  # a hand that points right
    augment = ZeroBiasAugmentation(**{**STILL, "rotation_degrees": 30.0})
    augmented = augment(images, seed=(0, 0)).numpy()[..., 0]
    assert augmented[:, 20, 20].min() > 100
    rows, columns = np.mgrid[:41, :41] - 20
    far = augmented * (rows**2 + columns**2 > 150)
    angles = np.degrees(
        np.arctan2((far * rows).sum((1, 2)), (far * columns).sum((1, 2)))
    )
    assert 25 < np.abs(angles).max() < 31
    assert abs(angles.mean()) < 6


def test_gamma_and_stretch_by_hand():
    augment = ZeroBiasAugmentation(**{**STILL, "gamma": (2.0, 2.0)})
    images = np.array([51.0, 102, 153, 204], "float32").reshape(1, 2, 2, 1)
    squares = np.array([0.04, 0.16, 0.36, 0.64])
    expected = 255 * (squares - 0.04) / 0.6
    np.testing.assert_allclose(np.ravel(augment(images)), expected, rtol=1e-4)


def test_equals_the_published_gamma_with_any_gain_and_offset():
    """x ** a * b + c, then stretched: b and c cancel."""
    augment = ZeroBiasAugmentation(**{**STILL, "gamma": (1.7, 1.7)})
    published = (faces() / 255) ** 1.7 * 1.3 - 0.07
    low = published.min(axis=(1, 2, 3), keepdims=True)
    high = published.max(axis=(1, 2, 3), keepdims=True)
    expected = 255 * (published - low) / (high - low)
    np.testing.assert_allclose(augment(faces()), expected, atol=0.01)


def test_blank_images_stay_finite():
    augmented = ZeroBiasAugmentation(**STILL)(np.full((1, 8, 8, 1), 77.0))
    assert np.abs(augmented).max() == 0


@pytest.mark.parametrize(
    "wrong", [{"scale": (0.0, 1.0)}, {"gamma": (3.0, 2.0)}]
)
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}="):
        ZeroBiasAugmentation(**{name: value})

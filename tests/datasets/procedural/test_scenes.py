import numpy as np
import pytest

from keras_fer import faces
from keras_fer.datasets import procedural


def test_one_seed_one_scene():
    one, same, other = (procedural.draw_scene(s, people=2) for s in (4, 4, 5))
    np.testing.assert_array_equal(one.image, same.image)
    np.testing.assert_array_equal(one.boxes, same.boxes)
    assert not np.array_equal(one.image, other.image)
    assert one.image.shape == (480, 640, 3) and one.image.dtype == np.uint8


@pytest.mark.parametrize("people", range(5))
def test_faces_are_whole_and_apart(people):
    scene = procedural.draw_scene(7, people=people, size=(300, 700))
    assert scene.boxes.shape == (people, 4)
    assert scene.landmarks.shape == (people, 5, 2)
    left, top, width, height = scene.boxes.T
    assert (left >= 0).all() and (left + width <= 700).all()
    assert (top + height / 2 >= 0).all() and (top < 300).all()
    if people > 1:
        assert (np.diff(np.sort(left)) > width.min()).all()
    inside = scene.landmarks - scene.boxes[:, None, :2]
    assert (inside > 0).all() and (inside < scene.boxes[:, None, 2:]).all()


def test_boxes_frame_faces_as_the_detector_does():
    """FER2013 is framed as the Haar cascade frames: 0.98 to 1.1 of its box."""
    ratios = []
    for seed in range(12):
        scene = procedural.draw_scene(seed, side=(120, 200), roll=0)
        found = faces.detect_faces(scene.image)
        if len(found):
            ratios.append(scene.boxes[0, 2] / found.boxes[0, 2])
    assert len(ratios) >= 9
    assert 0.85 < np.median(ratios) < 1.15


def test_nothing_is_left_of_the_square_that_a_face_was_drawn_in():
    """The picture goes on smoothly where the face's own ground ends."""
    scene = procedural.draw_scene(2, side=(150, 160), roll=0)
    left, top, side, _ = scene.boxes[0]
    ground = side / 0.45
    x = round(left - (ground - side) / 2)
    y = round(top + side / 4)
    if 4 < x < 630:
        before, after = (
            scene.image[y - 20 : y, x + d].astype(float).mean(axis=0)
            for d in (-3, 3)
        )
        assert np.abs(before - after).max() < 12


def test_refuses():
    with pytest.raises(ValueError, match="`people` must be 0 to 4"):
        procedural.draw_scene(0, people=5)
    with pytest.raises(ValueError, match="`domain` must be one of"):
        procedural.draw_scene(0, domain="mars")

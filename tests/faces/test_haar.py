import cv2
import numpy as np
import pytest
from corpora import portrait_frame

from keras_fer.faces import detect_faces


def test_finds_the_face_of_a_portrait():
    boxes, *_ = detect_faces(portrait_frame(), min_share=0.3)
    assert len(boxes) == 1
    left, top, width, height = boxes[0]
    # The eyes of the portrait lie at about (285, 195) and (390, 190).
    assert left < 285 < 390 < left + width
    assert top < 190 < top + height / 2


def test_the_largest_face_comes_first():
    frame = portrait_frame()
    small = cv2.resize(frame, None, fx=0.5, fy=0.5)
    both = np.full((490, 1000), 128, np.uint8)
    both[100:345, 660:980] = small
    both[:, :640] = frame
    boxes, *_ = detect_faces(both, scale_factor=1.1, min_share=0.15)
    areas = boxes[:, 2] * boxes[:, 3]
    assert len(boxes) >= 2
    assert (np.diff(areas) <= 0).all()


def test_faces_beyond_the_sizes_are_not_reported():
    frame = portrait_frame()
    assert len(detect_faces(frame, min_share=0.9)[0]) == 0
    assert len(detect_faces(frame, max_share=0.2)[0]) == 0


@pytest.mark.parametrize(
    "image", [np.zeros((9, 9, 2), "uint8"), np.zeros((9, 9), "float32")]
)
def test_refuses_what_is_neither_gray_nor_rgb(image):
    with pytest.raises(ValueError, match="Received: (uint8|float32) of shape"):
        detect_faces(image)


def test_scores_are_the_overlapping_hits():
    _, few, _ = detect_faces(portrait_frame(), scale_factor=1.3)
    _, many, _ = detect_faces(portrait_frame(), scale_factor=1.05)
    assert 5 <= few[0] < many[0]


def test_a_shrunk_copy_gives_boxes_of_the_picture():
    large = cv2.resize(portrait_frame(), None, fx=3, fy=3)
    boxes, *_ = detect_faces(large, scale_factor=1.1, max_side=640)
    expected, *_ = detect_faces(portrait_frame(), scale_factor=1.1)
    np.testing.assert_allclose(boxes[0], 3 * expected[0], atol=12)
    # No enlargement where the picture is smaller.
    again, *_ = detect_faces(portrait_frame(), scale_factor=1.1, max_side=4000)
    np.testing.assert_array_equal(again, expected)


def test_color_is_searched_as_gray():
    gray = portrait_frame()
    color = np.repeat(gray[..., None], 3, axis=2)
    for one, other in zip(detect_faces(gray), detect_faces(color), strict=True):
        np.testing.assert_array_equal(one, other)


def test_pictures_below_the_cascade_have_no_face():
    for shape in ((1, 1), (23, 23), (1, 500)):
        boxes, scores, _ = detect_faces(np.zeros(shape, "uint8"))
        assert boxes.shape == (0, 4) and scores.shape == (0,)

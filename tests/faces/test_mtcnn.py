import numpy as np
import pytest
from corpora import portrait_frame

from keras_fer.faces.mtcnn import detect_mtcnn


def test_unsure_and_small_faces_can_be_left_out():
    frame = portrait_frame()
    found = detect_mtcnn(frame)
    assert 0.9 <= found.scores[0] <= 1
    assert len(detect_mtcnn(frame, min_score=1.0)) == 0
    assert len(detect_mtcnn(frame, min_side=400)) == 0


def test_gray_is_read_as_color():
    gray = portrait_frame()
    color = np.repeat(gray[..., None], 3, axis=2)
    for one, other in zip(detect_mtcnn(gray), detect_mtcnn(color), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(1, 1), (10, 12), (11, 300)])
def test_pictures_below_its_window_have_no_face(shape):
    assert len(detect_mtcnn(np.zeros(shape, "uint8"))) == 0


def test_refuses_other_pixels():
    with pytest.raises(ValueError, match="Received: float32"):
        detect_mtcnn(np.zeros((90, 90), "float32"))

import numpy as np
import pytest
from corpora import portrait_frame

from keras_fer import faces
from keras_fer.datasets import procedural


@pytest.mark.parametrize("detector", faces.DETECTORS)
def test_both_detectors_answer_alike(detector):
    """The same call, the same shapes, the same face of the portrait."""
    found = faces.detect_faces(portrait_frame(), detector)
    assert len(found) == len(found.boxes) == len(found.scores) == 1
    left, top, width, height = found.boxes[0]
    # The eyes of the portrait lie at about (285, 195) and (390, 190).
    assert left < 285 < 390 < left + width
    assert top < 190 < top + height / 2
    assert found.landmarks.shape == (1, 5, 2)
    none = faces.detect_faces(np.zeros((60, 80), "uint8"), detector)
    assert none.boxes.shape == (0, 4) and none.landmarks.shape == (0, 5, 2)


@pytest.mark.parametrize("detector", faces.DETECTORS)
def test_faces_of_a_scene_are_found_where_they_are(detector):
    scene = procedural.draw_scene(3, people=3, side=(100, 160))
    found = faces.detect_faces(scene.image, detector)
    areas = found.boxes[:, 2] * found.boxes[:, 3]
    assert (np.diff(areas) <= 0).all()
    middles = found.boxes[:, :2] + found.boxes[:, 2:] / 2
    for box in scene.boxes:
        distance = np.abs(middles - box[:2] - box[2:] / 2).max(axis=1)
        assert distance.min() < box[2] / 4


def test_landmarks_are_those_of_the_picture():
    """Left is left in the picture; a copy that is searched is no other."""
    scene = procedural.draw_scene(1, people=1, side=(220, 260))
    large = np.repeat(np.repeat(scene.image, 3, axis=0), 3, axis=1)
    for image, factor in ((scene.image, 1), (large, 3)):
        found = faces.detect_faces(image, "mtcnn")
        truth = factor * scene.landmarks[0]
        eyes = np.linalg.norm(truth[1] - truth[0])
        error = np.linalg.norm(found.landmarks[0] - truth, axis=1) / eyes
        assert error.max() < 0.2
    assert np.isnan(faces.detect_faces(scene.image).landmarks).all()


def test_an_unknown_detector_is_refused():
    with pytest.raises(ValueError, match="haar, mtcnn. Received: 'dlib'"):
        faces.detect_faces(portrait_frame(), "dlib")

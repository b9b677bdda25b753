"""Faces in a picture, by whichever detector."""

from typing import NamedTuple

import numpy as np

DETECTORS = ("haar", "mtcnn")
MAX_SIDE = 1024  # longer side of the copy in which faces are searched


class Detections(NamedTuple):
    """The faces of one picture, the largest first.

    Args:
        boxes: int `(faces, 4)`: left, top, width, height in pixels.
        scores: `(faces,)`, more is surer: overlapping hits of the Haar
            cascade, a probability of MTCNN.
        landmarks: float `(faces, 5, 2)`, x and y in pixels of left eye, right
            eye, tip of the nose, left and right corner of the mouth, left and
            right as in the picture; NaN where the detector does not know them.
    """

    boxes: np.ndarray
    scores: np.ndarray
    landmarks: np.ndarray

    def __len__(self):
        return len(self.boxes)


def detect_faces(
    image: np.ndarray, detector: str = "haar", **options
) -> Detections:
    """Find the faces of a picture.

    Args:
        image: uint8 `(height, width)` or `(height, width, 1 or 3)`, gray or
            RGB, in `[0, 255]`.
        detector: `"haar"`, fast, or `"mtcnn"`, with landmarks; it imports
            TensorFlow.
        options: arguments of `detect_haar` or `detect_mtcnn`.

    Returns:
        The `Detections`, empty if there is no face.

    Raises:
        ValueError: there is no such detector, or the image is of another kind.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> found = faces.detect_faces(np.zeros((64, 64), "uint8"))
    >>> found.boxes.shape, found.landmarks.shape
    ((0, 4), (0, 5, 2))
    """
    if detector not in DETECTORS:
        raise ValueError(
            f"`detector` must be one of {', '.join(DETECTORS)}. Received: "
            f"{detector!r}"
        )
    if detector == "mtcnn":
        from keras_fer.faces.mtcnn import detect_mtcnn as detect
    else:
        from keras_fer.faces.haar import detect_haar as detect
    return detect(image, **options)


def sort(boxes, scores, landmarks) -> Detections:
    """Put the largest face first."""
    order = np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")
    return Detections(boxes[order], scores[order], landmarks[order])

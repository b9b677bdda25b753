"""Face detection with MTCNN, which also finds five landmarks."""

import functools

import numpy as np

from keras_fer.faces.crop import to_channels
from keras_fer.faces.detect import MAX_SIDE
from keras_fer.faces.detect import Detections
from keras_fer.faces.detect import sort

_LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def detect_mtcnn(
    image: np.ndarray,
    *,
    min_score: float = 0.9,
    min_side: int = 20,
    max_side: int | None = MAX_SIDE,
) -> Detections:
    """Find the faces of a picture and their landmarks.

    Args:
        image: uint8 `(height, width)` or `(height, width, 1 or 3)`, gray or
            RGB, in `[0, 255]`.
        min_score: least probability of a face.
        min_side: smallest face in pixels of the picture that is searched.
        max_side: search a copy of at most this many pixels on the longer
            side: time grows with the area.

    Returns:
        `Detections`. Boxes reach from the hairline to the chin and may reach
        beyond the picture.

    Raises:
        ValueError: the image is not 8-bit gray or RGB.

    Example:

    >>> import matplotlib
    >>> from keras_fer import faces
    >>> photo = f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg"
    >>> found = faces.detect_faces(faces.read_image(photo), "mtcnn")
    >>> found.landmarks.shape
    (1, 5, 2)

    Reference:
        - [Zhang et al., 2016](https://arxiv.org/abs/1604.02878), with the
          weights of https://github.com/ipazc/mtcnn.
    """
    import cv2

    image = to_channels(image, 3)
    height, width = image.shape[:2]
    scale = max(1, max(height, width) / max_side) if max_side else 1
    if scale > 1:
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    found = [
        face
        for face in _network().detect_faces(
            image, fit_to_image=False, min_face_size=min_side
        )
        if face["confidence"] >= min_score
    ]
    boxes = np.array([face["box"] for face in found], float).reshape(-1, 4)
    landmarks = np.array(
        [[face["keypoints"][name] for name in _LANDMARKS] for face in found],
        float,
    ).reshape(-1, len(_LANDMARKS), 2)
    return sort(
        (scale * boxes).round().astype(int),
        np.array([face["confidence"] for face in found], float),
        # Pixels are counted from their centers.
        scale * (landmarks + 0.5) - 0.5,
    )


@functools.cache
def _network():
    from mtcnn import MTCNN

    return MTCNN()

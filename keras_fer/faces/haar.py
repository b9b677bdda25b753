"""Face detection with the Haar cascade that comes with OpenCV."""

import functools
import os

import numpy as np


def detect_faces(
    image: np.ndarray,
    *,
    scale_factor: float = 1.3,
    min_neighbors: int = 5,
    min_share: float = 0.0,
    max_share: float = 1.0,
) -> np.ndarray:
    """Find the upright frontal faces of a gray image.

    Args:
        image: uint8 `(height, width)`, in `[0, 255]`.
        scale_factor: step between two sizes that are searched.
        min_neighbors: overlapping hits that make a face.
        min_share: smallest face, as a share of the image's shorter side.
        max_share: largest face, likewise.

    Returns:
        int array `(faces, 4)`: left, top, width, height in pixels, the
        largest face first.

    Raises:
        ValueError: the image is not 8-bit gray.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.detect_faces(np.zeros((64, 64), "uint8")).shape
    (0, 4)

    Reference:
        - [Viola and Jones, 2001](https://doi.org/10.1109/CVPR.2001.990517);
          the defaults are those of the zero-bias CNN's data script.
    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(
            "`image` must be uint8 of shape (height, width). Received: "
            f"{image.dtype} of shape {image.shape}"
        )
    shorter = min(image.shape)
    boxes = _cascade().detectMultiScale(
        image,
        scaleFactor=scale_factor,
        minNeighbors=min_neighbors,
        minSize=(round(min_share * shorter),) * 2,
        maxSize=(round(max_share * shorter),) * 2,
    )
    boxes = np.array(boxes, dtype=int).reshape(-1, 4)
    return boxes[np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")]


@functools.cache
def _cascade():
    import cv2

    name = "haarcascade_frontalface_default.xml"
    return cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, name))

"""Face detection with the Haar cascade that comes with OpenCV."""

import functools
import os
import threading

import numpy as np

from keras_fer.faces.crop import to_channels
from keras_fer.faces.detect import MAX_SIDE
from keras_fer.faces.detect import Detections
from keras_fer.faces.detect import sort


def detect_haar(
    image: np.ndarray,
    *,
    scale_factor: float = 1.1,
    min_neighbors: int = 5,
    min_share: float = 0.0,
    max_share: float = 1.0,
    max_side: int | None = MAX_SIDE,
) -> Detections:
    """Find the upright frontal faces of a picture.

    Args:
        image: uint8 `(height, width)` or `(height, width, 1 or 3)`, gray or
            RGB, in `[0, 255]`.
        scale_factor: step between two sizes that are searched.
        min_neighbors: overlapping hits that make a face.
        min_share: smallest face, as a share of the image's shorter side. No
            face below 24 pixels is found.
        max_share: largest face, likewise.
        max_side: search a copy of at most this many pixels on the longer
            side: time grows with the area.

    Returns:
        `Detections`. Scores are the numbers of overlapping hits, at least
        `min_neighbors`; landmarks are not known.

    Raises:
        ValueError: the image is not 8-bit gray or RGB.

    Example:

    >>> import numpy as np
    >>> from keras_fer.faces.haar import detect_haar
    >>> len(detect_haar(np.zeros((64, 64), "uint8")))
    0

    Reference:
        - [Viola and Jones, 2001](https://doi.org/10.1109/CVPR.2001.990517)
    """
    import cv2

    image = to_channels(image, 1)[..., 0]
    scale = max(image.shape) / max_side if max_side else 1
    if scale > 1:
        height, width = (max(1, round(s / scale)) for s in image.shape)
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    else:
        small, scale = image, 1
    shorter = min(small.shape)
    boxes, scores = _loaded.cascade.detectMultiScale2(
        small,
        scaleFactor=scale_factor,
        minNeighbors=min_neighbors,
        minSize=(round(min_share * shorter),) * 2,
        maxSize=(round(max_share * shorter),) * 2,
    )
    boxes = np.array(boxes, dtype=float).reshape(-1, 4) * scale
    boxes = boxes.round().astype(int)
    scores = np.array(scores, dtype=int).reshape(-1)
    return sort(boxes, scores, np.full((len(boxes), 5, 2), np.nan))


class _Loaded(threading.local):
    """The cascade, one a thread: it keeps the picture that it searches."""

    @functools.cached_property
    def cascade(self):
        import cv2

        name = "haarcascade_frontalface_default.xml"
        return cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, name))


_loaded = _Loaded()

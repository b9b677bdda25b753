"""Faces turned upright and brought to one place by their landmarks."""

import numpy as np

from keras_fer.faces.crop import resize_face

# Left eye, right eye, tip of the nose, corners of the mouth: x and y as shares
# of the side, for 112 pixels in https://github.com/deepinsight/insightface.
# Pixels are counted from their centers there.
TEMPLATE = (
    np.array(
        [
            [38.2946, 51.6963],
            [73.5318, 51.5014],
            [56.0252, 71.7366],
            [41.5493, 92.3655],
            [70.7299, 92.2041],
        ]
    )
    + 0.5
) / 112

TRANSFORMS = ("similarity", "affine")


def align_face(
    image: np.ndarray,
    landmarks: np.ndarray,
    size: tuple[int, int],
    *,
    transform: str = "similarity",
    margin: float = 0.0,
    template: np.ndarray = TEMPLATE,
) -> np.ndarray:
    """Warp a picture so that a face's landmarks lie where a template has them.

    Args:
        image: uint8 `(height, width)` or `(height, width, channels)`.
        landmarks: `(5, 2)`, or `(2, 2)` to align by the eyes alone: x and y in
            pixels, in the order of `Detections.landmarks`.
        size: height and width of the result in pixels, equal.
        transform: `"similarity"` turns, scales and shifts; `"affine"` also
            stretches and shears (five landmarks).
        margin: how much longer the side of what is shown is than the
            template's, as a share.
        template: `(5, 2)`, where the landmarks shall lie, as shares of the
            side.

    Returns:
        uint8 `(*size)` or `(*size, channels)`. Beyond the picture the pixels
        at its border are repeated.

    Raises:
        ValueError: landmarks or template have another shape, are no numbers or
            fall into one place; there is no such transform.

    Example:

    >>> import matplotlib
    >>> from keras_fer import faces
    >>> photo = f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg"
    >>> image = faces.read_image(photo)
    >>> eyes = [(232, 180), (305, 183)]
    >>> faces.align_face(image, eyes, (96, 96)).shape
    (96, 96, 3)
    """
    import cv2

    matrix = alignment(
        landmarks,
        size,
        transform=transform,
        margin=margin,
        template=template,
    )
    # Shrinking by more than two would skip pixels, so area means come first.
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if scale < 0.5:
        rows, columns = image.shape[:2]
        smaller = tuple(max(1, round(2 * scale * s)) for s in (rows, columns))
        image = resize_face(image, smaller)
        stretch = np.diag([columns / smaller[1], rows / smaller[0], 1])
        # Pixels are counted from their centers.
        stretch[:2, 2] = (stretch.diagonal()[:2] - 1) / 2
        matrix = matrix @ stretch
    warped = cv2.warpAffine(
        image,
        matrix,
        size[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return warped.reshape(*size, *image.shape[2:])


def alignment(
    landmarks: np.ndarray,
    size: tuple[int, int],
    *,
    transform: str = "similarity",
    margin: float = 0.0,
    template: np.ndarray = TEMPLATE,
) -> np.ndarray:
    """Fit the warp of `align_face`, by least squares.

    Args: those of `align_face`.

    Returns:
        `(2, 3)`: x and y in the picture, and 1, to x and y in the result.

    Raises:
        ValueError: as `align_face`.

    Example:

    >>> from keras_fer import faces
    >>> landmarks = 112 * faces.TEMPLATE + 7.5
    >>> matrix = faces.alignment(landmarks, (112, 112))
    >>> (matrix.round(6) + 0.0).tolist()
    [[1.0, 0.0, -8.0], [0.0, 1.0, -8.0]]

    Reference:
        - Umeyama, 1991 (similarity).
    """
    points = np.asarray(landmarks, float)
    template = np.asarray(template, float)
    if (
        points.shape not in ((5, 2), (2, 2))
        or template.shape != (5, 2)
        or not np.isfinite(points).all()
    ):
        raise ValueError(
            "`landmarks` must be five (or two: the eyes) pairs of numbers and "
            f"`template` five. Received: {points.tolist()}, "
            f"{template.tolist()}"
        )
    if transform not in TRANSFORMS or (transform, len(points)) == ("affine", 2):
        raise ValueError(
            f"`transform` must be one of {', '.join(TRANSFORMS)}, and affine "
            f"needs five landmarks. Received: {transform!r}, {len(points)} "
            "landmarks"
        )
    if size[0] != size[1] or margin <= -1:
        raise ValueError(
            "`size` must be square and `margin` above -1. Received: "
            f"{size}, {margin}"
        )
    target = ((template[: len(points)] - 0.5) / (1 + margin) + 0.5) * size[0]
    target -= 0.5  # pixels are counted from their centers
    if transform == "affine":
        known = np.column_stack([points, np.ones(len(points))])
        solution, _, rank, _ = np.linalg.lstsq(known, target, rcond=None)
        matrix = solution.T
    else:
        # With x + iy for a point, turning and scaling is one complex factor.
        source, goal = points @ [1, 1j], target @ [1, 1j]
        around = source - source.mean()
        spread = np.vdot(around, around).real
        rank = 3 if spread > 1e-6 else 0
        factor = np.vdot(around, goal - goal.mean()) / max(spread, 1e-6)
        shift = goal.mean() - factor * source.mean()
        matrix = np.array(
            [
                [factor.real, -factor.imag, shift.real],
                [factor.imag, factor.real, shift.imag],
            ]
        )
    if rank < 3:
        raise ValueError(
            "`landmarks` must not fall into one place or line. Received: "
            f"{points.tolist()}"
        )
    return matrix


def five_landmarks(landmarks: np.ndarray) -> np.ndarray:
    """Reduce the 68 landmarks of iBUG 300-W to the five of `align_face`.

    Args:
        landmarks: `(..., 68, 2)`, as AffectNet and CK+ have them.

    Returns:
        `(..., 5, 2)`: middles of the eyes, tip of the nose, corners of the
        mouth.

    Raises:
        ValueError: the landmarks have another shape.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.five_landmarks(np.zeros((7, 68, 2))).shape
    (7, 5, 2)
    """
    points = np.asarray(landmarks, float)
    if points.shape[-2:] != (68, 2):
        raise ValueError(
            "`landmarks` must have the shape (..., 68, 2). Received: "
            f"{points.shape}"
        )
    eyes = points[..., 36:48, :].reshape(*points.shape[:-2], 2, 6, 2)
    return np.concatenate(
        [eyes.mean(axis=-2), points[..., [30, 48, 54], :]], axis=-2
    )

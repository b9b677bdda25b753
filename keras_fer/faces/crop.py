"""From a box in a picture to the square of pixels that a network takes."""

import numpy as np

from keras_fer.faces.image import MIN_SIDE

# FER2013's pictures are framed 2 % wider than the box of the Haar cascade, and
# accuracy is flat from -10 % to +10 %: tests/benchmarks/face_framing.py.
MARGIN = 0.02


def crop_face(
    image: np.ndarray,
    box,
    size: tuple[int, int],
    *,
    margin: float = 0.0,
) -> np.ndarray:
    """Cut a square around a face and bring it to the size of a network.

    Args:
        image: uint8 `(height, width)` or `(height, width, channels)`.
        box: left, top, width, height of the face in pixels, as
            `detect_faces` gives it.
        size: height and width of the result in pixels.
        margin: how much longer the side of the square is than that of the
            box, as a share.

    Returns:
        uint8 `(*size)` or `(*size, channels)`. Where the square reaches
        beyond the picture, the pixels at its border are repeated.

    Raises:
        ValueError: the box is empty or lies outside the picture.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> photo = np.zeros((600, 512, 3), "uint8")
    >>> faces.crop_face(photo, (155, 104, 224, 224), (48, 48)).shape
    (48, 48, 3)
    """
    square = face_square(box, image.shape[:2], margin)
    return resize_face(cut(image, square), size)


def face_square(
    box, shape: tuple[int, int], margin: float = 0.0
) -> tuple[int, int, int, int]:
    """Lay a square around a face.

    Args:
        box: left, top, width, height of the face in pixels.
        shape: height and width of the picture in pixels.
        margin: how much longer the side of the square is than that of the
            box, as a share.

    Returns:
        Top, left, height and width in pixels, as `cut` takes them.

    Raises:
        ValueError: the box is empty or lies outside the picture.

    Example:

    >>> from keras_fer import faces
    >>> faces.face_square((10, 20, 100, 80), (480, 640), margin=0.1)
    (5, 5, 110, 110)
    """
    left, top, width, height = (float(value) for value in box)
    rows, columns = shape
    # A side of many pictures would be nothing but a repeated border.
    most = 4 * max(shape)
    finite = np.isfinite([left, top, width, height]).all()
    if finite and 0 < width < most and 0 < height < most:
        side = max(1, round(max(width, height) * (1 + margin)))
        top = round(top + (height - side) / 2)
        left = round(left + (width - side) / 2)
        if -side < top < rows and -side < left < columns:
            return top, left, side, side
    raise ValueError(
        f"`box` must lie in the picture of {columns}×{rows} pixels. "
        f"Received: left, top, width, height = {tuple(box)}"
    )


def middle(
    shape: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Lay the largest rectangle with the proportions of `size` in a picture.

    Args:
        shape: height and width of the picture in pixels.
        size: height and width, of which only the proportions count.

    Returns:
        Top, left, height and width in pixels, as `cut` takes them.

    Example:

    >>> from keras_fer import faces
    >>> faces.middle((181, 143), (48, 48))
    (19, 0, 143, 143)
    """
    rows, columns = shape
    height = min(rows, round(columns * size[0] / size[1]))
    width = min(columns, round(rows * size[1] / size[0]))
    return (rows - height) // 2, (columns - width) // 2, height, width


def cut(image: np.ndarray, crop: tuple[int, int, int, int]) -> np.ndarray:
    """Cut a rectangle out of a picture.

    Args:
        image: `(height, width)` or `(height, width, channels)`.
        crop: top, left, height and width in pixels. Beyond the picture the
            pixels at its border are repeated.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.cut(np.arange(4).reshape(2, 2), (1, -1, 1, 3)).tolist()
    [[2, 2, 3]]
    """
    top, left, height, width = crop
    rows = np.arange(top, top + height).clip(0, image.shape[0] - 1)
    columns = np.arange(left, left + width).clip(0, image.shape[1] - 1)
    return image[rows][:, columns]


def resize_face(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bring a face crop to the size of a network.

    Args:
        image: uint8 `(height, width)` or `(height, width, channels)`. Other
            proportions than those of `size` are stretched.
        size: height and width of the result in pixels.

    Returns:
        uint8 `(*size)` or `(*size, channels)`: area means where pixels are
        merged, bilinear where they are stretched.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.resize_face(np.zeros((181, 143, 3), "uint8"), (48, 48)).shape
    (48, 48, 3)
    """
    if image.shape[:2] == tuple(size):
        return image
    import cv2

    shrinks = image.shape[0] >= size[0] and image.shape[1] >= size[1]
    resized = cv2.resize(
        image,
        size[::-1],
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    return resized.reshape(*size, *image.shape[2:])


def fit_face(
    image: np.ndarray, shape: tuple[int, int, int], name: str = "image"
) -> np.ndarray:
    """Bring a face crop to proportions, size and channels of a network.

    Args:
        image: uint8 `(height, width)`, gray, or `(height, width, 3)`, RGB.
        shape: height, width and channels of the result.
        name: what errors call the image.

    Returns:
        uint8 `shape`. Of a crop with other proportions the middle is taken,
        so that nothing is stretched.

    Raises:
        ValueError: the image is of another kind, or a side is below 8 pixels.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.fit_face(np.zeros((181, 143, 3), "uint8"), (48, 48, 1)).shape
    (48, 48, 1)
    """
    *size, channels = shape
    image = to_channels(image, channels, name)
    rows, columns = image.shape[:2]
    if min(rows, columns) < MIN_SIDE:
        raise ValueError(
            f"`{name}` must have sides of at least {MIN_SIDE} pixels. "
            f"Received: shape {image.shape}"
        )
    return resize_face(cut(image, middle(image.shape[:2], size)), tuple(size))


def to_channels(
    image: np.ndarray, channels: int, name: str = "image"
) -> np.ndarray:
    """Turn gray into RGB or RGB into gray.

    Args:
        image: uint8 `(height, width)`, gray, or `(height, width, 3)`, RGB.
        channels: 1 or 3.
        name: what errors call the image.

    Returns:
        uint8 `(height, width, channels)`; gray is luma after ITU-R 601.

    Raises:
        ValueError: the image is of another kind.

    Example:

    >>> import numpy as np
    >>> from keras_fer import faces
    >>> faces.to_channels(np.zeros((8, 8), "uint8"), 3).shape
    (8, 8, 3)
    """
    image = np.asarray(image)
    has = image.shape[2] if image.ndim == 3 else 1
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or has not in (1, 3):
        raise ValueError(
            f"`{name}` must be uint8 of shape (height, width), gray, or "
            "(height, width, 3), RGB. Received: "
            f"{image.dtype} of shape {image.shape}"
        )
    image = image.reshape(*image.shape[:2], has)
    if has == channels:
        return image
    import cv2

    code = cv2.COLOR_RGB2GRAY if channels == 1 else cv2.COLOR_GRAY2RGB
    return cv2.cvtColor(image, code).reshape(*image.shape[:2], channels)

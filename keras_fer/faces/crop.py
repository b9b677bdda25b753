"""From a box in a picture to the square of pixels that a network takes."""

import numpy as np

from keras_fer.faces.image import MIN_SIDE


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
    left, top, width, height = box
    rows, columns = image.shape[:2]
    inside = left < columns and top < rows and left + width > 0 < top + height
    if width <= 0 or height <= 0 or not inside:
        raise ValueError(
            f"`box` must lie in the picture of {columns}×{rows} pixels. "
            f"Received: left, top, width, height = {tuple(map(int, box))}"
        )
    import cv2

    side = max(1, round(max(width, height) * (1 + margin)))
    left = round(left + (width - side) / 2)
    top = round(top + (height - side) / 2)
    beyond = (
        max(0, -top),
        max(0, top + side - rows),
        max(0, -left),
        max(0, left + side - columns),
    )
    square = image[max(0, top) : top + side, max(0, left) : left + side]
    square = cv2.copyMakeBorder(square, *beyond, cv2.BORDER_REPLICATE)
    return resize_face(square.reshape(side, side, *image.shape[2:]), size)


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
    height = min(rows, round(columns * size[0] / size[1]))
    width = min(columns, round(rows * size[1] / size[0]))
    top, left = (rows - height) // 2, (columns - width) // 2
    middle = image[top : top + height, left : left + width]
    return resize_face(middle, tuple(size))


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

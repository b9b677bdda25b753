"""Any picture file in, 8-bit RGB out, or one clear line."""

import logging
import os
import warnings
from pathlib import Path

import numpy as np

_logger = logging.getLogger(__name__)

MIN_SIDE = 8
IMAGE_TYPES = (
    ".avif",
    ".bmp",
    ".gif",
    ".jfif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)


class InputError(ValueError):
    """A picture or video cannot be used; the message says which and why."""


def read_image(path: str | Path) -> np.ndarray:
    """Read a picture as it is meant to be seen.

    Turned as its EXIF tag says; transparent parts are white; 16-bit, palette
    and CMYK pictures become 8-bit RGB (of 16 bits the upper eight); of an
    animation or another file of several pictures the first is taken, with a
    warning in the log.

    Args:
        path: a file of any format that Pillow reads.

    Returns:
        uint8 RGB `(height, width, 3)`, in `[0, 255]`.

    Raises:
        InputError: the file is missing, empty, not a picture or cut short; a
            side is below 8 pixels; by its header it has more pixels than
            Pillow deems safe (89 million), in which case it is not decoded.

    Example:

    >>> import matplotlib
    >>> from keras_fer import faces
    >>> photo = f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg"
    >>> faces.read_image(photo).shape
    (600, 512, 3)
    """
    from PIL import Image
    from PIL import ImageOps

    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of a damaged EXIF tag
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                if min(picture.size) < MIN_SIDE:
                    width, height = picture.size
                    raise InputError(
                        f"{name}: {width}×{height} pixels, too small for a "
                        f"face; both sides must have at least {MIN_SIDE}"
                    )
                if getattr(picture, "is_animated", False):
                    _logger.warning(
                        "%s: holds several pictures, the first is used", name
                    )
                ImageOps.exif_transpose(picture, in_place=True)
                return _to_rgb(picture)
    except InputError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as e:
        raise InputError(f"{name}: too large, not decoded: {e}") from e
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{name}: not a picture") from error
    except Exception as error:
        # What Pillow raises depends on the format and on where it breaks:
        # OSError, SyntaxError, IndexError, struct.error, zlib.error and more.
        what = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: cannot be read: {what}") from error


def _to_rgb(picture):
    from PIL import Image

    if picture.mode == "F":
        raise ValueError("floating-point pixels have no range")
    if picture.mode.startswith("I"):
        gray = np.asarray(picture).astype(np.int64)
        if gray.min() < 0 or gray.max() > 65535:
            raise ValueError("gray values beyond 16 bits have no range")
        gray = (gray >> 8).astype(np.uint8)
        return np.repeat(gray[..., None], 3, axis=2)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture)
        picture = white
    return np.array(picture.convert("RGB"))

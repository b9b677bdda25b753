"""Face crops that stay on disk until they are needed."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer import faces

_TAILS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}
_TAIL = 1024  # bytes at the end of a file, where its format ends
_EXIF_ORIENTATION = 0x0112


class ImageFiles:
    """Pictures in files, where an array would be too large for the memory.

    Takes the place of a uint8 array `(N, height, width, channels)`: it has
    `shape`, `dtype` and `ndim`, and `files[2]`, `files[10:20]` or
    `files[rows]` read pixels, as `faces.read_image` does. `decoder` is for
    `tf.data`.

    Args:
        paths: N files of 8-bit JPEG or PNG, see `check_streamable`.
        crops: for each the top, left, height and width that are cut out, see
            `faces.cut`.
        shape: height, width and channels that crops are brought to.

    Example:

    >>> import matplotlib
    >>> from keras_fer.datasets.image_files import ImageFiles
    >>> photo = f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg"
    >>> files = ImageFiles([photo], [(104, 155, 224, 224)], (48, 48, 1))
    >>> files.shape, files[0].dtype
    ((1, 48, 48, 1), dtype('uint8'))
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self,
        paths: Sequence[str | Path],
        crops: Sequence[tuple[int, int, int, int]],
        shape: tuple[int, int, int],
    ):
        self.paths = np.array([os.fspath(path) for path in paths], str)
        self.crops = np.array(crops, np.int32).reshape(-1, 4)
        self.shape = (len(self.paths), *shape)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, rows):
        if np.ndim(np.arange(len(self))[rows]) == 0:
            image = faces.cut(
                faces.read_image(self.paths[rows]), self.crops[rows]
            )
            image = faces.to_channels(image, self.shape[3])
            return faces.resize_face(image, self.shape[1:3])
        picked = self.select(rows)
        images = np.empty(picked.shape, np.uint8)
        for row, image in enumerate(picked):
            images[row] = image
        return images

    def __array__(self, dtype=None, copy=None):
        return self[:].astype(dtype or self.dtype, copy=False)

    def select(self, rows) -> "ImageFiles":
        """Some of the files, without reading them."""
        return ImageFiles(self.paths[rows], self.crops[rows], self.shape[1:])

    def fingerprint(self) -> bytes:
        """Hash of the sizes of the files and of what is cut out of them."""
        sizes = [os.path.getsize(path) for path in self.paths]
        digest = hashlib.sha256(np.array(sizes, "<i8").tobytes())
        digest.update(self.crops.astype("<i4").tobytes())
        digest.update(str(self.shape).encode())
        return digest.digest()

    def decoder(self):
        """Make the function `row -> pixels` for a dataset's `map`.

        Returns:
            A function of an int32 scalar, in TensorFlow's graph; its result is
            uint8 `(height, width, channels)`, within a gray level or two of
            `files[row]`.
        """
        import tensorflow as tf

        paths, crops = tf.constant(self.paths), tf.constant(self.crops)
        _, height, width, channels = self.shape

        def decode(row):
            # Reads PNG as well.
            image = tf.io.decode_jpeg(
                tf.io.read_file(tf.gather(paths, row)),
                channels=3,
                dct_method="INTEGER_ACCURATE",
            )
            crop = tf.gather(crops, row)
            shape = tf.shape(image)
            for axis in (0, 1):
                places = tf.range(crop[axis], crop[axis] + crop[axis + 2])
                places = tf.clip_by_value(places, 0, shape[axis] - 1)
                image = tf.gather(image, places, axis=axis)
            image = tf.cast(image, "float32")
            if channels == 1:
                luma = tf.constant([0.299, 0.587, 0.114])
                image = tf.round(tf.tensordot(image, luma, 1))[..., None]
            shrinks = tf.reduce_all(crop[2:] >= (height, width))
            image = tf.cond(
                shrinks,
                lambda: tf.image.resize(image, (height, width), "area"),
                lambda: tf.image.resize(image, (height, width)),
            )
            image = tf.ensure_shape(image, (height, width, channels))
            return tf.cast(tf.round(image), "uint8")

        return decode


def check_streamable(path: str | Path) -> tuple[int, int]:
    """Look at the ends of a picture file, without decoding it.

    Returns:
        Height and width in pixels.

    Raises:
        InputError: the file is missing, cut short, or neither JPEG nor PNG; it
            has transparency, 16 bits, CMYK colors or an EXIF turn, which
            TensorFlow would read as something else; a side is too small.

    Example:

    >>> import matplotlib
    >>> from keras_fer.datasets.image_files import check_streamable
    >>> data = f"{matplotlib.get_data_path()}/sample_data"
    >>> check_streamable(f"{data}/grace_hopper.jpg")
    (600, 512)
    """
    from PIL import Image

    try:
        with open(path, "rb") as file, Image.open(file) as picture:
            columns, rows = picture.size
            kind = picture.format
            turn = picture.getexif().get(_EXIF_ORIENTATION, 1)
            plain = (
                kind in _TAILS
                and picture.mode in ("L", "RGB", "P", "1")
                and not picture.has_transparency_data
                and not getattr(picture, "is_animated", False)
                and turn in (0, 1)
            )
            what = f"{kind} of mode {picture.mode}, EXIF turn {turn}"
            file.seek(-min(_TAIL, os.fstat(file.fileno()).st_size), os.SEEK_END)
            tail = file.read()
            picture.verify()  # the checksums of PNG
    except Image.UnidentifiedImageError as error:
        raise faces.InputError(f"{path}: not a picture") from error
    except Exception as error:  # as in faces.read_image
        why = getattr(error, "strerror", None) or error
        raise faces.InputError(f"{path}: cannot be read: {why}") from error
    if not plain:
        raise faces.InputError(
            f"{path}: a corpus of this size is read by TensorFlow, which takes "
            "gray or RGB JPEG and PNG of 8 bits, without transparency and not "
            f"turned. Received: {what}"
        )
    if _TAILS[kind] not in tail:
        raise faces.InputError(f"{path}: cannot be read: it is cut short")
    if min(rows, columns) < faces.MIN_SIDE:
        raise faces.InputError(
            f"{path}: {columns}×{rows} pixels, too small for a face; both "
            f"sides must have at least {faces.MIN_SIDE}"
        )
    return rows, columns

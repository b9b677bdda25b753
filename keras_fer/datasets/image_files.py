"""Face crops that stay on disk until they are needed."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets.progress import progress_bar

_EXIF_ORIENTATION = 0x0112


class ImageFiles:
    """Pictures in files, where an array would be too large for the memory.

    Takes the place of a uint8 array `(N, height, width, channels)`: it has
    `shape`, `dtype` and `ndim`, and `files[2]`, `files[10:20]` or
    `files[rows]` read pixels, as `faces.read_image` does. `decoder` is for
    `tf.data`.

    Args:
        paths: N files.
        crops: for each the top, left, height and width that are cut out, see
            `faces.cut`.
        shape: height, width and channels that crops are brought to.
        held: finished crops by their rows, of files that TensorFlow does not
            read, or reads otherwise, see `tensorflow_reads`.

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
        held: dict[int, np.ndarray] | None = None,
    ):
        self.paths = np.array([os.fspath(path) for path in paths], str)
        self.held = held or {}
        self.crops = np.array(crops, np.int32).reshape(-1, 4)
        self.shape = (len(self.paths), *shape)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, rows):
        places = np.arange(len(self))[rows]
        if places.ndim == 0:
            return self._read(int(places))
        images = np.empty((len(places), *self.shape[1:]), np.uint8)
        for row, place in enumerate(places.tolist()):
            images[row] = self._read(place)
        return images

    def _read(self, row):
        if row in self.held:
            return self.held[row]
        image = faces.cut(faces.read_image(self.paths[row]), self.crops[row])
        image = faces.to_channels(image, self.shape[3])
        return faces.resize_face(image, self.shape[1:3])

    def __array__(self, dtype=None, copy=None):
        return self[:].astype(dtype or self.dtype, copy=False)

    def select(self, rows) -> "ImageFiles":
        """Some of the files, without reading them."""
        places = np.arange(len(self))[rows].tolist()
        held = {
            row: self.held[place]
            for row, place in enumerate(places)
            if place in self.held
        }
        return ImageFiles(
            self.paths[places], self.crops[places], self.shape[1:], held
        )

    def fingerprint(self) -> bytes:
        """Hash of the content of the files and of what is cut out of them."""
        digest = hashlib.sha256(str(self.shape).encode())
        digest.update(self.crops.astype("<i4").tobytes())
        bar = progress_bar("hashing")
        for path in rich.progress.track(self.paths, **bar):
            digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
        return digest.digest()

    def decoder(self):
        """Make the function `row -> pixels` for a dataset's `map`.

        Returns:
            A function of an int32 scalar, in TensorFlow's graph; its result is
            uint8 `(height, width, channels)`, within a gray level or two of
            `files[row]`.
        """
        import tensorflow as tf

        _, height, width, channels = self.shape
        paths = tf.constant([os.fsencode(path) for path in self.paths])
        crops = tf.constant(self.crops)
        # Held crops are PNG files in memory, for which nothing is cut.
        rows = np.full(len(self), -1)
        rows[list(self.held)] = np.arange(len(self.held))
        rows = tf.constant(rows)
        pngs = tf.constant(
            [tf.io.encode_png(image).numpy() for image in self.held.values()],
            tf.string,
        )
        whole = tf.constant([0, 0, height, width])

        def decode(row):
            place = tf.gather(rows, row)
            held = place >= 0
            content = tf.cond(
                held,
                lambda: tf.gather(pngs, place),
                lambda: tf.io.read_file(tf.gather(paths, row)),
            )
            crop = tf.where(held, whole, tf.gather(crops, row))
            # Reads PNG as well.
            image = tf.io.decode_jpeg(
                content, channels=3, dct_method="INTEGER_ACCURATE"
            )
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


def tensorflow_reads(path: str | Path) -> tuple[int, int] | None:
    """Tell whether TensorFlow reads the same pixels as `faces.read_image`.

    The file is decoded once, small.

    Returns:
        Height and width in pixels; or none for what is neither JPEG nor PNG,
        has transparency, 16 bits, CMYK colors, several pictures or an EXIF
        turn, and for what cannot be read at all.

    Example:

    >>> import matplotlib
    >>> from keras_fer.datasets.image_files import tensorflow_reads
    >>> data = f"{matplotlib.get_data_path()}/sample_data"
    >>> tensorflow_reads(f"{data}/grace_hopper.jpg")
    (600, 512)
    """
    from PIL import Image

    try:
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            columns, rows = picture.size
            plain = (
                picture.mode in ("L", "RGB", "P", "1")
                and not picture.has_transparency_data
                and not getattr(picture, "is_animated", False)
                and min(picture.size) >= faces.MIN_SIDE
            )
            if not plain:
                return None
            if picture.format == "PNG":
                with Image.open(path) as again:
                    again.verify()  # its checksums, which Pillow passes over
            picture.draft("L", (8, 8))
            picture.load()
            if picture.getexif().get(_EXIF_ORIENTATION, 1) != 1:
                return None
    # `faces.read_image` says what is wrong, if anything is.
    except Exception:
        return None
    return rows, columns

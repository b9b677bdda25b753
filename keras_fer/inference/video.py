"""Frames of videos and cameras, read and written one at a time."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from keras_fer.faces import InputError
from keras_fer.inference import media

_logger = logging.getLogger(__name__)

_MAX_RATE, _USUAL_RATE = 240.0, 25.0  # some containers name none, or a clock
_MAX_FAILED = 100  # damaged frames on end after which a video counts as over


class Frame(NamedTuple):
    """A frame of a video or camera.

    Args:
        number: its number in the video, from 0.
        seconds: its time in the video.
        rate: frames per second of the video.
        image: uint8 RGB `(height, width, 3)`.
    """

    number: int
    seconds: float
    rate: float
    image: np.ndarray


def read_frames(source: str | Path | int, every: int = 1) -> Iterator[Frame]:
    """Read a video or a camera.

    Frames that are damaged are passed over. A video of which fewer frames can
    be read than its header names gives a warning in the log.

    Args:
        source: a file, or the number of a camera.
        every: give every so many frames only.

    Yields:
        Each `Frame`.

    Raises:
        InputError: it cannot be opened, or holds no frame.
        ValueError: `every` is below 1.
    """
    if every < 1:
        raise ValueError(f"`every` must be at least 1. Received: {every}")
    import cv2

    with _opened(source) as capture:
        expected = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        rate = capture.get(cv2.CAP_PROP_FPS)
        rate = rate if 0 < rate <= _MAX_RATE else _USUAL_RATE
        number = read = failed = 0
        while failed < _MAX_FAILED:
            if not capture.grab():
                if number + 1 >= expected:
                    break
                failed += 1
            elif number % every == 0:
                readable, image = capture.retrieve()
                if readable:
                    seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
                    yield Frame(number, seconds, rate, image)
                read, failed = read + readable, 0
            else:
                read, failed = read + 1, 0
            number += 1
        if read == 0:
            raise InputError(f"{media.name_of(source)}: no frame can be read")
        if read < expected:
            _logger.warning(
                "%s: cut short or damaged, %d of %d frames can be read",
                media.name_of(source),
                read,
                expected,
            )


class VideoWriter:
    """Write frames to an `.mp4` file, beside it first, renamed at the end.

    Args:
        path: the file; its ending decides the container.
        rate: frames per second.

    Raises:
        InputError: no video of that kind can be written.
    """

    def __init__(self, path: str | Path, rate: float):
        _check_name(path)
        self._path, self._rate = Path(path), rate
        self._part = self._path.with_name(f".part.{self._path.name}")
        self._writer = self._shape = None

    def write(self, image: np.ndarray):
        """Add a frame, uint8 RGB; all must have the size of the first.

        Codecs want even sizes: a last odd row or column is repeated.
        """
        import cv2

        rows, columns = image.shape[:2]
        image = cv2.copyMakeBorder(
            image, 0, rows % 2, 0, columns % 2, cv2.BORDER_REPLICATE
        )
        if self._shape not in (None, image.shape):
            raise InputError(
                f"{self._path}: the size of the frames changes from "
                f"{self._shape[:2]} to {image.shape[:2]}"
            )
        self._shape = image.shape
        if self._writer is None:
            self._writer = cv2.VideoWriter(
                str(self._part),
                cv2.VideoWriter.fourcc(*"mp4v"),
                self._rate,
                image.shape[1::-1],
            )
            if not self._writer.isOpened():
                raise InputError(f"{self._path}: cannot be written as video")
        self._writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))

    def close(self):
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()
            os.replace(self._part, self._path)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        elif self._writer is not None:
            self._writer.release()
            self._part.unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(source):
    import cv2

    if not isinstance(source, int):
        _check_name(source)
        if not Path(source).is_file():
            raise InputError(f"{source}: there is no such file")
    capture = cv2.VideoCapture(
        source if isinstance(source, int) else str(source)
    )
    try:
        if not capture.isOpened():
            raise InputError(
                f"{media.name_of(source)}: cannot be opened as video"
            )
        yield capture
    finally:
        capture.release()


def _check_name(path):
    """OpenCV crashes over paths that are no UTF-8."""
    if not media.is_utf8(path):
        raise InputError(
            f"{media.name_of(path)}: OpenCV cannot take this name, it is no "
            "UTF-8"
        )

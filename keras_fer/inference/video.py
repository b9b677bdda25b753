"""Frames of videos and cameras, read and written one at a time."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_fer.inference import media
from keras_fer.inference.image import InputError

_logger = logging.getLogger(__name__)


def read_frames(
    source: str | Path | int, every: int = 1
) -> Iterator[tuple[int, float, np.ndarray]]:
    """Read a video or a camera.

    Args:
        source: a file, or the number of a camera.
        every: give every so many frames only; the others are not decoded.

    Yields:
        Number of the frame from 0, its time in seconds, and its pixels, uint8
        RGB `(height, width, 3)`.

    Raises:
        InputError: it cannot be opened, or holds no frame.
        ValueError: `every` is below 1.
    """
    if every < 1:
        raise ValueError(f"`every` must be at least 1. Received: {every}")
    import cv2

    with _opened(source) as capture:
        expected = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        frame = 0
        while capture.grab():
            if frame % every == 0:
                readable, pixels = capture.retrieve()
                if not readable:
                    break
                seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                yield frame, seconds, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
            frame += 1
        if frame == 0:
            raise InputError(f"{media.name_of(source)}: no frame can be read")
        if frame < expected:
            _logger.warning(
                "%s: cut short, %d of %d frames can be read",
                media.name_of(source),
                frame,
                expected,
            )


def frames_per_second(source: str | Path | int) -> float:
    """Frame rate of a video or a camera; 25 where it is not known."""
    import cv2

    with _opened(source) as capture:
        return capture.get(cv2.CAP_PROP_FPS) or 25.0


class VideoWriter:
    """Write frames to an `.mp4` file, beside it first, renamed at the end.

    Args:
        path: the file; its ending decides the container.
        rate: frames per second.

    Raises:
        InputError: no video of that kind can be written.
    """

    def __init__(self, path: str | Path, rate: float):
        self._path, self._rate = Path(path), rate
        self._part = self._path.with_name(f".part.{self._path.name}")
        self._writer = None

    def write(self, image: np.ndarray):
        """Add a frame, uint8 RGB; all must have the size of the first."""
        import cv2

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

    if not isinstance(source, int) and not Path(source).is_file():
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

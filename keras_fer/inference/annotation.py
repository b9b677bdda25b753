"""Boxes and expressions drawn into pictures and videos."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer.faces import InputError
from keras_fer.faces import read_image
from keras_fer.inference import media as media_files
from keras_fer.inference import video
from keras_fer.visualization import EXPRESSION_COLORS


def annotate(image: np.ndarray, faces) -> np.ndarray:
    """Draw each face's box and its most probable expression.

    Args:
        image: uint8 RGB `(height, width, 3)`.
        faces: `Face` objects; one without a box is the whole picture.

    Returns:
        A copy of the picture. Colors are `EXPRESSION_COLORS`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import inference
    >>> face = inference.Face(
    ...     box=(10, 30, 50, 50), probabilities={"fear": 0.2, "anger": 0.8}
    ... )
    >>> drawn = inference.annotate(np.zeros((90, 90, 3), "uint8"), [face])
    >>> drawn[30, 30].tolist()  # the color of anger
    [213, 94, 0]
    """
    import cv2

    image = image.copy()
    rows, columns = image.shape[:2]
    line = max(1, round(min(rows, columns) / 240))
    for face in faces:
        left, top, width, height = face.box or (0, 0, columns, rows)
        color = _rgb(EXPRESSION_COLORS.get(face.expression, "#000000"))
        cv2.rectangle(
            image,
            (left, top),
            (left + width - 1, top + height - 1),
            color,
            line,
        )
        share = face.probabilities[face.expression]
        text = f"{face.expression} {100 * share:.0f} %"
        font, scale = cv2.FONT_HERSHEY_DUPLEX, max(0.3, width / 320)
        stroke = max(1, round(scale))
        (text_width, text_height), below = cv2.getTextSize(
            text, font, scale, stroke
        )
        below += line
        # Above the box, or inside where there is no room above.
        room_above = top > text_height + 2 * below
        base = top - below if room_above else top + text_height + below
        left = max(0, min(left, columns - text_width))
        cv2.rectangle(
            image,
            (left, base - text_height - below),
            (left + text_width, base + below),
            color,
            cv2.FILLED,
        )
        dark = np.dot(color, (0.299, 0.587, 0.114)) > 140
        cv2.putText(
            image,
            text,
            (left, base),
            font,
            scale,
            (0, 0, 0) if dark else (255, 255, 255),
            stroke,
            cv2.LINE_AA,
        )
    return image


class AnnotatedFolder:
    """Annotated copies of pictures and videos in a folder.

    Pictures keep their names below the folder that holds them all; those that
    are neither JPEG nor PNG get `.png` behind, videos `.mp4`.

    Args:
        folder: where the copies go.
        media: all sources, as `find_media` lists them.
        every: answers are given for every so many frames only, so the copy
            of a video has as many less a second.
        resume: leave out what has its copy already.

    Raises:
        InputError: a copy is there already and `resume` is not set; two
            sources would have the same copy; all sources lie in the folder.
    """

    def __init__(
        self,
        folder: str | Path,
        media: Sequence[Path | int],
        *,
        every: int = 1,
        resume: bool = False,
    ):
        self._every = every
        self._folder = os.path.abspath(folder)
        self._sources = {
            media_files.name_of(source): source for source in media
        }
        parents = [os.path.dirname(p) for p in map(_absolute, media) if p]
        root = os.path.commonpath(parents) if parents else ""
        self._targets = {
            name: Path(folder) / _copy_name(source, root)
            for name, source in self._sources.items()
            if not self._is_inside(source)
        }
        self._writer = self._current = None
        taken = {}
        for name, path in self._targets.items():
            before = taken.setdefault(os.path.abspath(path), name)
            if before != name:
                raise InputError(
                    f"{before} and {name} would both become {path}"
                )
        if not self._targets:
            raise InputError(
                f"all sources lie in {folder}. Name another folder for their "
                "copies"
            )
        there = [path for path in self._targets.values() if path.exists()]
        if there and not resume:
            raise InputError(
                f"{there[0]} exists already. Name another folder, or go on "
                "with --resume"
            )

    def has(self, source: str) -> bool:
        """Tell whether a source has its copy already, or is one itself."""
        return source not in self._targets or self._targets[source].exists()

    def write(self, answer):
        """Write a picture's copy, or add a frame to a video's."""
        if answer.source != self._current:
            self._finish(None)
            self._current = answer.source
        if answer.error is not None:
            return
        target = self._targets[answer.source]
        target.parent.mkdir(parents=True, exist_ok=True)
        if answer.frame is None:
            image = read_image(self._sources[answer.source])
            _write_picture(target, annotate(image, answer.faces))
            return
        if self._writer is None:
            self._writer = video.VideoWriter(target, answer.rate / self._every)
        self._writer.write(annotate(answer.image, answer.faces))

    def _is_inside(self, source):
        path = _absolute(source)
        return path is not None and path.startswith(self._folder + os.sep)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._finish(kind)

    def _finish(self, kind):
        if self._writer is not None:
            self._writer.__exit__(kind, None, None)
            self._writer = None


def _absolute(source):
    return None if isinstance(source, int) else os.path.abspath(source)


def _copy_name(source, root):
    if isinstance(source, int):
        return f"camera_{source}.mp4"
    name = os.path.relpath(_absolute(source), root)
    suffix = source.suffix.lower()
    if media_files.is_video(source):
        return name if suffix == ".mp4" else f"{name}.mp4"
    return name if suffix in (".jpg", ".jpeg", ".png") else f"{name}.png"


def _write_picture(path, image):
    import cv2

    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(path.suffix, pixels)
    part = path.with_name(f".part.{path.name}")
    part.write_bytes(encoded.tobytes())
    os.replace(part, path)


def _rgb(color):
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))

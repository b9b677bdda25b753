"""Face crops in files, read into one array or left where they are."""

import math

import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets import corpus
from keras_fer.datasets.image_files import ImageFiles
from keras_fer.datasets.image_files import check_streamable

# Bytes of pixels beyond which a split is not held in memory.
IN_MEMORY = 2**29


def read_faces(paths, info, folder, notes: list, skip_bad: bool, boxes=None):
    """Read face crops and bring them to the shape of a corpus.

    Args:
        paths: files of pictures.
        info: card of the corpus, with the shape of its images.
        folder: what the names in messages are relative to.
        notes: list to which the files that were left out are added.
        skip_bad: leave out what cannot be read instead of stopping.
        boxes: left, top, width and height of the face in each picture; by
            default the middle is taken.

    Returns:
        uint8 `(N, *info.image_shape)` and the indices of the paths. Of more
        than `IN_MEMORY` bytes the array is an `ImageFiles`, for which only the
        ends of each file are looked at.

    Raises:
        CorpusError: a file cannot be read; the message names it.
    """
    shape = info.image_shape
    streams = len(paths) * math.prod(shape) > IN_MEMORY
    images = [] if streams else np.empty((len(paths), *shape), np.uint8)
    kept, crops = [], []
    bar = corpus.progress_bar(info.title)
    for index, path in enumerate(rich.progress.track(paths, **bar)):
        try:
            image = None if streams else faces.read_image(path)
            size = check_streamable(path) if streams else image.shape[:2]
            if boxes is None:
                crop = faces.middle(size, shape[:2])
            else:
                crop = _square(boxes[index], size, path)
            if not streams:
                face = faces.to_channels(faces.cut(image, crop), shape[2])
                images[len(kept)] = faces.resize_face(face, shape[:2])
            crops.append(crop)
            kept.append(index)
        except ValueError as error:
            message = str(error).replace(f"{folder}/", "")
            if not skip_bad:
                raise corpus.CorpusError(message) from error
            notes.append(f"left out {message}")
    if streams:
        return ImageFiles([paths[index] for index in kept], crops, shape), kept
    return images[: len(kept)], kept


def _square(box, size, path):
    try:
        return faces.face_square(box, size)
    except ValueError as error:
        raise faces.InputError(f"{path}: {error}") from error

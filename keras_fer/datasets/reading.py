"""Face crops in files, read into one array or left where they are."""

import math

import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets import corpus
from keras_fer.datasets import progress
from keras_fer.datasets.image_files import ImageFiles
from keras_fer.datasets.image_files import tensorflow_reads

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
        than `IN_MEMORY` bytes the array is an `ImageFiles`, in which only those
        pictures are held that TensorFlow would not read, or read otherwise.

    Raises:
        CorpusError: a file cannot be read; the message names it.
    """
    shape = info.image_shape
    streams = len(paths) * math.prod(shape) > IN_MEMORY
    images = None if streams else np.empty((len(paths), *shape), np.uint8)
    kept, crops, held = [], [], {}
    bar = progress.progress_bar(info.title)
    for index, path in enumerate(rich.progress.track(paths, **bar)):
        try:
            plain = streams and tensorflow_reads(path)
            image = None if plain else faces.read_image(path)
            size = plain or image.shape[:2]
            if boxes is None:
                crop = faces.middle(size, shape[:2])
            else:
                crop = faces.face_square(boxes[index], size)
            if not plain:
                face = faces.to_channels(faces.cut(image, crop), shape[2])
                face = faces.resize_face(face, shape[:2])
                if streams:
                    held[len(kept)] = face
                else:
                    images[len(kept)] = face
        except ValueError as error:
            name, message = (
                str(text).replace(f"{folder}/", "") for text in (path, error)
            )
            if not message.startswith(name):
                message = f"{name}: {message}"
            if not skip_bad:
                raise corpus.CorpusError(message) from error
            notes.append(f"left out {message}")
            continue
        if len(held) * math.prod(shape) > IN_MEMORY:
            raise corpus.CorpusError(
                f"{folder}: too many pictures that TensorFlow cannot read (it "
                "takes JPEG and PNG of 8 bits in gray or RGB, neither turned "
                f"nor transparent), such as {path}: convert them"
            )
        crops.append(crop)
        kept.append(index)
    if streams:
        paths = [paths[index] for index in kept]
        return ImageFiles(paths, crops, shape, held), kept
    return images[: len(kept)], kept

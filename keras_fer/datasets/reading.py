"""Face crops in files, read into one array."""

import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets import corpus


def read_faces(paths, info, folder, notes: list, skip_bad: bool):
    """Read face crops and bring them to the shape of a corpus.

    Args:
        paths: files of pictures.
        info: card of the corpus, with the shape of its images.
        folder: what the names in messages are relative to.
        notes: list to which the files that were left out are added.
        skip_bad: leave out what cannot be read instead of stopping.

    Returns:
        uint8 `(N, *info.image_shape)` and the indices of the paths.

    Raises:
        CorpusError: a file cannot be read; the message names it.
    """
    images, kept = [], []
    bar = corpus.progress_bar(info.title)
    for index, path in enumerate(rich.progress.track(paths, **bar)):
        try:
            image = faces.read_image(path)
            images.append(faces.fit_face(image, info.image_shape))
            kept.append(index)
        except ValueError as error:
            message = str(error).replace(f"{folder}/", "")
            if not skip_bad:
                raise corpus.CorpusError(message) from error
            notes.append(f"left out {message}")
    return np.array(images, np.uint8).reshape(-1, *info.image_shape), kept

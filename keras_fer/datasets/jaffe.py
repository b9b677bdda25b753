"""JAFFE: 213 posed faces of ten Japanese women.

One flat folder of gray TIFF files of 256×256 pixels, some of them with a
palette: `KA.AN1.39.tiff` is the first angry picture of KA, number 39 of all.
The codes are AN, DI, FE, HA, SA, SU and NE.

Folds are independent of the subject: fold f tests the subject number f in
alphabetical order, the next one validates, the other eight train.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import expressions
from keras_fer.datasets import reading

INFO = corpus.CorpusInfo(
    name="jaffe",
    title="JAFFE",
    classes=(*expressions.BASIC, "neutral"),
    image_shape=(256, 256, 1),
    counts={"all": 213},
    folders=("jaffe", "JAFFE"),
    license="for non-commercial research, on agreement with the makers",
    how_to_get=(
        "Ask for it at https://zenodo.org/records/3451524 and unpack the TIFF "
        "files into jaffe/."
    ),
    reference=(
        "Lyons et al., Coding Facial Expressions with Gabor Wavelets, FG 1998, "
        "https://doi.org/10.1109/AFGR.1998.670949"
    ),
)

FOLDS = 10

_NAME = re.compile(r"([A-Z]{2})\.([A-Z]{2})\d+\.(\d+)\.tiff?", re.IGNORECASE)
_CODES = dict(
    zip(("AN", "DI", "FE", "HA", "SA", "SU", "NE"), INFO.classes, strict=True)
)


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    fold: int = 0,
    size: int = INFO.image_shape[0],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of one fold of JAFFE.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        data_dir: folder that holds `jaffe/`, else `$KERAS_FER_DATA`.
        fold: number of the subject who tests, 0 to 9.
        size: side in pixels.
        skip_bad: leave out files that cannot be read or are named otherwise,
            and say which in `notes`.

    Returns:
        A `Corpus` of gray images with the columns `"expression"` and
        `"subject"`.

    Raises:
        CorpusError: the corpus is not there, there are not ten subjects, a
            file is malformed, a class has no training image.

    Example:

    >>> from keras_fer.datasets import jaffe
    >>> jaffe.load_data("test", fold=3).images.shape  # doctest: +SKIP
    (20, 256, 256, 1)

    Reference:
        - [Lyons et al., 1998](https://doi.org/10.1109/AFGR.1998.670949)
    """
    corpus.check_split(INFO, split)
    corpus.check_shape(INFO, size)
    if fold not in range(FOLDS):
        raise corpus.CorpusError(
            f"`fold` must be 0 to {FOLDS - 1}. Received: {fold}"
        )
    folder = corpus.find_corpus(INFO, data_dir)
    rows, notes, seen = [], [], set()
    for path in sorted(folder.rglob("[!.]*")):
        if path.is_dir() or path.name.lower().startswith("readme"):
            continue
        name = _NAME.fullmatch(path.name)
        code = name and _CODES.get(name[2].upper())
        if code is None or path.stem.upper() in seen:
            message = (
                f"{path.relative_to(folder)}: expected a name as "
                f"KA.AN1.39.tiff, with one of {', '.join(_CODES)}, once"
            )
            if not skip_bad:
                raise corpus.CorpusError(message)
            notes.append(f"left out {message}")
            continue
        seen.add(path.stem.upper())
        rows.append((path, name[1].upper(), INFO.classes.index(code)))
    notes += corpus.count_notes(INFO, "all", len(rows))
    subjects = sorted({subject for _, subject, _ in rows})
    if len(subjects) != FOLDS:
        raise corpus.CorpusError(
            f"{folder}: expected TIFF files of {FOLDS} subjects. Received: "
            f"{', '.join(subjects) or 'none'}"
        )
    parts = {"test": {fold}, "val": {(fold + 1) % FOLDS}}
    others = set(range(FOLDS)) - parts["test"] - parts["val"]
    wanted = {subjects[number] for number in parts.get(split, others)}
    rows = [row for row in rows if row[1] in wanted]
    info = dataclasses.replace(INFO, image_shape=(size, size, 1))
    images, kept = reading.read_faces(
        [path for path, *_ in rows], info, folder, notes, skip_bad
    )
    rows = [rows[index] for index in kept]
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels={
            "expression": np.array([label for *_, label in rows], np.int64),
            "subject": np.array([subject for _, subject, _ in rows], str),
        },
        names=[str(path.relative_to(folder)) for path, *_ in rows],
        notes=tuple(notes),
    )

"""SFEW 2.0: faces cut from stills of films, as in the EmotiW challenges.

One folder a split and in it one an expression, of whatever case:
`Train/Angry/AlexEmma_000225840_00000024.png`, that is film, time and number.
The makers' `Train_Aligned_Faces/` and `Val_Aligned_Faces/` are found as well.
The labels of the test split are not public.

People are not named, so folds are parted by film, the films about Harry Potter
and those about Ocean's friends counted as one each. Films are dealt, the
largest first, so that each expression is spread evenly over the folds. Fold f
tests, fold (f + 1) mod 5 validates, the others train.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import expressions
from keras_fer.datasets import reading

INFO = corpus.CorpusInfo(
    name="sfew",
    title="SFEW 2.0",
    classes=(*expressions.BASIC, "neutral"),
    image_shape=(143, 143, 3),
    counts={"train": 958, "val": 436},
    folders=("sfew", "SFEW", "SFEW2", "SFEW_2"),
    license="for research, on agreement with the makers; not to be shared",
    how_to_get=(
        "Ask for SFEW 2.0 at the Australian National University (EmotiW) and "
        "put the aligned faces into sfew/train/ and sfew/val/."
    ),
    reference=(
        "Dhall et al., Video and Image Based Emotion Recognition Challenges in "
        "the Wild: EmotiW 2015, ICMI 2015, "
        "https://doi.org/10.1145/2818346.2829994"
    ),
)

FOLDS = 5

# Films of one cast, whatever follows in their names.
_SERIES = ("HarryPotter", "Oceans")
_NAME = re.compile(
    r"([^_-]+)[_-](?:.*[_-])?\d+_+\d+\.(?:png|jpg)", re.IGNORECASE
)


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    fold: int | None = None,
    size: int = INFO.image_shape[0],
    channels: int = INFO.image_shape[2],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of SFEW, or of one fold of its training split.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        data_dir: folder that holds `sfew/`, else `$KERAS_FER_DATA`.
        fold: number of the fold of the training split, 0 to 4; by default the
            official splits.
        size: side in pixels; of the faces of 143×181 the middle is taken.
        channels: 3 for RGB, 1 for gray.
        skip_bad: leave out files that cannot be read or are named otherwise,
            and say which in `notes`.

    Returns:
        A `Corpus` with the columns `"expression"` and `"film"`.

    Raises:
        CorpusError: the corpus or the split is not there, a file is malformed,
            a class has no training image.

    Example:

    >>> from keras_fer.datasets import sfew
    >>> faces = sfew.load_data(fold=0, size=48)  # doctest: +SKIP
    >>> faces.images.shape[1:]  # doctest: +SKIP
    (48, 48, 3)

    Reference:
        - [Dhall et al., 2015](https://doi.org/10.1145/2818346.2829994)
    """
    corpus.check_split(INFO, split)
    corpus.check_shape(INFO, size, channels)
    if fold is not None and fold not in range(FOLDS):
        raise corpus.CorpusError(
            f"`fold` must be 0 to {FOLDS - 1} or None. Received: {fold}"
        )
    folder = corpus.find_corpus(INFO, data_dir)
    notes, part = [], split if fold is None else "train"
    rows = _rows(folder, part, notes, skip_bad)
    if part in INFO.counts:
        notes += corpus.count_notes(INFO, part, len(rows))
    if fold is not None:
        folds = _folds(rows)
        parts = {"test": {fold}, "val": {(fold + 1) % FOLDS}}
        others = set(range(FOLDS)) - parts["test"] - parts["val"]
        wanted = parts.get(split, others)
        rows = [row for row in rows if folds[row["film"]] in wanted]
    info = dataclasses.replace(INFO, image_shape=(size, size, channels))
    images, kept = reading.read_faces(
        [row["path"] for row in rows], info, folder, notes, skip_bad
    )
    rows = [rows[index] for index in kept]
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels={
            "expression": np.array([row["label"] for row in rows], np.int64),
            "film": np.array([row["film"] for row in rows], str),
        },
        names=[str(row["path"].relative_to(folder)) for row in rows],
        notes=tuple(notes),
    )


def _rows(folder, split, notes, skip_bad):
    def bad(path, why):
        message = f"{path.relative_to(folder)}: {why}"
        if not skip_bad:
            raise corpus.CorpusError(message)
        notes.append(f"left out {message}")

    roots = [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and path.name.lower().split("_")[0] == split
    ]
    if len(roots) != 1:
        found = ", ".join(path.name for path in sorted(folder.iterdir()))
        error = corpus.CorpusError if roots else corpus.SplitNotFoundError
        raise error(
            f"{folder}: expected one folder {split}/. Received: {found}"
        )
    rows, seen = [], set()
    leaves = sorted(path for path in roots[0].rglob("*") if path.is_dir())
    for leaf in leaves or roots:
        paths = [
            path for path in sorted(leaf.glob("[!.]*")) if not path.is_dir()
        ]
        label = expressions.ALIASES.get(leaf.name.lower())
        if label not in INFO.classes:
            if paths:
                bad(leaf, f"unknown label, expected {', '.join(INFO.classes)}")
            continue
        if not paths:
            bad(leaf, "the folder is empty")
        if label in seen and paths:
            bad(leaf, f"a second folder of {label}")
            continue
        seen.add(label)
        for path in paths:
            name = _NAME.fullmatch(path.name)
            if name is None:
                bad(path, "expected a name as AlexEmma_000225840_00000024.png")
                continue
            label_code = INFO.classes.index(label)
            film = name[1]
            for series in _SERIES:
                film = series if film.startswith(series) else film
            rows.append({"path": path, "film": film, "label": label_code})
    return rows


def _folds(rows):
    """Number of the fold of each film."""
    films, index = np.unique([row["film"] for row in rows], return_inverse=True)
    counts = np.zeros((len(films), len(INFO.classes)))
    np.add.at(counts, (index, [row["label"] for row in rows]), 1)
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    filled, folds = np.zeros((FOLDS, len(INFO.classes))), {}
    for film in np.argsort(-counts.sum(axis=1), kind="stable"):
        # Where the squares of all shares grow least, the expressions are
        # spread most evenly.
        growth = ((filled + shares[film]) ** 2 - filled**2).sum(axis=1)
        fold = int(growth.argmin())
        filled[fold] += shares[film]
        folds[str(films[film])] = fold
    return folds

"""TFD, the Toronto Face Database: 4178 labeled faces in five folds.

Read from the MATLAB files in which it is distributed, `TFD_96x96.mat` or
`TFD_48x48.mat`, each with four variables (after the published scripts of the
zero-bias CNN and pylearn2's and lisa_emotiw's readers):

- `images`: uint8 `(102236, side, side)`;
- `labs_ex`: `(102236, 1)`, 1 to 7 for anger, disgust, fear, happiness, sadness,
  surprise, neutral, and -1 for the 98,058 faces without a label;
- `labs_id`: `(102236, 1)`, the person, -1 where unknown;
- `folds`: `(102236, 5)`, for each fold 0 (unlabeled), 1 (train), 2 (validation)
  or 3 (test).

`load_data` reads the labeled faces, `load_unlabeled` the others.
"""

import dataclasses
import zlib
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus

INFO = corpus.CorpusInfo(
    name="tfd",
    title="TFD",
    # In the order of the codes in `labs_ex`.
    classes=(
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    ),
    image_shape=(96, 96, 1),
    counts={"labeled": 4178},
    folders=("tfd", "TFD"),
    license="for research, on proof of the licenses of its eight sources",
    how_to_get=(
        "Ask the makers at the University of Toronto and put TFD_96x96.mat or "
        "TFD_48x48.mat into tfd/."
    ),
    reference=(
        "Susskind, Anderson and Hinton, The Toronto Face Database, technical "
        "report UTML TR 2010-001, 2010"
    ),
)

FOLDS = 5

_CODES = {"train": 1, "val": 2, "test": 3}


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    fold: int = 0,
    size: int = 96,
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of one of the five official folds of TFD.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        data_dir: folder that holds `tfd/`, else `$KERAS_FER_DATA`.
        fold: 0 to 4.
        size: side of the faces in pixels, 96 or 48.
        skip_bad: leave out faces of a fold whose label is none of 1 to 7,
            and say which in `notes`.

    Returns:
        A `Corpus` with the columns `"expression"` and `"subject"` (`"-1"`
        where unknown).

    Raises:
        CorpusError: the corpus is not there, a file is malformed, a class to
            train on is empty.

    Example:

    >>> from keras_fer.datasets import tfd
    >>> tfd.load_data("test", fold=4).images.shape  # doctest: +SKIP
    (834, 96, 96, 1)

    Reference:
        - Susskind et al., 2010.
        - [Khorrami et al., 2015, section 4](https://arxiv.org/abs/1510.02969)
    """
    corpus.check_split(INFO, split)
    if fold not in range(FOLDS):
        raise corpus.CorpusError(
            f"`fold` must be 0 to {FOLDS - 1}. Received: {fold}"
        )
    _check_size(size)
    path = corpus.find_corpus(INFO, data_dir) / f"TFD_{size}x{size}.mat"
    images, labels, subjects, folds = _read(path, size)
    rows = np.flatnonzero(folds[:, fold] == _CODES[split])
    labeled = (labels[rows] >= 1) & (labels[rows] <= len(INFO.classes))
    notes = tuple(
        f"left out row {row} of {path.name}: label {labels[row]}"
        for row in rows[~labeled]
    )
    if notes and not skip_bad:
        row = rows[~labeled][0]
        raise corpus.CorpusError(
            f"{path.name}: row {row} is in fold {fold}, but its label is none "
            f"of 1 to {len(INFO.classes)}. Received: {labels[row]}"
        )
    rows = rows[labeled]
    known = (labels >= 1) & (labels <= len(INFO.classes))
    notes += corpus.count_notes(INFO, "labeled", int(known.sum()))
    return corpus.Corpus(
        info=dataclasses.replace(INFO, image_shape=(size, size, 1)),
        split=split,
        images=images[rows][..., None],
        labels={
            "expression": labels[rows].astype(np.int64) - 1,
            "subject": subjects[rows].astype(str),
        },
        names=[f"{path.name} row {row}" for row in rows],
        notes=notes,
    )


def load_unlabeled(
    *, data_dir: str | Path | None = None, size: int = 96
) -> np.ndarray:
    """Read the faces of TFD that have no label, for learning without one.

    Args:
        data_dir: folder that holds `tfd/`, else `$KERAS_FER_DATA`.
        size: side of the faces in pixels, 96 or 48.

    Returns:
        uint8 `(98058, size, size, 1)`, in `[0, 255]`.

    Raises:
        CorpusError: the corpus is not there or a file is malformed.

    Example:

    >>> from keras_fer.datasets import tfd
    >>> tfd.load_unlabeled(size=48).shape  # doctest: +SKIP
    (98058, 48, 48, 1)
    """
    _check_size(size)
    folder = corpus.find_corpus(INFO, data_dir)
    images, *_, folds = _read(folder / f"TFD_{size}x{size}.mat", size)
    return images[(folds == 0).all(axis=1)][..., None]


def _check_size(size):
    if size not in (48, 96):
        raise corpus.CorpusError(f"`size` must be 48 or 96. Received: {size}")


def _read(path, size):
    import scipy.io

    if not path.is_file():
        raise corpus.CorpusError(
            f"{path.parent}: no {path.name}. {INFO.how_to_get}"
        )
    wanted = {
        "images": (size, size),
        "labs_ex": (1,),
        "labs_id": (1,),
        "folds": (FOLDS,),
    }
    try:
        variables = scipy.io.loadmat(path, variable_names=list(wanted))
    # What scipy raises on files that are cut short or of another kind.
    except (
        OSError,
        ValueError,
        TypeError,
        NotImplementedError,
        scipy.io.matlab.MatReadError,
        zlib.error,
        EOFError,
        IndexError,
    ) as error:
        raise corpus.CorpusError(f"{path} cannot be read: {error}") from error
    missing = sorted(set(wanted) - set(variables))
    if missing:
        raise corpus.CorpusError(f"{path}: no variable {', '.join(missing)}")
    count = len(variables["images"])
    for name, shape in wanted.items():
        found = variables[name].shape
        if found != (count, *shape):
            raise corpus.CorpusError(
                f"{path}: expected {name} of shape {(count, *shape)}. "
                f"Received: {found}"
            )
    images, folds = variables["images"], variables["folds"]
    if images.dtype != np.uint8:
        raise corpus.CorpusError(
            f"{path}: expected images of type uint8. Received: {images.dtype}"
        )
    labels, people = (variables[name] for name in ("labs_ex", "labs_id"))
    for name, values in (("labs_ex", labels), ("labs_id", people)):
        if (values != values.astype(np.int64)).any():
            raise corpus.CorpusError(
                f"{path}: expected whole numbers in {name}"
            )
    odd = np.argwhere(~np.isin(folds, (0, *_CODES.values())))
    if len(odd):
        row, column = odd[0]
        raise corpus.CorpusError(
            f"{path}: expected folds of 0 to 3. Received: {folds[row, column]} "
            f"in row {row}"
        )
    labels, people = labels.astype(np.int64), people.astype(np.int64)
    return images, labels[:, 0], people[:, 0], folds

"""FER2013: 35,887 gray faces of 48×48 pixels from the web, 7 expressions.

Three published layouts are read, whichever is in the corpus' folder:

- `fer2013.csv` or `fer2013.csv.gz`, as published: a header
  `emotion,pixels,Usage`, then rows such as `0,70 80 82 …,Training`;
- image folders whose file names carry the usage, as in Kaggle's copy
  `train/angry/Training_3908.jpg`, `test/angry/PublicTest_1234.jpg`;
- image folders by split and class, `train/angry/0.jpg`,
  `validation/angry/7.jpg`, `test/angry/5.jpg`.

The splits are Training, PublicTest ("val") and PrivateTest ("test").
"""

import csv
import dataclasses
import functools
import gzip
import io
import warnings
import zlib
from pathlib import Path

import numpy as np

from keras_fer import faces
from keras_fer.datasets import audit
from keras_fer.datasets import corpus
from keras_fer.datasets import duplicates
from keras_fer.datasets import expressions
from keras_fer.datasets import progress

INFO = corpus.CorpusInfo(
    name="fer2013",
    title="FER2013",
    # In the order of the column `emotion`.
    classes=(
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    ),
    image_shape=(48, 48, 1),
    counts={"train": 28709, "val": 3589, "test": 3589},
    folders=("fer2013",),
    license="web images collected for research; no license is stated",
    how_to_get=(
        "Get fer2013.csv from the Kaggle competition 'Challenges in "
        "Representation Learning: Facial Expression Recognition Challenge' "
        "and put it in a folder fer2013/."
    ),
    reference=(
        "Goodfellow et al., Challenges in Representation Learning, ICONIP "
        "2013, https://arxiv.org/abs/1307.0414"
    ),
)

USAGES = {"Training": "train", "PublicTest": "val", "PrivateTest": "test"}

_FOLDER_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "publictest": "val",
    "test": "test",
    "privatetest": "test",
}
_IMAGE_TYPES = (".png", ".jpg", ".jpeg", ".bmp")
_PIXELS = INFO.image_shape[0] * INFO.image_shape[1]


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    drop_leaks: bool = True,
    size: int = INFO.image_shape[0],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of FER2013.

    Args:
        split: `"train"`, `"val"` (PublicTest) or `"test"` (PrivateTest).
        data_dir: folder that holds `fer2013/`, else `$KERAS_FER_DATA`.
        drop_leaks: leave out training images whose pixels occur in a later
            split, and blank training images. Later splits stay as published.
        size: side in pixels that the faces of 48×48 are brought to.
        skip_bad: leave out rows and files that cannot be read, and say which
            in `notes`, instead of stopping at the first.

    Returns:
        A `Corpus` of uint8 images `(N, size, size, 1)` with the column
        `"expression"`.

    Raises:
        CorpusError: the corpus or the split is not there, a row or file is
            malformed, a class has no training image.

    Example:

    >>> from keras_fer.datasets import fer2013
    >>> faces = fer2013.load_data("val")  # doctest: +SKIP
    >>> len(faces)  # doctest: +SKIP
    3589

    Reference:
        - [Goodfellow et al., 2013](https://arxiv.org/abs/1307.0414)
    """
    corpus.check_split(INFO, split)
    corpus.check_shape(INFO, size)
    folder = corpus.find_corpus(INFO, data_dir)
    table = _read(folder, skip_bad)
    images, labels, splits, names, notes = table
    rows = np.flatnonzero(splits == split)
    if not len(rows):
        present = ", ".join(s for s in corpus.SPLITS if s in set(splits))
        raise corpus.SplitNotFoundError(
            f"{INFO.title}: no split {split!r} in {folder}; it holds {present}"
        )
    notes += corpus.count_notes(INFO, split, len(rows))
    if drop_leaks and split == "train":
        rows, dropped = _drop_leaks(images, splits, rows)
        notes += dropped
    chosen = (faces.resize_face(image, (size, size)) for image in images[rows])
    return corpus.Corpus(
        info=dataclasses.replace(INFO, image_shape=(size, size, 1)),
        split=split,
        images=np.stack(list(chosen)),
        labels={"expression": labels[rows]},
        names=[names[row] for row in rows],
        notes=notes,
    )


def _drop_leaks(images, splits, rows):
    copies = duplicates.exact_duplicates(images)
    leaks = audit.leaked(copies, splits, "train")[rows]
    pixels = images[rows].reshape(len(rows), -1)
    blank = pixels.min(axis=1) == pixels.max(axis=1)
    notes = (
        f"{leaks.sum()} training images left out: their pixels occur in a "
        "later split",
        f"{(blank & ~leaks).sum()} training images left out: blank",
    )
    return rows[~(leaks | blank)], notes


def _read(folder, skip_bad):
    """Images, labels, splits, names and notes of all rows on disk."""
    for name in ("fer2013.csv", "fer2013.csv.gz"):
        path = folder / name
        if path.is_file():
            stat = path.stat()
            return _read_csv(path, skip_bad, stat.st_mtime_ns, stat.st_size)
    files = [
        (path, path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
    ]
    return _read_folders(folder, skip_bad, tuple(files))


class _Rows:
    """Collects rows; a bad one stops the reading or is noted."""

    def __init__(self, skip_bad):
        self.skip_bad = skip_bad
        self.images, self.labels, self.splits = [], [], []
        self.names, self.bad = [], []

    def add(self, name, read):
        try:
            image, label, split = read()
        except corpus.CorpusError as error:
            self.fail(name, str(error))
            return
        self.images.append(image)
        self.labels.append(label)
        self.splits.append(split)
        self.names.append(name)

    def fail(self, name, why):
        if not self.skip_bad:
            raise corpus.CorpusError(f"{name}: {why}")
        self.bad.append(f"left out {name}: {why}")

    def table(self, where):
        if not self.images:
            raise corpus.CorpusError(f"{where}: no image in it")
        images = np.stack(self.images).reshape(-1, *INFO.image_shape)
        return (
            images,
            np.array(self.labels),
            np.array(self.splits),
            self.names,
            tuple(self.bad),
        )


@functools.lru_cache(maxsize=1)  # train and val are read from one pass
def _read_csv(path, skip_bad, _mtime, _size):
    import rich.progress

    rows = _Rows(skip_bad)
    number = 1
    bar = progress.progress_bar(path.name)
    with rich.progress.open(path, "rb", **bar) as raw:
        file = gzip.open(raw) if path.suffix == ".gz" else raw
        lines = csv.reader(io.TextIOWrapper(file, "utf-8", errors="replace"))
        try:
            header = next(lines, [])
            if header != ["emotion", "pixels", "Usage"]:
                raise corpus.CorpusError(
                    f"{path}, row 1: expected the header emotion,pixels,Usage. "
                    f"Received: {','.join(header)[:80]}"
                )
            for number, row in enumerate(lines, start=2):
                if row:  # not an empty line
                    rows.add(
                        f"{path.name}, row {number}",
                        functools.partial(_parse_row, row),
                    )
        except (EOFError, OSError, zlib.error, csv.Error) as error:
            rows.fail(path.name, f"unreadable after row {number}: {error}")
    return rows.table(path)


def _parse_row(row):
    if len(row) != 3:
        raise corpus.CorpusError(
            f"expected 3 columns (emotion, pixels, Usage). Received: {len(row)}"
        )
    emotion, text, usage = row
    if emotion not in [str(code) for code in range(len(INFO.classes))]:
        raise corpus.CorpusError(
            f"unknown label: expected 0 to 6. Received: {emotion!r}"
        )
    if usage not in USAGES:
        raise corpus.CorpusError(
            f"unknown usage: expected {', '.join(USAGES)}. Received: {usage!r}"
        )
    try:
        with warnings.catch_warnings():
            # NumPy only warns where it stops at a word that is no number.
            warnings.simplefilter("error", DeprecationWarning)
            pixels = np.fromstring(text, dtype=np.int64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise corpus.CorpusError(
            "pixels must be whole numbers with a blank between two"
        ) from error
    if len(pixels) != _PIXELS:
        raise corpus.CorpusError(
            f"expected {_PIXELS} pixels (48×48). Received: {len(pixels)}"
        )
    if pixels.min() < 0 or pixels.max() > 255:
        raise corpus.CorpusError(
            "pixels must lie in [0, 255]. Received: "
            f"{pixels.min()} to {pixels.max()}"
        )
    return pixels.astype(np.uint8), int(emotion), USAGES[usage]


@functools.lru_cache(maxsize=1)
def _read_folders(folder, skip_bad, files):
    import rich.progress

    rows = _Rows(skip_bad)
    paths = [f[0] for f in files if f[0].suffix.lower() in _IMAGE_TYPES]
    for leaf in (path for path, *_ in files if path.is_dir()):
        if not any(leaf.iterdir()):
            rows.fail(str(leaf.relative_to(folder)), "the folder is empty")
    if not paths:
        raise corpus.CorpusError(
            f"{folder}: neither fer2013.csv, fer2013.csv.gz nor image folders "
            f"in it. {INFO.how_to_get}"
        )
    for path in rich.progress.track(
        paths, **progress.progress_bar(folder.name)
    ):
        inner = path.relative_to(folder)
        rows.add(str(inner), functools.partial(_read_image, path, inner))
    return rows.table(folder)


def _read_image(path, inner):
    import cv2

    parts = [part.lower() for part in inner.parts[:-1]]
    label = expressions.ALIASES.get(parts[-1] if parts else "")
    if label not in INFO.classes:
        raise corpus.CorpusError(
            f"unknown label: expected a folder named {', '.join(INFO.classes)}"
        )
    usage = path.name.split("_")[0]
    folders = [_FOLDER_SPLITS[part] for part in parts if part in _FOLDER_SPLITS]
    if usage in USAGES:
        split = USAGES[usage]
    elif folders:
        split = folders[-1]
    else:
        raise corpus.CorpusError(
            "unknown split: expected a folder train, validation or test, or a "
            f"file name that begins with {', '.join(USAGES)}"
        )
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise corpus.CorpusError("not a readable image")
    expected = INFO.image_shape[:2]
    if image.shape != expected or image.dtype != np.uint8:
        raise corpus.CorpusError(
            "expected 8-bit gray pixels of shape (48, 48). Received: "
            f"{image.dtype} of shape {image.shape}"
        )
    return image, INFO.classes.index(label), split

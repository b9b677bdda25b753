"""A corpus of one's own: folders of pictures, or a table of paths and labels.

The folder itself is what `data_dir` names. It holds one of:

- `labels.csv`, a row a picture, with the columns `path` (relative to the
  folder) and `expression` (its name), if wanted `split` (train, val or test)
  and `subject`, and any others, which become columns of the corpus;
- `train/anger/…`, `val/anger/…` and, if there is one, `test/anger/…`;
- `anger/…`, a folder an expression.

Names of expressions are free; known ones may be written as in other corpora
(`angry`, `Happy`). Where nothing says which split a picture is in, a tenth is
`"val"` and a tenth `"test"`: of the persons, if the table has `subject`, else
of the pictures, of which those that look alike stay together.
"""

import csv
import dataclasses
import hashlib
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import duplicates
from keras_fer.datasets import expressions
from keras_fer.datasets import reading

INFO = corpus.CorpusInfo(
    name="folder",
    title="own corpus",
    classes=(),
    image_shape=(48, 48, 1),
    counts={},
    folders=(),
    license="yours",
    how_to_get=(
        "Put pictures into train/EXPRESSION/ and val/EXPRESSION/, or write "
        "labels.csv with the columns path and expression."
    ),
    reference="A corpus of one's own.",
)

IMAGE_TYPES = (
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
)

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_TABLE = "labels.csv"


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    size: int = INFO.image_shape[0],
    channels: int = INFO.image_shape[2],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of a corpus of one's own.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        data_dir: the folder of the corpus.
        size: side in pixels; of pictures with other proportions the middle is
            taken.
        channels: 1 for gray, 3 for RGB.
        skip_bad: leave out files and rows that cannot be read, and say which
            in `notes`.

    Returns:
        A `Corpus` whose classes are all expressions of the folder, in
        alphabetical order, with the column `"expression"` and, of a table, all
        its other columns.

    Raises:
        CorpusError: the folder is not there or holds no pictures in one of the
            ways above, a file or row is malformed, a class has no training
            image.

    Example:

    >>> from keras_fer.datasets import folder
    >>> faces = folder.load_data(data_dir="mine")  # doctest: +SKIP
    >>> faces.class_counts()  # doctest: +SKIP
    {'anger': 120, 'happiness': 240}
    """
    corpus.check_split(INFO, split)
    root = Path(data_dir or "")
    if data_dir is None or not root.is_dir():
        raise corpus.CorpusError(
            f"{data_dir}: there is no such folder. {INFO.how_to_get}"
        )
    notes = []

    def bad(where, why):
        if not skip_bad:
            raise corpus.CorpusError(f"{where}: {why}")
        notes.append(f"left out {where}: {why}")

    table = root / _TABLE
    rows = _read_table(table, bad) if table.is_file() else _read_folders(root)
    if not rows:
        raise corpus.CorpusError(
            f"{root}: no picture of an expression in it. {INFO.how_to_get}"
        )
    classes = tuple(sorted({row["expression"] for row in rows}))
    info = dataclasses.replace(
        INFO,
        title=f"own corpus ({root.resolve().name})",
        classes=classes,
        image_shape=(size, size, channels),
    )
    named = {row["split"] for row in rows} - {None}
    if named and split not in named:
        raise corpus.SplitNotFoundError(
            f"{root}: no split {split!r}; it holds {', '.join(sorted(named))}"
        )
    if named:
        rows = [row for row in rows if row["split"] == split]
    elif "subject" in rows[0]["columns"]:
        people = [row["columns"]["subject"] for row in rows]
        rows = [
            row
            for row, person in zip(rows, people, strict=True)
            if _draw(person) == split
        ]
    images, kept = reading.read_faces(
        [row["path"] for row in rows], info, root, notes, skip_bad
    )
    rows = [rows[index] for index in kept]
    if not named and rows and "subject" not in rows[0]["columns"]:
        keys = duplicates.near_duplicates(images)
        first = {}  # rows are in order of names
        for key, row in zip(keys, rows, strict=True):
            first.setdefault(key, row["path"].relative_to(root))
        inside = np.array([_draw(first[key]) == split for key in keys])
        images = images[inside]
        rows = [rows[index] for index in np.flatnonzero(inside)]
    columns = {
        name: _column([row["columns"][name] for row in rows])
        for name in (rows[0]["columns"] if rows else ())
    }
    labels = [classes.index(row["expression"]) for row in rows]
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels={"expression": np.array(labels, np.int64), **columns},
        names=[str(row["path"].relative_to(root)) for row in rows],
        notes=tuple(notes),
    )


def is_own(path: str | Path) -> bool:
    """Tell a corpus of one's own from a folder that holds several corpora.

    Example:

    >>> from keras_fer.datasets import folder
    >>> folder.is_own("/nowhere")
    False
    """
    path = Path(path)
    if not path.is_dir():
        return False
    return (path / _TABLE).is_file() or bool(_read_folders(path))


def _read_folders(root):
    """A row for each picture in `EXPRESSION/` or `SPLIT/EXPRESSION/`."""
    rows = []
    leaves = [path for path in sorted(root.iterdir()) if path.is_dir()]
    splits = {path: _SPLITS.get(path.name.lower()) for path in leaves}
    for leaf in leaves:
        inner = [leaf]
        if splits[leaf]:
            inner = [path for path in sorted(leaf.iterdir()) if path.is_dir()]
        elif any(splits.values()):
            continue
        for part in inner:
            name = part.name.lower()
            rows += [
                {
                    "path": path,
                    "expression": expressions.ALIASES.get(name, part.name),
                    "split": splits[leaf],
                    "columns": {},
                }
                for path in sorted(part.iterdir())
                if path.suffix.lower() in IMAGE_TYPES and path.is_file()
            ]
    return rows


def _read_table(path, bad):
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        missing = {"path", "expression"} - set(header)
        if missing or len(set(header)) < len(header):
            raise corpus.CorpusError(
                f"{path}, row 1: expected different columns, path and "
                f"expression among them. Received: {','.join(header)[:120]}"
            )
        rows = []
        for number, row in enumerate(reader, start=2):
            where = f"{path.name}, row {number}"
            if None in row or None in row.values():
                bad(where, f"expected {len(header)} values")
                continue
            split = row.pop("split", None)
            if split is not None and split.lower() not in _SPLITS:
                bad(
                    where, f"unknown split {split!r}, expected train, val, test"
                )
                continue
            name = row.pop("expression").strip()
            if not name:
                bad(where, "no expression")
                continue
            rows.append(
                {
                    "path": path.parent / row.pop("path"),
                    "expression": expressions.ALIASES.get(name.lower(), name),
                    "split": split and _SPLITS[split.lower()],
                    "columns": row,
                }
            )
    return rows


def _draw(name):
    """Split of a person or picture, the same in every run."""
    digest = hashlib.sha256(str(name).encode()).digest()
    place = int.from_bytes(digest[:4], "big") / 2**32
    return "test" if place < 0.1 else "val" if place < 0.2 else "train"


def _column(values):
    """Numbers where all values are numbers, else words."""
    try:
        return np.array([float(value) for value in values], np.float32)
    except ValueError:
        return np.array(values, str)

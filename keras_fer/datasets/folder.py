"""A corpus of one's own: folders of pictures, or a table of paths and labels.

The folder itself is what `data_dir` names. It holds one of:

- `labels.csv`, a row a picture, with the columns `path` (relative to the
  folder) and `expression` (its name), if wanted `split` (train, val or test)
  and `subject`, and any others, which become columns of the corpus;
- `train/anger/…`, `val/anger/…` and, if there is one, `test/anger/…`;
- `anger/…`, a folder an expression.

Names of expressions are free; known ones may be written as in other corpora
(`angry`, `Happy`). Where nothing says which split a picture is in, of ten one
tests and one validates: of the persons, if the table has `subject`, else of the
pictures, of which those that look alike stay together.
"""

import csv
import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np

from keras_fer import faces
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
        data_dir: the folder of the corpus, else `$KERAS_FER_DATA`.
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
    corpus.check_shape(INFO, size, channels)
    data_dir = data_dir or os.environ.get("KERAS_FER_DATA")
    root = Path(data_dir or "")
    if not data_dir or not root.is_dir():
        raise corpus.CorpusError(
            f"own corpus: no folder {data_dir or ''}. Name it with --data "
            f"(data_dir=). {INFO.how_to_get}"
        )
    notes = []

    def bad(where, why):
        if not skip_bad:
            raise corpus.CorpusError(f"{where}: {why}")
        notes.append(f"left out {where}: {why}")

    table = root / _TABLE
    rows = _read_table(table, bad) if table.is_file() else []
    rows = rows or _read_folders(root, bad)
    if not rows:
        raise corpus.CorpusError(
            f"{root}: no picture of an expression in it. {INFO.how_to_get}"
        )
    classes = tuple(sorted({row["expression"] for row in rows}))
    alike = {name.casefold() for name in classes}
    if len(alike) < len(classes):
        raise corpus.CorpusError(
            f"{root}: expressions differ only in case: {', '.join(classes)}"
        )
    info = dataclasses.replace(
        INFO,
        title=f"own corpus ({root.resolve().name})",
        classes=classes,
        image_shape=(size, size, channels),
    )
    splits = _splits(rows, root, notes, skip_bad)
    chosen = [row for row, of in zip(rows, splits, strict=True) if of == split]
    if not chosen:
        held = ", ".join(sorted(set(splits) - {None}))
        raise corpus.SplitNotFoundError(
            f"{root}: no split {split!r}; it holds {held}"
        )
    images, kept = reading.read_faces(
        [row["path"] for row in chosen], info, root, notes, skip_bad
    )
    # Types are those of the whole table, the same in every split.
    columns = {
        name: _column(name, [row["columns"][name] for row in rows])
        for name in rows[0]["columns"]
    }
    of_rows = [number for number, of in enumerate(splits) if of == split]
    places = np.array(of_rows, int)[kept]
    labels = [classes.index(rows[place]["expression"]) for place in places]
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels={
            "expression": np.array(labels, np.int64),
            **{name: column[places] for name, column in columns.items()},
        },
        names=[str(rows[place]["path"].relative_to(root)) for place in places],
        notes=tuple(dict.fromkeys(notes)),
    )


def classes_of(data_dir: str | Path, *, skip_bad: bool = False) -> list[str]:
    """List the expressions of a corpus of one's own, without its pictures.

    Raises:
        CorpusError: as `load_data`.

    Example:

    >>> from keras_fer.datasets import folder
    >>> folder.classes_of("mine")  # doctest: +SKIP
    ['anger', 'happiness']
    """

    def bad(where, why):
        if not skip_bad:
            raise corpus.CorpusError(f"{where}: {why}")

    root = Path(data_dir)
    table = root / _TABLE
    rows = _read_table(table, bad) if table.is_file() else []
    rows = rows or _read_folders(root, bad)
    return sorted({row["expression"] for row in rows})


def _splits(rows, root, notes, skip_bad):
    """Split of each row; None of pictures that cannot be read."""
    named = [row["split"] for row in rows]
    if any(named):
        return named
    if "subject" in rows[0]["columns"]:
        keys = [row["columns"]["subject"] for row in rows]
    else:
        # Pictures that look alike are one group, whatever size is asked for.
        info = dataclasses.replace(INFO, title="looking for copies")
        images, kept = reading.read_faces(
            [row["path"] for row in rows], info, root, notes, skip_bad
        )
        keys, first = [None] * len(rows), {}
        for place, group in zip(
            kept, duplicates.near_duplicates(images), strict=True
        ):
            path = str(rows[place]["path"].relative_to(root))
            keys[place] = first.setdefault(group, path)
    # Groups are dealt in an order that has nothing to do with their names: of
    # ten one tests and one validates, of three already one each.
    groups = sorted({key for key in keys if key is not None}, key=_hash)
    every = min(10, max(len(groups), 1))
    deal = {0: "test", 1: "val"}
    split_of = {
        group: deal.get(number % every, "train")
        for number, group in enumerate(groups)
    }
    return [split_of.get(key) for key in keys]


def is_own(path: str | Path) -> bool:
    """Tell a corpus of one's own from a folder that holds published ones.

    Example:

    >>> from keras_fer.datasets import folder
    >>> folder.is_own("/nowhere")
    False
    """
    path = Path(path)
    if not path.is_dir():
        return False
    if (path / _TABLE).is_file():
        return True
    from keras_fer import datasets

    published = {
        name.lower()
        for module in vars(datasets).values()
        for info in getattr(module, "__dict__", {}).values()
        if isinstance(info, corpus.CorpusInfo)
        for name in info.folders
    }
    folders = [inner.name for inner in path.iterdir() if inner.is_dir()]
    if published & {name.lower() for name in (path.resolve().name, *folders)}:
        return False
    return bool(_read_folders(path, lambda where, why: None))


def _read_folders(root, bad):
    """A row for each picture in `EXPRESSION/` or `SPLIT/EXPRESSION/`."""
    rows = []
    leaves = _inner(root)
    splits = {path: _SPLITS.get(path.name.lower()) for path in leaves}
    for leaf in leaves:
        if not splits[leaf] and any(splits.values()):
            bad(leaf.relative_to(root), "expected train, val or test")
            continue
        for part in _inner(leaf) if splits[leaf] else [leaf]:
            where = part.relative_to(root)
            name = part.name
            paths = [p for p in sorted(part.iterdir()) if p.name[0] != "."]
            if not any(
                path.suffix.lower() in faces.IMAGE_TYPES for path in paths
            ):
                bad(where, "no picture in it")
                continue
            for path in paths:
                if path.suffix.lower() not in faces.IMAGE_TYPES:
                    bad(path.relative_to(root), "not a picture by its name")
                    continue
                rows.append(
                    {
                        "path": path,
                        "expression": expressions.ALIASES.get(
                            name.lower(), name
                        ),
                        "split": splits[leaf],
                        "columns": {},
                    }
                )
    return rows


def _inner(folder):
    """Folders that are the user's: not hidden, not an archiver's."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and path.name[0] not in "._"
    ]


def _read_table(path, bad):
    try:
        return _parse_table(path, bad)
    except csv.Error as error:
        raise corpus.CorpusError(f"{path} cannot be read: {error}") from error


def _parse_table(path, bad):
    rows, seen, root = [], set(), path.parent.resolve()
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.DictReader(file, strict=True)
        header = [name.strip().lower() for name in reader.fieldnames or []]
        reader.fieldnames = header
        missing = {"path", "expression"} - set(header)
        if missing or len(set(header)) < len(header):
            raise corpus.CorpusError(
                f"{path}, row 1: expected different columns, path and "
                f"expression among them. Received: {','.join(header)[:120]}"
            )
        for row in reader:
            where = f"{path.name}, row {reader.line_num}"
            if None in row or None in row.values():
                bad(where, f"expected {len(header)} values")
                continue
            row = {name: value.strip() for name, value in row.items()}
            split = row.pop("split", None)
            if split is not None and split.lower() not in _SPLITS:
                bad(
                    where, f"unknown split {split!r}, expected train, val, test"
                )
                continue
            name = row.pop("expression")
            if not name:
                bad(where, "no expression")
                continue
            inner = row.pop("path")
            picture = (root / inner).resolve()
            if not inner or not picture.is_relative_to(root):
                bad(
                    where, f"expected a path in the folder. Received: {inner!r}"
                )
                continue
            if picture in seen:
                bad(where, f"{inner} is listed twice")
                continue
            seen.add(picture)
            rows.append(
                {
                    "path": path.parent / picture.relative_to(root),
                    "expression": expressions.ALIASES.get(name.lower(), name),
                    "split": split and _SPLITS[split.lower()],
                    "columns": row,
                }
            )
    return rows


def _hash(name):
    return hashlib.sha256(str(name).encode("utf-8", "replace")).digest()


def _column(name, values):
    """Numbers where all values are numbers, else words; persons are words."""
    try:
        if name == "subject":
            raise ValueError
        return np.array([float(value) for value in values])
    except ValueError:
        return np.array(values, str)

"""AffectNet: faces from the web, with an expression, valence and arousal.

Either of the two layouts in which it was given out:

- 2017: `training.csv` and `validation.csv` (or both in
  `Manually_Annotated_file_lists/`) beside `Manually_Annotated_Images/` (or that
  in `Manually_Annotated/`), a line a picture: `subDirectory_filePath,face_x,
  face_y,face_width,face_height,facial_landmarks,expression,valence,arousal`,
  landmarks as `181.64;530.91;…`. Faces are cut out by their box.
- 2021: `train_set/` and `val_set/` with faces of 224×224 in `images/12.jpg`
  and `annotations/12_exp.npy`, `12_val.npy`, `12_aro.npy` and `12_lnd.npy`
  (https://github.com/sb-ai-lab/EmotiEffLib/issues/14).

What has no expression (none, uncertain, no face: codes 8 to 10) and what has
the marker -2 in place of valence or arousal is left out and counted. The labels
of the test split are not public; most papers report on the validation split.
"""

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rich.progress

from keras_fer.datasets import corpus
from keras_fer.datasets import progress
from keras_fer.datasets import reading

INFO = corpus.CorpusInfo(
    name="affectnet",
    title="AffectNet",
    # In the order of the codes.
    classes=(
        "neutral",
        "happiness",
        "sadness",
        "surprise",
        "fear",
        "disgust",
        "anger",
        "contempt",
    ),
    image_shape=(224, 224, 3),
    counts={"train": 287_651, "val": 4_000},
    folders=("affectnet", "AffectNet"),
    license="for research, on agreement with the makers; not to be shared",
    how_to_get=(
        "Ask for it at http://mohammadmahoor.com/affectnet/ and put the "
        "folders, as they come, into affectnet/."
    ),
    reference=(
        "Mollahosseini et al., AffectNet: A Database for Facial Expression, "
        "Valence, and Arousal Computing in the Wild, IEEE Transactions on "
        "Affective Computing 2019, https://doi.org/10.1109/TAFFC.2017.2740923"
    ),
)

LANDMARKS = 68
_NO_EXPRESSION = ("none", "uncertain", "no face")  # codes 8 to 10
_NO_VALUE = -2
_HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,"
    "facial_landmarks,expression,valence,arousal"
).split(",")
_LISTS = {"train": "training.csv", "val": "validation.csv"}
_IMAGES = ("Manually_Annotated_Images", "Manually_Annotated")
_LISTS_FOLDER = "Manually_Annotated_file_lists"
_SETS = {"train": "train_set", "val": "val_set"}


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    classes: Sequence[str] = INFO.classes,
    size: int = INFO.image_shape[0],
    channels: int = INFO.image_shape[2],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of AffectNet.

    Args:
        split: `"train"` or `"val"`; `"test"` is not public.
        data_dir: folder that holds `affectnet/`, else `$KERAS_FER_DATA`.
        classes: expressions in the order of their labels; images of others
            are left out and counted. Seven without `"contempt"`.
        size: side in pixels.
        channels: 3 for RGB, 1 for gray.
        skip_bad: leave out lines and files that cannot be read, and say which
            in `notes`.

    Returns:
        A `Corpus` with the columns `"expression"`, `"valence"` and `"arousal"`
        (float32, in `[-1, 1]`), `"landmarks"` (float32 `(N, 68, 2)`, x and y
        in pixels of the file) and, in the layout of 2017, `"box"` (float32
        `(N, 4)`: left, top, width, height). Images that take more than half a
        gigabyte stay on disk, see `ImageFiles`.

    Raises:
        CorpusError: the corpus or the split is not there, a line or a file is
            malformed, valence or arousal lies outside `[-1, 1]`, a class has
            no training image.

    Example:

    >>> from keras_fer.datasets import affectnet
    >>> faces = affectnet.load_data("val", size=112)  # doctest: +SKIP
    >>> faces.images.shape  # doctest: +SKIP
    (4000, 112, 112, 3)

    Reference:
        - [Mollahosseini et al., 2019](
          https://doi.org/10.1109/TAFFC.2017.2740923)
    """
    corpus.check_split(INFO, split)
    corpus.check_shape(INFO, size, channels)
    classes = tuple(classes)
    if not set(classes) <= set(INFO.classes) or len(set(classes)) < 2:
        raise corpus.CorpusError(
            f"`classes` must be among {', '.join(INFO.classes)}. Received: "
            f"{', '.join(classes)}"
        )
    root, notes, left_out = corpus.find_corpus(INFO, data_dir), [], {}
    if split not in _SETS:
        raise corpus.SplitNotFoundError(
            f"{root}: the labels of AffectNet's test split are not public"
        )

    def bad(where, why):
        if not skip_bad:
            raise corpus.CorpusError(f"{where}: {why}")
        notes.append(f"left out {where}: {why}")

    tables = [root / _LISTS[split], root / _LISTS_FOLDER / _LISTS[split]]
    tables = [path for path in tables if path.is_file()]
    folder = root / _SETS[split]
    if len(tables) + folder.is_dir() != 1:
        found = ", ".join(sorted(path.name for path in root.iterdir()))
        error = corpus.CorpusError if tables else corpus.SplitNotFoundError
        raise error(
            f"{root}: expected either {_LISTS[split]} or {_SETS[split]}/. "
            f"Received: {found}"
        )
    read = _read_table if tables else _read_folder
    rows = []
    for row in read(tables[0] if tables else folder, root, bad):
        reason = _unlabeled(row, classes)
        if reason is None:
            rows.append(row)
        else:
            left_out[reason] = left_out.get(reason, 0) + 1
    labeled = sum(
        count for reason, count in left_out.items() if reason in INFO.classes
    )
    # The layout of 2021 has one face less.
    counts = INFO.counts if tables else {**INFO.counts, "val": 3_999}
    notes += corpus.count_notes(
        dataclasses.replace(INFO, counts=counts), split, len(rows) + labeled
    )
    notes += [f"{n} images left out: {what}" for what, n in left_out.items()]
    info = dataclasses.replace(
        INFO, classes=classes, image_shape=(size, size, channels)
    )
    boxes = [row["box"] for row in rows] if tables else None
    images, kept = reading.read_faces(
        [row["path"] for row in rows], info, root, notes, skip_bad, boxes
    )
    rows = [rows[index] for index in kept]
    labels = [classes.index(INFO.classes[row["expression"]]) for row in rows]
    names = ("valence", "arousal", "landmarks", *(["box"] if tables else []))
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels={
            "expression": np.array(labels, np.int64),
            **{
                name: np.array([row[name] for row in rows], np.float32)
                for name in names
            },
        },
        names=[str(row["path"].relative_to(root)) for row in rows],
        notes=tuple(notes),
    )


def _unlabeled(row, classes):
    """Why an image is left out, if it is."""
    code = row["expression"]
    if code >= len(INFO.classes):
        return _NO_EXPRESSION[code - len(INFO.classes)]
    if INFO.classes[code] not in classes:
        return INFO.classes[code]
    if _NO_VALUE in (row["valence"], row["arousal"]):
        return "no valence or arousal"
    return None


def _row(path, expression, valence, arousal, landmarks, box=None):
    """Check the annotations of one picture, given as numbers or as text.

    Raises:
        ValueError: one is malformed or out of range.
    """
    code = int(str(expression))
    if not 0 <= code < len(INFO.classes) + len(_NO_EXPRESSION):
        raise ValueError(f"expected an expression of 0 to 10, not {code}")
    row = {"path": path, "expression": code}
    for name, text in (("valence", valence), ("arousal", arousal)):
        row[name] = float(str(text))
        if row[name] != _NO_VALUE and not -1 <= row[name] <= 1:
            raise ValueError(f"expected {name} in [-1, 1], not {text}")
    if code >= len(INFO.classes):
        return row  # where there is no face, landmarks and box are missing, too
    points = np.asarray(landmarks)
    if points.dtype.kind not in "fiuU" or points.size != 2 * LANDMARKS:
        raise ValueError(
            f"expected {LANDMARKS} landmarks, not {points.size / 2:g} of type "
            f"{points.dtype}"
        )
    row["landmarks"] = points.astype(np.float32).reshape(LANDMARKS, 2)
    row["box"] = [float(value) for value in box or ()]
    if not np.isfinite([*row["box"], *row["landmarks"].ravel()]).all():
        raise ValueError("expected finite landmarks and box")
    return row


def _read_table(table, root, bad):
    """The lines of a list of 2017."""
    images = [root / _IMAGES[0], root / _IMAGES[1] / _IMAGES[0]]
    images = [path for path in images if path.is_dir()]
    if not images:
        raise corpus.CorpusError(f"{root}: no folder {_IMAGES[0]}/ in it")
    names = set()
    for number, line in enumerate(_lines(table), start=1):
        where = f"{table.name}, row {number}"
        if not line or (number == 1 and line == _HEADER):
            continue
        if len(line) != len(_HEADER):
            bad(
                where,
                f"expected {','.join(_HEADER)}. Received: "
                f"{','.join(line)[:80]}",
            )
            continue
        name, *box, landmarks, expression, valence, arousal = line
        path = images[0] / name
        outside = not path.is_relative_to(root) or ".." in path.parts
        if name in names or outside:
            bad(where, f"{name!r} is listed twice or lies elsewhere")
            continue
        names.add(name)
        try:
            landmarks = landmarks.split(";")
            yield _row(path, expression, valence, arousal, landmarks, box)
        except ValueError as error:
            bad(where, str(error))


def _lines(table):
    bar = progress.progress_bar(f"{INFO.title}: {table.name}")
    with open(table, newline="", encoding="utf-8-sig", errors="replace") as f:
        lines = csv.reader(f, quoting=csv.QUOTE_NONE)
        try:
            yield from rich.progress.track(lines, **bar)
        except csv.Error as error:
            raise corpus.CorpusError(
                f"{table} cannot be read: {error}"
            ) from error


def _read_folder(folder, root, bad):
    """The pictures and annotations of a set of 2021."""
    where = folder.name
    inner = [folder / "images", folder / "annotations"]
    for path in inner:
        if not path.is_dir():
            raise corpus.CorpusError(f"{where}: no folder {path.name}/ in it")
    pictures = {}
    for path in sorted(inner[0].glob("[!.]*")):
        if path.stem in pictures:
            bad(f"{where}/images/{path.name}", "a second image of this number")
            continue
        pictures[path.stem] = path
    annotated = {
        path.name.rpartition("_")[0] for path in inner[1].glob("[!.]*.npy")
    }
    for stem in sorted(annotated - set(pictures)):
        bad(f"{where}/annotations/{stem}_exp.npy", "there is no such image")
    bar = progress.progress_bar(f"{INFO.title}: {where}")
    stems = sorted(pictures, key=lambda stem: (len(stem), stem))
    for stem in rich.progress.track(stems, **bar):
        try:
            expression, valence, arousal, landmarks = (
                _load(inner[1] / f"{stem}_{name}.npy")
                for name in ("exp", "val", "aro", "lnd")
            )
            yield _row(pictures[stem], expression, valence, arousal, landmarks)
        except OSError as error:
            bad(
                f"{where}/annotations/{stem}_*.npy",
                f"cannot be read: {error.strerror or error}",
            )
        # What NumPy raises on files of another kind.
        except (
            ValueError,
            EOFError,
            TypeError,
            MemoryError,
        ) as error:
            bad(f"{where}/annotations/{stem}_*.npy", str(error))


def _load(path):
    """`np.load` would leave other files open."""
    with open(path, "rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)

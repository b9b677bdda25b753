"""CK+: 327 labeled sequences of 118 people, from neutral to the apex.

Two layouts are read:

- `"frames"`, the distribution itself, as its ReadMeFirst describes it:
  `cohn-kanade-images/S005/001/S005_001_00000011.png`;
  `Emotion/S005/001/S005_001_00000011_emotion.txt`, one line such as
  `   3.0000000e+00`, present for 327 of 593 sequences;
  `FACS/S005/001/S005_001_00000011_facs.txt`, a line an action unit with its
  intensity, `   9.0000000e+00   5.0000000e+00` (0: present, not scored).
  The first frame of a labeled sequence counts as neutral, the last three show
  the expression: 1308 images, 8 classes.
- `"crops"`, the last three frames as faces of 48×48 pixels, 7 classes:
  `anger/S010_004_00000017.png`, 981 images.

Folds are independent of the subject: fold f holds the subjects number f,
f + 10, … in alphabetical order. Fold t tests, fold (t + 1) mod 10 validates,
the other eight train.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np

from keras_fer import faces
from keras_fer.datasets import corpus
from keras_fer.datasets import expressions
from keras_fer.datasets import progress

_SHARED = {
    "license": "for research, on agreement with the makers; not to be shared",
    "reference": (
        "Lucey et al., The Extended Cohn-Kanade Dataset (CK+), CVPRW 2010, "
        "https://doi.org/10.1109/CVPRW.2010.5543262"
    ),
}

INFO = corpus.CorpusInfo(
    name="ck_plus",
    title="CK+",
    # In the order of the codes in the emotion files.
    classes=(
        "neutral",
        "anger",
        "contempt",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
    ),
    image_shape=(96, 96, 1),
    counts={"all": 1308},
    folders=("ck_plus", "CK+"),
    how_to_get=(
        "Ask for CK+ at the University of Pittsburgh (Affect Analysis Group) "
        "and unpack cohn-kanade-images/, Emotion/ and FACS/ into ck_plus/."
    ),
    **_SHARED,
)

CROPS_INFO = corpus.CorpusInfo(
    name="ck_plus",
    title="CK+ (48×48 crops)",
    classes=(
        "anger",
        "contempt",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
    ),
    image_shape=(48, 48, 1),
    counts={"all": 981},
    folders=("ck48", "CK+48"),
    how_to_get=(
        "Ask for CK+ at the University of Pittsburgh; the crops circulate as "
        "'CK+48', one folder an expression. Put them into ck48/."
    ),
    **_SHARED,
)

FOLDS = 10

_SUBJECT = re.compile(r"S\d{3}(?=_)")
_FRAME_NAME = re.compile(r"(S\d{3})_(\d{3})_(\d{8})\.png")


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    layout: str = "frames",
    fold: int = 0,
    classes: tuple[str, ...] | None = None,
    size: int | None = None,
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of one fold of CK+.

    Args:
        split: `"train"` (8 tenths of the subjects), `"val"` or `"test"`.
        data_dir: folder that holds `ck_plus/` or `ck48/`, else
            `$KERAS_FER_DATA`.
        layout: `"frames"`, the distribution, or `"crops"`.
        fold: the fold that tests, 0 to 9.
        classes: expressions to keep, in the order of their labels; by default
            all of the layout. The folds are the same whichever are kept.
        size: side of the faces of frames in pixels, by default 96; the
            facial-emotion VAEs have 128. Crops have 48.
        skip_bad: leave out files that cannot be read, and frames without
            exactly one face, and say which in `notes`.

    Returns:
        A `Corpus` with the columns `"expression"`, `"subject"` and
        `"sequence"`. Frames come as faces, found by the Haar cascade, one a
        frame, and have two more columns `(N, units)`, whose numbers are in
        `action_units`: `"action_units"` is true where the unit was coded for
        the sequence, `"action_unit_intensity"` is 0 to 5, or NaN where it was
        not scored. Neutral frames have no units.

    Raises:
        CorpusError: the corpus is not there, a file or name is malformed, a
            class of the split is empty.

    Example:

    >>> from keras_fer.datasets import ck_plus
    >>> faces = ck_plus.load_data(layout="crops")  # doctest: +SKIP
    >>> faces.images.shape[1:]  # doctest: +SKIP
    (48, 48, 1)

    Reference:
        - [Lucey et al., 2010](https://doi.org/10.1109/CVPRW.2010.5543262)
        - [Khorrami et al., 2015, section 4](https://arxiv.org/abs/1510.02969)
    """
    if layout not in ("frames", "crops"):
        raise corpus.CorpusError(
            f"`layout` must be 'frames' or 'crops'. Received: {layout!r}"
        )
    if fold not in range(FOLDS):
        raise corpus.CorpusError(
            f"`fold` must be 0 to {FOLDS - 1}. Received: {fold}"
        )
    frames = layout == "frames"
    info = INFO if frames else CROPS_INFO
    corpus.check_split(info, split)
    if size is not None:
        corpus.check_shape(info, size)
        if not frames and size != info.image_shape[0]:
            raise corpus.CorpusError(
                f"crops have {info.image_shape[0]} pixels a side. Received: "
                f"size={size}"
            )
        info = dataclasses.replace(info, image_shape=(size, size, 1))
    if not set(classes or ()) <= set(info.classes):
        raise corpus.CorpusError(
            f"`classes` must be among {', '.join(info.classes)}. Received: "
            f"{', '.join(classes)}"
        )
    folder = corpus.find_corpus(info, data_dir)
    reader = _read_frames if frames else _read_crops
    notes = []

    def bad(path, what):
        if not skip_bad:
            raise corpus.CorpusError(f"{path.relative_to(folder)}: {what}")
        notes.append(f"left out {path.relative_to(folder)}: {what}")

    # Counted over names alone, so that folds stay the same whatever is bad.
    labeled = "*_emotion.txt" if frames else "*.png"
    matches = (_SUBJECT.match(path.name) for path in folder.rglob(labeled))
    subjects = sorted({match[0] for match in matches if match})
    rows, units = reader(folder, bad)
    folds = {"test": [fold], "val": [(fold + 1) % FOLDS]}
    others = set(range(FOLDS)) - {fold, (fold + 1) % FOLDS}
    chosen = {
        subject
        for number, subject in enumerate(subjects)
        if number % FOLDS in folds.get(split, others)
    }
    classes = tuple(classes or info.classes)
    rows = [
        row
        for row in rows
        if row["subject"] in chosen and row["expression"] in classes
    ]
    images, kept = _read_images(rows, info, frames, bad)
    info = dataclasses.replace(info, classes=classes)
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels=_columns(kept, classes, units),
        names=[str(row["path"].relative_to(folder)) for row in kept],
        notes=tuple(notes),
        action_units=units,
    )


def _read_crops(folder, bad):
    rows = []
    for leaf in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = expressions.ALIASES.get(leaf.name.lower())
        if label not in CROPS_INFO.classes:
            bad(
                leaf, f"unknown label, expected {', '.join(CROPS_INFO.classes)}"
            )
            continue
        # Hidden files are the file manager's, such as .DS_Store.
        paths = sorted(leaf.glob("[!.]*"))
        if not paths:
            bad(leaf, "the folder is empty")
        for path in paths:
            name = _FRAME_NAME.fullmatch(path.name)
            if name is None:
                bad(path, "expected a name such as S010_004_00000017.png")
                continue
            rows.append(_row(path, name, label, {}))
    if not rows:
        raise corpus.CorpusError(f"{folder}: no image in it")
    return rows, ()


def _read_frames(folder, bad):
    for part in ("cohn-kanade-images", "Emotion", "FACS"):
        if not (folder / part).is_dir():
            raise corpus.CorpusError(
                f"{folder}: no folder {part}/. {INFO.how_to_get}"
            )
    rows = []
    for path in sorted(folder.glob("Emotion/*/*/*_emotion.txt")):
        sequence = path.parent.relative_to(folder / "Emotion")
        apex = path.name.removesuffix("_emotion.txt")
        facs = folder / "FACS" / sequence / f"{apex}_facs.txt"
        label = _parse(path, _parse_label, bad)
        units = _parse(facs, _parse_units, bad)
        if label is None or units is None:
            continue
        frames = [
            (frame, name)
            for frame in sorted(folder.glob(f"cohn-kanade-images/{sequence}/*"))
            if (name := _FRAME_NAME.fullmatch(frame.name))
        ]
        if len(frames) < 4 or frames[-1][0].stem != apex:
            bad(
                path,
                f"expected at least 4 frames of which {apex}.png is the last. "
                f"Received: {len(frames)} frames",
            )
            continue
        rows.append(_row(*frames[0], "neutral", {}))
        rows += [_row(*frame, label, units) for frame in frames[-3:]]
    if not rows:
        raise corpus.CorpusError(
            f"{folder}: no labeled sequence, Emotion/*/*/*_emotion.txt"
        )
    return rows, tuple(sorted({unit for row in rows for unit in row["units"]}))


def _parse(path, parse, bad):
    try:
        lines = path.read_text().splitlines()
        return parse([line.split() for line in lines if line.strip()])
    except (OSError, ValueError) as error:
        bad(path, str(error))


def _parse_label(lines):
    (words,) = lines if len(lines) == 1 else [[]]
    label = float(words[0]) if len(words) == 1 else -1
    if label not in range(1, len(INFO.classes)):
        raise ValueError(f"expected one label, 1 to 7. Received: {lines}")
    return INFO.classes[int(label)]


def _parse_units(lines):
    """Intensity of each unit; NaN where it was not scored."""
    units = {}
    for number, words in enumerate(lines, start=1):
        unit, intensity = map(float, words) if len(words) == 2 else (-1.0, 0)
        if not unit.is_integer() or unit < 1 or intensity not in range(6):
            raise ValueError(
                f"line {number}: expected an action unit and its intensity, 0 "
                f"to 5. Received: {' '.join(words)}"
            )
        units[int(unit)] = intensity or np.nan
    return units


def _row(path, name, label, units):
    return {
        "path": path,
        "subject": name[1],
        "sequence": f"{name[1]}_{name[2]}",
        "expression": label,
        "units": units,
    }


def _read_images(rows, info, frames, bad):
    """Images of the rows, and the rows whose image could be read."""
    import cv2
    import rich.progress

    images, kept = [], []
    for row in rich.progress.track(rows, **progress.progress_bar(info.title)):
        # Some sequences were filmed in color; crops are gray.
        image = cv2.imread(
            str(row["path"]),
            cv2.IMREAD_GRAYSCALE if frames else cv2.IMREAD_UNCHANGED,
        )
        if image is None:
            bad(row["path"], "not a readable image")
            continue
        if frames:
            # As the zero-bias CNN's data script: faces of .5 to .8 of the
            # frame, fewer neighbors where that finds none.
            for neighbors in (5, 3):
                boxes, *_ = faces.detect_faces(
                    image,
                    scale_factor=1.3,
                    min_neighbors=neighbors,
                    min_share=0.5,
                    max_share=0.8,
                )
                if len(boxes):
                    break
            if len(boxes) != 1:
                bad(row["path"], f"expected one face. Received: {len(boxes)}")
                continue
            image = faces.crop_face(image, boxes[0], info.image_shape[:2])
        if image.shape != info.image_shape[:2] or image.dtype != np.uint8:
            bad(
                row["path"],
                f"expected 8-bit gray pixels of shape {info.image_shape[:2]}. "
                f"Received: {image.dtype} of shape {image.shape}",
            )
            continue
        images.append(image[..., None])
        kept.append(row)
    return np.array(images, np.uint8).reshape(-1, *info.image_shape), kept


def _columns(rows, classes, units):
    labels = [classes.index(row["expression"]) for row in rows]
    columns = {
        "expression": np.array(labels, np.int64),
        "subject": np.array([row["subject"] for row in rows]),
        "sequence": np.array([row["sequence"] for row in rows]),
    }
    if units:
        intensity = np.array(
            [[row["units"].get(unit, 0.0) for unit in units] for row in rows],
            np.float32,
        )
        columns["action_unit_intensity"] = intensity
        columns["action_units"] = intensity != 0  # NaN is not 0
    return columns

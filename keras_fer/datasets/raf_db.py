"""RAF-DB: faces from the web, labeled by about forty annotators each.

Two parts, `basic/` (seven expressions) and `compound/` (eleven), each as it is
distributed:

- `EmoLabel/list_patition_label.txt` (spelled so), a line an image, such as
  `train_00001.jpg 5`. Codes of basic: 1 surprise, 2 fear, 3 disgust,
  4 happiness, 5 sadness, 6 anger, 7 neutral; of compound: 1 to 11 in the order
  of `COMPOUND_INFO.classes`;
- `Image/aligned/train_00001_aligned.jpg`, 100×100 pixels;
- `Annotation/manual/train_00001_manu_attri.txt`, where it is there: five lines
  with the place of a landmark in the original image, then gender (0 male,
  1 female, 2 unsure), race (0 Caucasian, 1 African-American, 2 Asian) and age
  (0: 0-3, 1: 4-19, 2: 20-39, 3: 40-69, 4: 70 and more).

The distribution has a training and a test split. Of the training images every
tenth of a class (or as one likes), in the order of the list, is kept apart as
`"val"`, so that nothing needs to be chosen on the test split.
"""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import reading

INFO = corpus.CorpusInfo(
    name="raf_db",
    title="RAF-DB",
    # In the order of the codes.
    classes=(
        "surprise",
        "fear",
        "disgust",
        "happiness",
        "sadness",
        "anger",
        "neutral",
    ),
    image_shape=(100, 100, 3),
    counts={"train and val": 12_271, "test": 3_068},
    folders=("raf_db", "RAF-DB", "RAF-DB-aligned", "rafdb"),
    license="for non-commercial research, on agreement with the makers",
    how_to_get=(
        "Ask for it at http://www.whdeng.cn/RAF/model1.html and unpack basic/ "
        "and compound/ into raf_db/."
    ),
    reference=(
        "Li et al., Reliable Crowdsourcing and Deep Locality-Preserving "
        "Learning for Expression Recognition in the Wild, CVPR 2017, "
        "https://doi.org/10.1109/CVPR.2017.277"
    ),
)

COMPOUND_INFO = dataclasses.replace(
    INFO,
    title="RAF-DB (compound expressions)",
    # In the order of the codes; the one that comes with the other is second.
    classes=(
        "happiness-surprise",
        "happiness-disgust",
        "sadness-fear",
        "sadness-anger",
        "sadness-surprise",
        "sadness-disgust",
        "fear-anger",
        "fear-surprise",
        "anger-surprise",
        "anger-disgust",
        "disgust-surprise",
    ),
    counts={"train and val": 3_162, "test": 792},
)

GENDERS = ("male", "female", "unsure")
RACES = ("Caucasian", "African-American", "Asian")
AGES = ("0-3", "4-19", "20-39", "40-69", "70+")

_INFOS = {"basic": INFO, "compound": COMPOUND_INFO}


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    part: str = "basic",
    val_every: int = 10,
    size: int = INFO.image_shape[0],
    channels: int = INFO.image_shape[2],
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of RAF-DB.

    Args:
        split: `"train"`, `"val"` (a part of the distribution's training
            images) or `"test"`.
        data_dir: folder that holds `raf_db/`, else `$KERAS_FER_DATA`.
        part: `"basic"` or `"compound"`.
        val_every: every how many-th training image of a class validates, at
            least 2.
        size: side in pixels.
        channels: 3 for RGB, 1 for gray.
        skip_bad: leave out lines and files that cannot be read, and say which
            in `notes`.

    Returns:
        A `Corpus` with the columns `"expression"` and, where the annotations
        are there, `"gender"`, `"race"` and `"age"`, names as in `GENDERS`,
        `RACES` and `AGES`.

    Raises:
        CorpusError: the corpus or a file of it is not there, a line is
            malformed, a class has no training image.

    Example:

    >>> from keras_fer.datasets import raf_db
    >>> faces = raf_db.load_data("test", part="compound")  # doctest: +SKIP
    >>> len(faces)  # doctest: +SKIP
    792

    Reference:
        - [Li et al., 2017](https://doi.org/10.1109/CVPR.2017.277)
    """
    corpus.check_split(INFO, split)
    corpus.check_shape(INFO, size, channels)
    if part not in _INFOS:
        raise corpus.CorpusError(
            f"`part` must be one of {', '.join(_INFOS)}. Received: {part}"
        )
    if val_every < 2:
        raise corpus.CorpusError(
            f"`val_every` must be at least 2. Received: {val_every}"
        )
    root = corpus.find_corpus(INFO, data_dir)
    info = dataclasses.replace(_INFOS[part], image_shape=(size, size, channels))
    folder, notes = root / part, []

    def bad(where, why):
        if not skip_bad:
            raise corpus.CorpusError(f"{part}/{where}: {why}")
        notes.append(f"left out {part}/{where}: {why}")

    rows, names = _rows(folder, info, val_every, bad)
    of = ("test",) if split == "test" else ("train", "val")
    listed = [row for row in rows if row["split"] in of]
    notes += corpus.count_notes(info, " and ".join(of), len(listed))
    aligned = folder / "Image" / "aligned"
    extra = {path.name for path in aligned.glob("[!.]*")}
    extra -= {_aligned(name) for name in names}
    if extra:
        notes.append(
            f"{len(extra)} pictures in {part}/Image/aligned/ are not in the "
            f"list, such as {min(extra)}"
        )
    rows = [row for row in listed if row["split"] == split]
    attributes = folder / "Annotation" / "manual"
    if attributes.is_dir():
        for row in rows:
            row.update(_attributes(attributes, row["name"], bad) or {})
        rows = [row for row in rows if "gender" in row]
    images, kept = reading.read_faces(
        [folder / row["path"] for row in rows], info, root, notes, skip_bad
    )
    rows = [rows[index] for index in kept]
    columns = {"expression": np.array([row["label"] for row in rows], np.int64)}
    if attributes.is_dir():
        for name in ("gender", "race", "age"):
            columns[name] = np.array([row[name] for row in rows], str)
    return corpus.Corpus(
        info=info,
        split=split,
        images=images,
        labels=columns,
        names=[f"{part}/{row['path']}" for row in rows],
        notes=tuple(notes),
    )


def _rows(folder, info, val_every, bad):
    """The lines of the list, each with its split."""
    inner = Path("EmoLabel") / "list_patition_label.txt"
    try:
        text = (folder / inner).read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise corpus.CorpusError(
            f"{folder / inner} cannot be read: {error.strerror}. "
            f"{INFO.how_to_get}"
        ) from error
    rows, seen = [], dict.fromkeys(range(len(info.classes)), 0)
    names = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        name, code = words if len(words) == 2 else (line, "")
        split = name.split("_")[0]
        if split not in ("train", "test") or not code.isdecimal():
            bad(
                f"{inner}, line {number}",
                "expected a line as train_00001.jpg 5. Received: "
                f"{line[:60]!r}",
            )
            continue
        label, twice = int(code) - 1, name in names
        names.add(name)
        if not 0 <= label < len(info.classes) or twice:
            bad(
                f"{inner}, line {number}",
                f"{name} is listed twice"
                if twice
                else f"expected a label of 1 to {len(info.classes)}. "
                f"Received: {code}",
            )
            continue
        if split == "train":
            seen[label] += 1
            split = "train" if seen[label] % val_every else "val"
        path = Path("Image") / "aligned" / _aligned(name)
        stem = name.rpartition(".")[0]
        rows.append(
            {"name": stem, "path": path, "label": label, "split": split}
        )
    if not rows:
        raise corpus.CorpusError(f"{folder / inner}: no image in it")
    return rows, names


def _aligned(name):
    stem, _, suffix = name.rpartition(".")
    return f"{stem}_aligned.{suffix}"


def _attributes(folder, name, bad):
    """Gender, race and age of one face."""
    path = folder / f"{name}_manu_attri.txt"
    where = f"Annotation/manual/{path.name}"
    try:
        codes = path.read_text().split("\n")[5:8]
        gender, race, age = (int(code) for code in codes)
        if min(gender, race, age) < 0:
            raise ValueError
        return {
            "gender": GENDERS[gender],
            "race": RACES[race],
            "age": AGES[age],
        }
    except OSError as error:
        bad(where, f"cannot be read: {error.strerror}")
    except (ValueError, IndexError):
        bad(
            where,
            "expected five lines of landmarks, then codes of gender (0 to 2), "
            "race (0 to 2) and age (0 to 4)",
        )
    return None

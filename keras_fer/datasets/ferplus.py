"""FER+: ten annotators looked at each picture of FER2013 once more.

`fer2013new.csv`, as published at https://github.com/microsoft/FERPlus, lies
beside `fer2013.csv` and has the same rows in the same order. Its columns are
Usage, Image name, neutral, happiness, surprise, sadness, anger, disgust, fear,
contempt, unknown, NF; a row is `Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0`.
The counts are votes; NF is "not a face", where the image name is empty.

Four targets are made of the votes. The first two follow the published code:

- `"majority"`: the emotion with more than half of the votes;
- `"distribution"`: the strongest emotions, up to three, that hold three
  quarters of the votes, as shares (there called crossentropy, or probability);
- `"compound"`: two basic emotions at once, a benchmark of our own. Both have at
  least 30 % of the votes for one of the eight emotions, of which there must be
  at least 8, and together at least 75 %: 1,879 faces, 1,675 of Training and 204
  of PublicTest, leaks included. The classes are the 11 pairs with at least 25
  faces (1,661 and 203; 1,626 without leaks), named as RAF-DB names them; the
  measure is UAR over them with its bootstrap interval. Limits: each
  annotator was asked for one emotion, so a pair is their disagreement as much
  as a mixed face; the pictures are small and from the web; fear-surprise has
  616 faces, sadness-surprise 29.
- `"basic"`: what a network may learn that is to name those compounds without
  having seen one: faces of the six basic emotions by majority, but for those
  that are compound as well, also of the pairs with fewer faces (1,219 of
  Training), and whatever looks like one in any split
  (`duplicates.near_duplicates`; 129 more). Of Training 14,596 are left, from
  7,032 of happiness to 80 of disgust.
"""

import csv
import dataclasses
import itertools
from pathlib import Path

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import duplicates
from keras_fer.datasets import fer2013

INFO = dataclasses.replace(
    fer2013.INFO,
    name="ferplus",
    title="FER+",
    # In the order of the columns.
    classes=(
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
    ),
    how_to_get=(
        f"{fer2013.INFO.how_to_get} Put fer2013new.csv of "
        "https://github.com/microsoft/FERPlus beside it."
    ),
    reference=(
        "Barsoum et al., Training Deep Networks for Facial Expression "
        "Recognition with Crowd-Sourced Label Distribution, ICMI 2016, "
        "https://arxiv.org/abs/1608.01041"
    ),
)

COMPOUND_INFO = dataclasses.replace(
    INFO,
    title="FER+ (compound expressions from votes)",
    classes=(
        "happiness-surprise",
        "happiness-sadness",
        "happiness-anger",
        "sadness-surprise",
        "anger-surprise",
        "fear-surprise",
        "sadness-anger",
        "sadness-disgust",
        "sadness-fear",
        "anger-disgust",
        "fear-anger",
    ),
    counts={"train": 1_661, "val": 203},
)

# As EMMA has them, after RAF-DB.
BASIC = ("surprise", "fear", "disgust", "happiness", "sadness", "anger")

TARGETS = ("majority", "distribution", "compound", "basic")

_ENOUGH = 100  # faces to tell an order from
_COLUMNS = (*INFO.classes, "unknown", "NF")


def load_data(
    split: str = "train",
    *,
    data_dir: str | Path | None = None,
    target: str = "majority",
    drop_leaks: bool = True,
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Read one split of FER+.

    Args:
        split: `"train"`, `"val"` (PublicTest) or `"test"` (PrivateTest).
        data_dir: folder that holds `fer2013/`, else `$KERAS_FER_DATA`.
        target: `"majority"`, `"distribution"`, `"compound"` or `"basic"`, see
            above. Faces that a target has no answer for, unknown ones and
            pictures without a face are left out and counted in `notes`.
        drop_leaks: as in `fer2013.load_data`.
        skip_bad: as in `fer2013.load_data`.

    Returns:
        A `Corpus` of uint8 images `(N, 48, 48, 1)` with the columns
        `"expression"`, `"votes"` (int64 `(N, 10)`: the eight emotions, unknown,
        NF), `"fer2013"` (the label there, an index into its classes) and,
        except for compounds, `"distribution"` (float32 `(N, 8)`, the soft
        target, rows that sum to 1).

    Raises:
        CorpusError: a file is not there or malformed, or the votes are not
            those of the rows of `fer2013.csv`.

    Example:

    >>> from keras_fer.datasets import ferplus
    >>> faces = ferplus.load_data("val")  # doctest: +SKIP
    >>> faces.labels["distribution"].shape  # doctest: +SKIP
    (3199, 8)

    Reference:
        - [Barsoum et al., 2016](https://arxiv.org/abs/1608.01041)
    """
    if target not in TARGETS:
        raise corpus.CorpusError(
            f"`target` must be one of {', '.join(TARGETS)}. Received: {target}"
        )
    options = {
        "data_dir": data_dir,
        "drop_leaks": drop_leaks,
        "skip_bad": skip_bad,
    }
    faces, votes = _faces(split, options)
    kind = "majority" if target == "basic" else target
    labels, shares, info = _TARGET[kind](votes)
    kept = labels >= 0
    soft = {}
    if target != "compound":  # its classes are no shares
        soft = {"distribution": shares[kept].astype(np.float32)}
    left_out = (
        f"{(~kept).sum()} images of {split} left out: no {kind} among their "
        f"votes ({(votes.argmax(axis=1) == 8).sum()} unknown, "
        f"{(votes.argmax(axis=1) == 9).sum()} not a face)",
    )
    found = corpus.Corpus(
        info=info,
        split=split,
        images=faces.images[kept],
        labels={
            "expression": labels[kept],
            "votes": votes[kept],
            **soft,
            "fer2013": faces.labels["expression"][kept],
        },
        names=[
            name for name, keep in zip(faces.names, kept, strict=True) if keep
        ],
        notes=(*faces.notes, *left_out),
    )
    if target != "basic":
        return found
    compounds = [faces.images[_mixed(votes)]]
    for other in set(corpus.SPLITS) - {split}:
        try:
            faces, votes = _faces(other, options)
        except corpus.SplitNotFoundError:
            continue
        compounds.append(faces.images[_mixed(votes)])
    return _without(found, np.concatenate(compounds))


def _without(found, compounds):
    """The six basic emotions, without faces that look like a compound one."""
    numbers = duplicates.near_duplicates(
        np.concatenate([found.images, compounds])
    )
    alike = np.isin(numbers[: len(found)], numbers[len(found) :])
    return found.select(
        ~alike, f"{alike.sum()} images left out: look like a compound face"
    ).map_classes(classes=BASIC)


def _faces(split, options):
    """The faces of one split, and the votes for each."""
    faces = fer2013.load_data(split, **options)
    path = corpus.find_corpus(INFO, options["data_dir"]) / "fer2013new.csv"
    if not path.is_file():
        raise corpus.CorpusError(
            f"{path.parent}: no {path.name}. {INFO.how_to_get}"
        )
    usages, votes = _read(path)
    if ", row " not in faces.names[0]:
        raise corpus.CorpusError(
            f"{path.parent}: FER+ counts the rows of fer2013.csv, which image "
            "folders do not have"
        )
    rows = np.array([int(name.rpartition(" ")[2]) for name in faces.names]) - 2
    if rows.max() >= len(votes):
        raise corpus.CorpusError(
            f"{path.name}: expected at least {rows.max() + 1} rows, as in "
            f"fer2013.csv. Received: {len(votes)}"
        )
    for row in rows:
        if fer2013.USAGES.get(usages[row]) != split:
            raise corpus.CorpusError(
                f"{path.name}, row {row + 2}: expected Usage as in "
                f"fer2013.csv, of {split}. Received: {usages[row]}"
            )
    votes = votes[rows]
    _check_order(path, votes, faces.labels["expression"])
    return faces, votes


def _read(path):
    """Usage and votes of each row."""
    try:
        return _parse(path)
    except csv.Error as error:
        raise corpus.CorpusError(f"{path} cannot be read: {error}") from error


def _parse(path):
    usages, votes = [], []
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        lines = csv.reader(file, quoting=csv.QUOTE_NONE)
        header = next(lines, [])
        if header != ["Usage", "Image name", *_COLUMNS]:
            raise corpus.CorpusError(
                f"{path}, row 1: expected the header Usage,Image name,"
                f"{','.join(_COLUMNS)}. Received: {','.join(header)[:120]}"
            )
        for number, row in enumerate(lines, start=2):
            counts = row[2:]
            if len(counts) != len(_COLUMNS) or not all(
                count.isdecimal() for count in counts
            ):
                raise corpus.CorpusError(
                    f"{path}, row {number}: expected a usage, a name and "
                    f"{len(_COLUMNS)} counts of votes. Received: "
                    f"{','.join(row)[:80]}"
                )
            usages.append(row[0])
            votes.append([int(count) for count in counts])
    if not votes:
        raise corpus.CorpusError(f"{path}: no row of votes in it")
    return usages, np.array(votes)


def _check_order(path, votes, labels):
    """Refuse votes that are those of other faces.

    The majority agrees with FER2013's own label on two thirds of the faces;
    of rows that are shifted by one, on a fifth.
    """
    majority, *_ = _majority(votes)
    names = np.array([*INFO.classes, "none"])[majority]
    own = np.array(fer2013.INFO.classes)[labels]
    clear = majority >= 0
    agreed = (names == own)[clear].mean() if clear.any() else 1
    if clear.sum() >= _ENOUGH and agreed < 0.4:
        raise corpus.CorpusError(
            f"{path.name}: expected the rows of fer2013.csv in their order. "
            f"Received: votes that agree with only {100 * agreed:.0f} % of its "
            "labels"
        )


def _without_outliers(votes):
    """A single vote for something counts as a slip."""
    return np.where(votes <= 1, 0, votes)


def _shares(votes):
    """Votes for the eight emotions as shares; zero where there is none."""
    emotions = votes[:, : len(INFO.classes)]
    return emotions / np.maximum(emotions.sum(axis=1, keepdims=True), 1)


def _majority(votes):
    votes = _without_outliers(votes)
    labels = votes.argmax(axis=1)
    clear = 2 * votes.max(axis=1) > votes.sum(axis=1)
    known = clear & (labels < len(INFO.classes))
    return np.where(known, labels, -1), _shares(votes), INFO


def _distribution(votes):
    kept = np.array([_strongest(row) for row in _without_outliers(votes)])
    labels = kept.argmax(axis=1)
    known = (kept.max(axis=1) > 0) & (labels < len(INFO.classes))
    return np.where(known, labels, -1), _shares(kept), INFO


def _strongest(votes):
    """The votes that count for one face; all zero if they agree too little.

    Emotions are taken in the order of their votes, those with equally many
    together, until they hold three quarters or are three. Unknown and NF end
    this, and are taken only where nothing came before them.
    """
    left, kept = votes.copy(), np.zeros_like(votes)
    total, taken, count = votes.sum(), 0, 0
    ended = False
    while taken < 0.75 * total and count < 3 and not ended:
        most = left.max()
        for place in np.flatnonzero(left == most):
            kept[place], left[place] = most, 0
            taken, count = taken + most, count + 1
            if place >= len(INFO.classes):
                ended = True
                if kept.sum() > most:
                    kept[place], count = 0, count - 1
                break
    if 2 * kept.sum() <= total or count > 3:
        kept[:] = 0
    return kept


def _compound(votes):
    labels = np.full(len(votes), -1)
    for label, name in enumerate(COMPOUND_INFO.classes):
        labels[_both(votes, *name.split("-"))] = label
    return labels, _shares(votes), COMPOUND_INFO


def _mixed(votes):
    """Which faces are of two basic emotions, also of pairs that are rare."""
    pairs = itertools.combinations(BASIC, 2)
    return np.any([_both(votes, *pair) for pair in pairs], axis=0)


def _both(votes, *parts):
    emotions = votes[:, : len(INFO.classes)]
    total = emotions.sum(axis=1)
    first, second = (emotions[:, INFO.classes.index(part)] for part in parts)
    # In whole numbers, since three votes of ten are exactly 30 %.
    each = 10 * np.minimum(first, second) >= 3 * total
    return each & (4 * (first + second) >= 3 * total) & (total >= 8)


_TARGET = {
    "majority": _majority,
    "distribution": _distribution,
    "compound": _compound,
}

"""What is wrong with a corpus: leaks, duplicates, conflicts, blank images."""

import dataclasses
import hashlib
import inspect
from pathlib import Path

import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets import duplicates
from keras_fer.datasets.corpus import SPLITS
from keras_fer.datasets.corpus import Corpus
from keras_fer.datasets.corpus import CorpusError
from keras_fer.datasets.corpus import SplitNotFoundError
from keras_fer.datasets.progress import progress_bar


@dataclasses.dataclass(frozen=True, kw_only=True)
class AuditReport:
    """What an audit found. Images are named as in `Corpus.names`.

    Args:
        corpus: title of the corpus.
        classes: expressions, in the order of `counts`.
        counts: for each split the number of images of each expression.
        groups: number of different subjects, sequences and films over all
            splits, where the corpus names them.
        notes: for each split what the loader left out, and why.
        blank: images whose gray levels deviate by less than `blank_std`.
        blank_std: in gray levels.
        exact: what was found about equal pixels, see below.
        near: the same about pictures that look alike, see
            `duplicates.near_duplicates`; equal ones included, blank ones not.
        shared_subjects: for each pair of splits the persons (or films) in
            both; none where the corpus does not name them.

    `exact` and `near` each hold `groups` (sets of copies), `extra` (images
    beyond the first of each set), `conflicts` (sets whose images have
    different expressions), `examples` (names of some conflicting sets) and
    `leaks`: for each pair of splits, such as `"val in train"`, the number of
    images of the first that have a copy in the second.
    """

    corpus: str
    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]
    groups: dict[str, int]
    notes: dict[str, tuple[str, ...]]
    blank: tuple[str, ...]
    blank_std: float
    exact: dict
    near: dict
    shared_subjects: dict[str, tuple[str, ...]] | None

    @property
    def leaks(self) -> bool:
        """Whether a picture or a person is in two splits."""
        found = [*self.exact["leaks"].values(), *self.near["leaks"].values()]
        return any(found) or any((self.shared_subjects or {}).values())

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return {**dataclasses.asdict(self), "leaks": self.leaks}


def audit(corpora: dict[str, Corpus], *, blank_std: float = 1.0) -> AuditReport:
    """Look for what makes the figures of a corpus wrong.

    Args:
        corpora: the splits of one corpus, by name, as they were published:
            loaders that drop leaks are told not to.
        blank_std: standard deviation of the gray levels below which an image
            counts as blank.

    Raises:
        CorpusError: there is no split, or they are not of one corpus.

    Example:

    >>> from keras_fer import datasets
    >>> splits = {
    ...     split: datasets.procedural.load_data(split, images=70)
    ...     for split in ("train", "val")
    ... }
    >>> report = datasets.audit(splits)
    >>> report.leaks, report.exact["extra"]
    (False, 0)
    """
    infos = {corpus.info.title for corpus in corpora.values()}
    classes = {corpus.info.classes for corpus in corpora.values()}
    if len(infos) != 1 or len(classes) != 1:
        raise CorpusError(
            f"expected the splits of one corpus. Received: {sorted(infos)}"
        )
    labels = np.concatenate([c.labels["expression"] for c in corpora.values()])
    names = [name for c in corpora.values() for name in c.names]
    splits = np.repeat(list(corpora), [len(c) for c in corpora.values()])
    # One pass: images may lie on disk.
    images = (image for c in corpora.values() for image in c.images)
    deviations, digests, small = [], [], []
    bar = progress_bar(f"looking at {len(names)} images")
    for image in rich.progress.track(images, total=len(names), **bar):
        deviations.append(faces.to_channels(image, 1).std())
        digests.append(hashlib.sha256(image.tobytes()).hexdigest())
        small.append(duplicates.thumbnail(image))
    blank = np.array(deviations) < blank_std
    exact = np.unique(digests, return_inverse=True)[1]
    near = duplicates.near_duplicates(small)
    return AuditReport(
        corpus=infos.pop(),
        classes=classes.pop(),
        counts={
            split: tuple(corpus.class_counts().values())
            for split, corpus in corpora.items()
        },
        groups={
            column: len(set().union(*values))
            for column in ("subject", "sequence", "film")
            if (values := _distinct(corpora, column)) is not None
        },
        notes={split: tuple(c.notes) for split, c in corpora.items()},
        blank=tuple(names[row] for row in np.flatnonzero(blank)),
        blank_std=blank_std,
        exact=_groups(exact, labels, splits, names),
        near=_groups(near, labels, splits, names),
        shared_subjects=_shared(corpora),
    )


def load_splits(
    name: str, *, data_dir: str | Path | None = None, **options
) -> dict[str, Corpus]:
    """Read all splits of a corpus that are on disk, as they were published.

    Leaks are not dropped; what cannot be read is left out and noted.

    Args:
        name: name of the corpus, a module of `keras_fer.datasets`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        options: further arguments of its `load_data`, such as `fold=0`.

    Raises:
        CorpusError: there is no such corpus or argument, it is not on disk, or
            nothing in it can be read.

    Example:

    >>> from keras_fer import datasets
    >>> list(datasets.load_splits("procedural", images=8))
    ['train', 'val', 'test']
    """
    from keras_fer import datasets

    known = [n for n in datasets.__all__ if hasattr(vars(datasets)[n], "INFO")]
    if name not in known:
        raise CorpusError(
            f"no corpus is called {name!r}. There are: {', '.join(known)}"
        )
    load_data = vars(datasets)[name].load_data
    arguments = set(inspect.signature(load_data).parameters)
    arguments -= {"split", "data_dir", "skip_bad"}
    unknown = sorted(set(options) - arguments)
    if unknown:
        raise CorpusError(
            f"{name} has no argument {', '.join(unknown)}. There are: "
            f"{', '.join(sorted(arguments)) or 'none'}"
        )
    if "drop_leaks" in arguments:
        options = {"drop_leaks": False, **options}
    corpora, missing = {}, None
    for split in SPLITS:
        try:
            corpora[split] = load_data(
                split, data_dir=data_dir, skip_bad=True, **options
            )
        except SplitNotFoundError as error:
            missing = error
    if not corpora:
        raise missing
    return corpora


def leaked(numbers, splits, split: str) -> np.ndarray:
    """Tell which images of a split have a copy in another split.

    Args:
        numbers: `(N,)`, equal for copies, see `duplicates.exact_duplicates`.
        splits: `(N,)`, name of the split of each image.
        split: the split.

    Returns:
        bool `(N,)`, false for images of other splits.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets.audit import leaked
    >>> splits = np.array(["train", "train", "val"])
    >>> leaked(np.array([0, 1, 0]), splits, "train").tolist()
    [True, False, False]
    """
    numbers, inside = np.asarray(numbers), np.asarray(splits) == split
    return inside & np.isin(numbers, numbers[~inside])


def _groups(numbers, labels, splits, names):
    _, numbers, sizes = np.unique(
        numbers, return_inverse=True, return_counts=True
    )
    pairs = np.unique(np.stack([numbers, labels]), axis=1)
    conflicts = np.flatnonzero(np.bincount(pairs[0]) > 1)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], conflicts[:20])
    present = dict.fromkeys(splits.tolist())
    return {
        "groups": int((sizes > 1).sum()),
        "extra": int((sizes - 1).sum()),
        "conflicts": len(conflicts),
        "examples": [
            [names[row] for row in order[start : start + sizes[group]]]
            for start, group in zip(starts, conflicts[:20], strict=True)
        ],
        "leaks": {
            f"{one} in {other}": int(
                np.isin(numbers[splits == one], numbers[splits == other]).sum()
            )
            for one in present
            for other in present
            if one != other
        },
    }


def _distinct(corpora, column):
    """The known values of a column in each split; none where it is not."""
    if not all(column in corpus.labels for corpus in corpora.values()):
        return None
    return [
        set(corpus.labels[column].tolist()) - {"-1"}
        for corpus in corpora.values()
    ]


def _shared(corpora):
    splits = list(corpora)
    for column in ("subject", "film"):
        people = _distinct(corpora, column)
        if people is not None:
            return {
                f"{splits[one]} and {splits[other]}": tuple(
                    sorted(people[one] & people[other])
                )
                for one in range(len(splits))
                for other in range(one + 1, len(splits))
            }
    return None

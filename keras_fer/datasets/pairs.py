"""Pairs of faces that show the same expression, or do not."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from keras_fer.datasets.corpus import Corpus
from keras_fer.datasets.corpus import CorpusError

KINDS = ("image-image", "image-mean", "mean-mean")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pairs:
    """Faces two by two.

    Args:
        first: uint8 `(N, height, width, channels)`.
        second: likewise.
        same: int64 `(N,)`, 1 where both show the same expression, else 0.
        kinds: `(N,)`, names in `KINDS`.
        expressions: int64 `(N, 2)`, the expressions of both.

    Example:

    >>> from keras_fer import datasets
    >>> faces = datasets.procedural.load_data("val", images=240, size=32)
    >>> datasets.expression_pairs(faces, count=1).first.shape
    (48, 32, 32, 1)
    """

    first: np.ndarray
    second: np.ndarray
    same: np.ndarray
    kinds: np.ndarray
    expressions: np.ndarray

    def __len__(self):
        return len(self.same)


def expression_pairs(
    corpus: Corpus,
    count: int = 30,
    *,
    kinds: tuple[str, ...] = KINDS,
    faces_of_a_mean: int = 20,
    seed: int | Sequence[int] = 0,
) -> Pairs:
    """Draw pairs of a split, as many alike as not.

    Both are single faces, or one or both are the mean of faces of several
    people with one expression, which look like what an autoencoder gives back.
    Splits are made before: give the training faces and those of other people
    one by one. Of a corpus with the column `"subject"` nobody is in both
    pictures of a pair, so that a pair cannot be told by its person, and all
    means are of equally many people, so that it cannot be told by its
    sharpness.

    Args:
        corpus: a split, with at least two expressions.
        count: pairs for each expression and kind that show the same, and as
            many in which the second shows another.
        kinds: any of `KINDS`.
        faces_of_a_mean: number of people in a mean, each with one face; fewer
            where an expression has not twice as many.
        seed: number, or several, from which they are drawn.

    Returns:
        `2 · count · kinds · expressions` pairs in random order; of expressions
        with fewer than four people there are no means, and so fewer pairs.

    Raises:
        CorpusError: an argument is out of its range, or the corpus has fewer
            than two expressions, or one of them fewer than two people, or fewer
            than two expressions have enough for means; where nothing says who
            is who, each face is one.

    Example:

    >>> from keras_fer import datasets
    >>> faces = datasets.procedural.load_data("val", images=240, size=32)
    >>> pairs = datasets.expression_pairs(faces, count=2)
    >>> len(pairs), int(pairs.same.sum())
    (96, 48)

    Reference:
        - Barradas-Chacon et al., section 3.1, and its published code, whose
          numbers are the defaults; there a mean beside an image has up to 70
          faces, and several may be of one person.
    """
    kinds = tuple(kinds)
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or not kinds or count < 1 or faces_of_a_mean < 2:
        raise CorpusError(
            f"`kinds` are any of {', '.join(KINDS)}, `count` is at least 1 and "
            f"`faces_of_a_mean` at least 2. Received: {kinds}, {count} and "
            f"{faces_of_a_mean}"
        )
    rows = _rows_by_person(corpus)
    people = {k: list(of) for k, of in rows.items()}
    counts = {k: len(of) for k, of in rows.items()}
    many = [k for k in rows if counts[k] >= 4]
    averaged = kinds != ("image-image",)
    if min(counts.values()) < 2 or len(many if averaged else rows) < 2:
        found = ", ".join(f"{corpus.info.classes[k]} {counts[k]}" for k in rows)
        raise CorpusError(
            f"{corpus.info.name}, split {corpus.split}: expected at least two "
            "expressions, each of at least two people, and for means two of at "
            f"least four. Received people: {found}"
        )
    together = [faces_of_a_mean, *(counts[k] // 2 for k in many)]
    draws = np.random.default_rng(seed)

    def face(expression, mean, without):
        """A face or a mean, and the people that it shows."""
        of = rows[expression]
        size = min(together) if mean else 1
        # As many more as may have to be left out.
        count = min(size + len(without), len(of))
        some = draws.choice(len(of), count, replace=False)
        some = [people[expression][place] for place in some]
        shown = [person for person in some if person not in without][:size]
        chosen = [draws.choice(of[person]) for person in shown]
        pixels = np.asarray(corpus.images[np.sort(chosen)], np.float32)
        return np.rint(pixels.mean(axis=0)).astype(np.uint8), set(shown)

    drawn = []
    for kind in kinds:
        means = [part == "mean" for part in kind.split("-")]
        expressions = many if any(means) else list(rows)
        order = itertools.product(expressions, (1, 0), range(count))
        for expression, same, _ in order:
            other = expression
            if not same:
                other = draws.choice(
                    [k for k in expressions if k != expression]
                )
            first, used = face(expression, means[0], set())
            second, _ = face(other, means[1], used)
            drawn.append((first, second, same, kind, (expression, other)))
    drawn = [drawn[row] for row in draws.permutation(len(drawn))]
    columns = list(zip(*drawn, strict=True))
    return Pairs(
        first=np.stack(columns[0]),
        second=np.stack(columns[1]),
        same=np.array(columns[2], np.int64),
        kinds=np.array(columns[3]),
        expressions=np.array(columns[4], np.int64),
    )


def _rows_by_person(corpus):
    """Rows of each person, by expression."""
    labels = corpus.labels["expression"]
    people = corpus.labels.get("subject", np.arange(len(corpus)))
    _, people = np.unique(people, return_inverse=True)
    order = np.lexsort((people, labels))
    pairs = np.stack([labels[order], people[order]], axis=1)
    starts = np.flatnonzero(np.any(np.diff(pairs, axis=0), axis=1)) + 1
    rows = {}
    for of_one in np.split(order, starts):
        of = rows.setdefault(int(labels[of_one[0]]), {})
        of[int(people[of_one[0]])] = of_one
    return rows

"""What every corpus is once it has been read, and how it is fed to `fit`."""

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer.datasets.image_files import ImageFiles

SPLITS = ("train", "val", "test")


class CorpusError(ValueError):
    """A corpus is missing, incomplete or malformed; the message says where."""


class SplitNotFoundError(CorpusError):
    """The corpus is there, but not this split of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusInfo:
    """The card of a corpus: what it holds, under which terms, and where.

    Args:
        name: name of the corpus' module in `keras_fer.datasets`.
        title: the name in full.
        classes: expressions in the order of their labels.
        image_shape: (height, width, channels) in pixels.
        counts: images in each split as published.
        folders: folder names looked for below the data folder.
        license: terms of use, in a few words.
        how_to_get: where a user asks for the corpus.
        reference: the publication to cite.

    Example:

    >>> from keras_fer.datasets import fer2013
    >>> fer2013.INFO.counts["train"], fer2013.INFO.classes[3]
    (28709, 'happiness')
    """

    name: str
    title: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    counts: dict[str, int]
    folders: tuple[str, ...]
    license: str
    how_to_get: str
    reference: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Corpus:
    """Labeled faces of one split.

    Args:
        info: the card of the corpus.
        split: `"train"`, `"val"` or `"test"`.
        images: uint8 array, `(N, height, width, channels)`, in `[0, 255]`, or
            an `ImageFiles` of that shape, if it would be too large.
        labels: named columns of N rows. `"expression"` holds indices into
            `info.classes`.
        names: N names that say which file or row an image came from.
        notes: what was left out and why, one sentence each.
        action_units: numbers of the facial action units in the columns of
            `labels["action_units"]`, where the corpus has them.

    Raises:
        CorpusError: the columns differ in length, the images are not uint8,
            there is none, or none of a class to train on.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import fer2013
    >>> from keras_fer.datasets.corpus import Corpus
    >>> faces = Corpus(
    ...     info=fer2013.INFO,
    ...     split="train",
    ...     images=np.zeros((14, 48, 48, 1), "uint8"),
    ...     labels={"expression": np.arange(14) % 7},
    ...     names=tuple(f"row {row}" for row in range(14)),
    ... )
    >>> images, labels = next(iter(faces.to_dataset(batch_size=4)))
    >>> images.shape, labels.numpy().tolist()
    (TensorShape([4, 48, 48, 1]), [0, 1, 2, 3])
    """

    info: CorpusInfo
    split: str
    images: np.ndarray | ImageFiles
    labels: dict[str, np.ndarray]
    names: Sequence[str]
    notes: tuple[str, ...] = ()
    action_units: tuple[int, ...] = ()

    def __post_init__(self):
        where = f"{self.info.name}, split {self.split}"
        if self.images.dtype != np.uint8 or self.images.ndim != 4:
            raise CorpusError(
                f"{where}: images must be uint8 of shape (N, height, width, "
                f"channels). Received: {self.images.dtype} of shape "
                f"{self.images.shape}"
            )
        for column, values in (*self.labels.items(), ("names", self.names)):
            if len(values) != len(self.images):
                raise CorpusError(
                    f"{where}: {len(self.images)} images but {len(values)} "
                    f"rows of {column!r}"
                )
        counts = self.class_counts()
        missing = [name for name, count in counts.items() if not count]
        # Small folds may lack a class to evaluate, but nothing can be learned
        # of a class that is not trained on.
        if missing and (self.split == "train" or not len(self)):
            raise CorpusError(
                f"{where}: no image of {', '.join(missing)} among "
                f"{len(self)} images"
            )

    def __len__(self):
        return len(self.images)

    def sha256(self) -> str:
        """Hash of the images and their expressions.

        Of images that stay on disk it is that of the files.
        """
        streams = isinstance(self.images, ImageFiles)
        digest = hashlib.sha256(
            self.images.fingerprint() if streams else self.images.tobytes()
        )
        digest.update(self.labels["expression"].astype("<i8").tobytes())
        return digest.hexdigest()

    def class_counts(self) -> dict[str, int]:
        """Number of images of each expression."""
        counts = np.bincount(
            self.labels["expression"], minlength=len(self.info.classes)
        )
        return dict(zip(self.info.classes, counts.tolist(), strict=True))

    def select(self, rows, note: str | None = None) -> "Corpus":
        """Some of the images, in the order of `rows`.

        Args:
            rows: indices, or a boolean for each image.
            note: what is added to `notes`.

        Example:

        >>> from keras_fer.datasets import procedural
        >>> faces = procedural.load_data("val", images=16, size=32)
        >>> len(faces.select(faces.labels["expression"] == 3))
        2
        """
        notes = self.notes if note is None else (*self.notes, note)
        return dataclasses.replace(self, notes=notes, **self._at(rows))

    def _at(self, rows):
        rows = np.arange(len(self))[rows]
        streams = isinstance(self.images, ImageFiles)
        return {
            "images": (
                self.images.select(rows) if streams else self.images[rows]
            ),
            "labels": {name: c[rows] for name, c in self.labels.items()},
            "names": [self.names[row] for row in rows],
        }

    def balance(self, count: int | None = None, seed: int = 0) -> "Corpus":
        """Bring every expression to one number of images.

        Where there are fewer, all are there and some again, drawn at random;
        where there are more, some are drawn. It is for training: copies of one
        picture must not be in two splits, so split first.

        Args:
            count: images of each expression; by default as many as the most
                frequent one has.
            seed: number from which images are drawn.

        Returns:
            A corpus in the order of the images, with a new column `"repeated"`
            that is true for all copies of an image but the first.

        Raises:
            CorpusError: this is not the training split, or `count` is below 1.

        Example:

        >>> from keras_fer.datasets import procedural
        >>> few = {"anger": 2, "fear": 5, "sadness": 9}
        >>> faces = procedural.load_data(
        ...     counts=few, classes=tuple(few), size=32
        ... )
        >>> faces.balance(5).class_counts()
        {'anger': 5, 'fear': 5, 'sadness': 5}

        Reference:
            - Barradas-Chacon et al., Facial Emotion Representation and
              Reconstruction with VAEs, section 1.1.
        """
        counts = self.class_counts()
        count = max(counts.values()) if count is None else count
        if self.split != "train" or count < 1:
            raise CorpusError(
                f"{self.info.name}: only training images are balanced, to at "
                f"least 1. Received: split {self.split}, count={count}"
            )
        draws = np.random.default_rng(seed)
        rows = []
        for label in range(len(self.info.classes)):
            own = np.flatnonzero(self.labels["expression"] == label)
            if len(own) >= count:
                rows.append(draws.choice(own, count, replace=False))
            else:
                rows += [own, draws.choice(own, count - len(own))]
        rows = np.sort(np.concatenate(rows))
        before = ", ".join(f"{name} {n}" for name, n in counts.items())
        balanced = self.select(
            rows, f"balanced to {count} of each expression: {before}"
        )
        balanced.labels["repeated"] = np.diff(rows, prepend=-1) == 0
        return balanced

    def map_classes(
        self,
        mapping: dict[str, str | None] | None = None,
        classes: Sequence[str] | None = None,
    ) -> "Corpus":
        """Rename, merge and drop expressions, or bring them into an order.

        Args:
            mapping: new name of an expression, `None` to drop its images;
                those that are not named keep their name. Two that get one
                name are merged.
            classes: the expressions in their new order; images of others are
                dropped. By default those that are left, in their old order.

        Returns:
            A corpus of the images that are left; `notes` counts those that are
            not. The columns `"expression"`, `"shown"` and `"distribution"`
            follow; shares of dropped expressions are divided among the others.

        Raises:
            CorpusError: there is no such expression, two of `classes` are
                alike, or one of them is not in the corpus.

        Example:

        >>> from keras_fer.datasets import procedural
        >>> faces = procedural.load_data("val", images=16, size=32)
        >>> mixed = faces.map_classes({"contempt": "disgust", "neutral": None})
        >>> mixed.info.classes
        ('anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise')
        >>> len(mixed), mixed.class_counts()["disgust"]
        (14, 4)
        """
        where = f"{self.info.name}, split {self.split}"
        mapping = dict(mapping or {})
        unknown = set(mapping) - set(self.info.classes)
        if unknown:
            raise CorpusError(
                f"{where}: `mapping` names {', '.join(sorted(unknown))}; there "
                f"are {', '.join(self.info.classes)}"
            )
        renamed = [mapping.get(name, name) for name in self.info.classes]
        left = tuple(dict.fromkeys(name for name in renamed if name))
        classes = left if classes is None else tuple(classes)
        if not set(classes) <= set(left) or len(set(classes)) < len(classes):
            raise CorpusError(
                f"{where}: `classes` must differ and be among "
                f"{', '.join(left)}. Received: {', '.join(classes)}"
            )
        codes = np.array(
            [classes.index(n) if n in classes else -1 for n in renamed]
        )
        kept = codes[self.labels["expression"]] >= 0
        changed = self._at(kept)
        labels = changed["labels"]
        for name in {"expression", "shown"} & set(labels):
            labels[name] = codes[labels[name]]
        if "distribution" in labels:
            merged = np.zeros((kept.sum(), len(classes)), np.float32)
            for old, new in enumerate(codes):
                if new >= 0:
                    merged[:, new] += labels["distribution"][:, old]
            total = merged.sum(axis=1, keepdims=True)
            labels["distribution"] = merged / np.maximum(total, 1e-9)
        notes = self.notes
        if not kept.all():
            names = zip(self.info.classes, codes, strict=True)
            gone = ", ".join(name for name, code in names if code < 0)
            notes += (f"{(~kept).sum()} images left out: {gone}",)
        info = dataclasses.replace(self.info, classes=classes)
        return dataclasses.replace(self, info=info, notes=notes, **changed)

    def to_dataset(
        self,
        batch_size: int = 64,
        *,
        label: str | Sequence[str] = "expression",
        heads: Sequence[str] | None = None,
        shuffle: bool = False,
        augment=None,
        mix=None,
        seed: int = 0,
        epochs: range | None = None,
        steps_per_epoch: int | None = None,
    ):
        """Make the `tf.data.Dataset` that `fit` and `evaluate` take.

        Without `epochs` the dataset is one pass; with `shuffle` each new pass
        comes in another order. With `epochs` it holds those epochs one after
        the other and is a function of `seed` and the number of the epoch
        alone, so that training can go on from any of them.

        Args:
            batch_size: images a batch. In training an incomplete last batch
                is left out, which keeps shapes static.
            label: column that becomes the target, or columns of numbers that
                do together: `("valence", "arousal")`.
            heads: names of the model's outputs, if it has several: the target
                is repeated for each, as `fit` wants it.
            shuffle: training order.
            augment: layer or function `(images, seed=...) -> images`, on
                batches; the seed is made of `seed`, epoch and batch.
            mix: layer or function `(images, targets, seed=...) -> (images,
                targets)`, such as `augmentation.Mixup`, after `augment`.
                Expressions become one-hot targets before it.
            seed: number from which order and augmentation are drawn.
            epochs: numbers of the epochs to hold.
            steps_per_epoch: batches an epoch, drawn with replacement, as the
                published code of the zero-bias CNN samples. By default an
                epoch is a pass over the images.

        Raises:
            ValueError: there are fewer images than one batch of training, or
                a column of other numbers than expressions is to be mixed.

        Returns:
            Batches `(images, targets)`: float32 `(batch, height, width,
            channels)` in `[0, 255]`, and the column or a dict by head.
        """
        import tensorflow as tf

        if shuffle and steps_per_epoch is None and len(self) < batch_size:
            raise ValueError(
                f"{len(self)} training images of {self.info.name} are less "
                f"than one batch of {batch_size}"
            )
        if isinstance(label, str):
            targets = self.labels[label]
        else:
            columns = [self.labels[name] for name in label]
            targets = np.stack(columns, axis=1, dtype="float32")
        numbers = np.issubdtype(targets.dtype, np.integer)
        if mix is not None and numbers and label not in ("expression", "shown"):
            raise ValueError(
                "`mix` needs expressions or soft targets. Received: column "
                f"{label!r} of {targets.dtype}"
            )
        streams = isinstance(self.images, ImageFiles)
        images = self.images.decoder() if streams else tf.constant(self.images)
        targets = tf.constant(targets)
        size = len(self)

        def order(epoch_seed):
            if not shuffle:
                return tf.range(size)
            if steps_per_epoch is None:
                return tf.random.experimental.stateless_shuffle(
                    tf.range(size), epoch_seed
                )
            draws = (steps_per_epoch * batch_size,)
            return tf.random.stateless_uniform(
                draws, epoch_seed, maxval=size, dtype="int32"
            )

        def one_epoch(epoch):
            epoch_seed = tf.stack([tf.cast(seed, "int64"), epoch])

            def load(rows):
                x = images(rows) if streams else tf.gather(images, rows)
                return x, tf.gather(targets, rows)

            def finish(batch, examples):
                x, y = examples
                x = tf.cast(x, "float32")
                # Batches are counted from 1.
                batch_seed = tf.random.experimental.stateless_fold_in(
                    epoch_seed, batch + 1
                )
                if augment is not None:
                    x = augment(x, seed=batch_seed)
                if mix is not None:
                    if y.dtype.is_integer:
                        y = tf.one_hot(y, len(self.info.classes))
                    mix_seed = tf.random.experimental.stateless_fold_in(
                        batch_seed, 1
                    )
                    x, y = mix(x, y, seed=mix_seed)
                if heads is not None and len(heads) > 1:
                    y = {head: y for head in heads}
                return x, y

            rows = tf.data.Dataset.from_tensor_slices(order(epoch_seed))
            workers = {"num_parallel_calls": tf.data.AUTOTUNE}
            if streams:  # files are read one by one
                batches = rows.map(load, **workers).batch(
                    batch_size, drop_remainder=shuffle
                )
                return batches.enumerate().map(finish, **workers)
            batches = rows.batch(batch_size, drop_remainder=shuffle)
            return batches.enumerate().map(
                lambda batch, rows: finish(batch, load(rows)), **workers
            )

        if epochs is not None:
            numbers = tf.data.Dataset.range(epochs.start, epochs.stop)
            dataset = numbers.flat_map(one_epoch)
        elif shuffle:
            # A new number each time that the dataset is iterated.
            numbers = tf.data.Dataset.random(
                seed=seed, rerandomize_each_iteration=True
            ).take(1)
            dataset = numbers.flat_map(one_epoch).apply(
                tf.data.experimental.assert_cardinality(
                    steps_per_epoch or size // batch_size
                )
            )
        else:
            dataset = one_epoch(tf.constant(0, "int64"))
        return dataset.prefetch(tf.data.AUTOTUNE)


def find_corpus(info: CorpusInfo, data_dir: str | Path | None = None) -> Path:
    """Find the folder of a corpus below the data folder.

    Args:
        info: card of the corpus; `info.folders` are looked for in this order.
        data_dir: the folder that holds the corpora, else `$KERAS_FER_DATA`.

    Raises:
        CorpusError: there is no data folder, or none of the folders is in it;
            the message says what was looked for and how to get the corpus.
    """
    root = data_dir or os.environ.get("KERAS_FER_DATA")
    if not root:
        raise CorpusError(
            f"{info.title} was not found: no data folder is named. Pass "
            "--data DIR (data_dir=) or set KERAS_FER_DATA to the folder that "
            f"holds {info.folders[0]}/. {info.how_to_get}"
        )
    for folder in info.folders:
        if (Path(root) / folder).is_dir():
            return Path(root) / folder
    looked_for = " or ".join(f"{folder}/" for folder in info.folders)
    raise CorpusError(
        f"{info.title} was not found: looked for {looked_for} in {root}. "
        f"{info.how_to_get}"
    )


def count_notes(info: CorpusInfo, part: str, found: int) -> tuple[str, ...]:
    """Note where there are more or fewer images than were published.

    Args:
        info: card of the corpus.
        part: a key of `info.counts`.
        found: images of it on disk.

    Example:

    >>> from keras_fer.datasets import corpus, jaffe
    >>> corpus.count_notes(jaffe.INFO, "all", 212)
    ('all: 212 images here, 213 were published',)
    """
    published = info.counts[part]
    if found == published:
        return ()
    return (f"{part}: {found} images here, {published} were published",)


def check_shape(info: CorpusInfo, size: int, channels: int = 1):
    """Refuse a size that no picture can have, and other channels than 1, 3."""
    if not isinstance(size, int) or size < 8 or channels not in (1, 3):
        raise CorpusError(
            f"{info.name}: `size` must be a whole number of at least 8 and "
            f"`channels` 1 or 3. Received: size={size}, channels={channels}"
        )


def check_split(info: CorpusInfo, split: str):
    """Refuse a split that is not `"train"`, `"val"` or `"test"`."""
    if split not in SPLITS:
        raise CorpusError(
            f"{info.name}: `split` must be one of {SPLITS}. Received: {split!r}"
        )

"""What an experiment with siamese comparators is made of."""

import dataclasses
from collections.abc import Callable

import keras

from keras_fer.recipes.recipe import describe

# What the null comparator of guidance was trained on.
PERMUTED = "permuted labels"
PRETRAINING = (None, "classification", "supervised_contrastive")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparator:
    """One comparator of a `SiameseRecipe`.

    Args:
        encoder: maker of the encoder, or the name of a run whose network it is.
        layer: layer of the encoder that gives the features, by default its
            output.
        compare: as of `models.SiameseComparator`.
        pretraining: how the encoder is trained on single faces before: not at
            all, by `"classification"` or by `"supervised_contrastive"` loss.
        pretraining_rate: learning rate of that, by default the recipe's.
        frozen: pairs train the comparing layers alone.
        shared: both faces go through one encoder; otherwise each has its own.
        trained_comparison: the comparing layers are trained.
        fixed_pairs: the same pairs each epoch, augmented once.
        epochs: epochs of pairs, by default the recipe's.

    Raises:
        ValueError: `pretraining` is unknown, two encoders are to be trained on
            single faces, nothing is trained at all, or for no epoch.

    Example:

    >>> from keras_fer import models
    >>> from keras_fer.recipes.siamese_recipe import Comparator
    >>> Comparator(encoder=models.ComparatorEncoder, shared=False).compare
    'difference'

    Reference:
        - Barradas-Chacon et al., section 2.2.
    """

    encoder: Callable[[], keras.Model] | str
    layer: str | None = None
    compare: str = "difference"
    pretraining: str | None = None
    pretraining_rate: float | None = None
    frozen: bool = False
    shared: bool = True
    trained_comparison: bool = True
    fixed_pairs: bool = False
    epochs: int | None = None

    def __post_init__(self):
        if self.pretraining not in PRETRAINING:
            raise ValueError(
                "`pretraining` must be one of "
                f"{', '.join(map(str, PRETRAINING))}. Received: "
                f"{self.pretraining!r}"
            )
        if not self.shared and self.pretraining:
            raise ValueError(
                "encoders that are not shared are trained on pairs alone"
            )
        if self.frozen and not self.trained_comparison:
            raise ValueError("neither encoder nor comparison is trained")
        if self.epochs is not None:
            _check_counts(self, "epochs")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Guidance:
    """Autoencoders that a comparator guides, beside one that none does.

    Args:
        comparator: name of the comparator.
        encoder: maker of a network from images to latent variables.
        decoder: maker of a network back to pixels.
        judge: maker of the classifier that names expressions on originals and
            reconstructions. It is trained apart, on the same faces, of which
            every other is blurred.
        weights: weights of the comparator, λ, at least 0; 0, a plain
            autoencoder, among them. With each other one, an autoencoder is
            guided as well by a comparator that was trained alike, but on
            permuted labels.
        folds: number of folds (or seeds), from 0 up.
        epochs: passes over the faces, of the autoencoders and of the judge.
        learning_rate: of Adam, for both.

    Raises:
        ValueError: there is no weight of 0, or no other, or one below 0, or
            `folds` or `epochs` are below 1.

    Example:

    >>> from keras_fer import recipes
    >>> recipes.get("siamese_ck_plus").guidance.weights
    (0.0, 0.1, 1.0)

    Reference:
        - Barradas-Chacon et al., section 2.2, the loss with λ.
    """

    comparator: str
    encoder: Callable[[], keras.Model]
    decoder: Callable[[], keras.Model]
    judge: Callable[[], keras.Model]
    weights: tuple[float, ...]
    folds: int = 5
    epochs: int = 60
    learning_rate: float = 1e-3

    def __post_init__(self):
        weights = sorted(self.weights)
        if len(weights) < 2 or weights[0] or not weights[1]:
            raise ValueError(
                "`weights` must hold 0 once and others above it. Received: "
                f"{self.weights}"
            )
        _check_counts(self, "folds", "epochs")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SiameseRecipe:
    """Comparators of expressions, on pairs of people that they never saw.

    Nothing is selected: every training has its number of epochs, and the faces
    of the other people are looked at once.

    Args:
        name: name of the recipe.
        paper: the paper's figure.
        cost: what the run takes.
        load: loader of the corpus, called with `"train"` or `"test"`, the
            `fold`, `data_dir` and `skip_bad`.
        tested: what is tested on, for tables: `"test"`, or `"validation"`.
        folds: number of folds, each a seed of its own.
        same_test: all folds are tested on the same faces, so that only their
            seeds differ.
        comparators: a `Comparator` each, by what the table calls it.
        base: name of the one that the others are compared with.
        pairs: pairs of each kind and expression, as many alike as not, drawn
            anew each epoch.
        faces_of_a_mean: people in a mean, in training and test alike.
        epochs: epochs of pairs.
        pretraining_epochs: passes over the training faces.
        batch_size: pairs a batch.
        faces_batch_size: single faces a batch.
        learning_rate: of Adam; it falls along a half cosine.
        comparison_rate: the same, where the comparing layers alone are trained.
        augmentation: maker of a layer, or none.
        guidance: what a comparator guides, or none.

    Raises:
        ValueError: a number is below 1, or `faces_of_a_mean` below 2, or `base`
            or `guidance` names no comparator of the recipe, or more folds.

    Example:

    >>> from keras_fer import recipes
    >>> recipes.get("siamese_ck_plus").folds
    5

    Reference:
        - Barradas-Chacon et al., sections 2.2 and 3.1.
    """

    name: str
    paper: str
    cost: str
    load: Callable
    tested: str = "test"
    folds: int = 5
    same_test: bool = False
    comparators: dict[str, Comparator]
    base: str
    pairs: int = 30
    faces_of_a_mean: int = 20
    epochs: int = 40
    pretraining_epochs: int = 40
    batch_size: int = 64
    faces_batch_size: int = 64
    learning_rate: float = 1e-3
    comparison_rate: float = 1e-2
    augmentation: Callable | None = None
    guidance: Guidance | None = None

    def __post_init__(self):
        names = "folds", "pairs", "epochs", "pretraining_epochs"
        _check_counts(self, *names, "batch_size", "faces_batch_size")
        _check_counts(self, "faces_of_a_mean", least=2)
        if self.base not in self.comparators:
            raise ValueError(
                f"`base` must be one of {', '.join(self.comparators)}. "
                f"Received: {self.base}"
            )
        guided = self.guidance
        if guided and (
            guided.comparator not in self.comparators
            or guided.folds > self.folds
        ):
            raise ValueError(
                "`guidance` names a comparator of the recipe and at most its "
                f"folds. Received: {guided.comparator}, {guided.folds} folds"
            )

    def to_json(self) -> dict:
        """The recipe as plain values, to be written beside what it made."""
        return describe(self)


def _check_counts(of, *names, least=1):
    for name in names:
        if getattr(of, name) < least:
            raise ValueError(
                f"`{name}` must be at least {least}. Received: "
                f"{name}={getattr(of, name)}"
            )

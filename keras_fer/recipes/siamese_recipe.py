"""What an experiment with siamese comparators is made of."""

import dataclasses
from collections.abc import Callable

import keras

from keras_fer.recipes.recipe import describe

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
        frozen: pairs train the comparing layers alone.
        shared: both faces go through one encoder. Otherwise each has its own
            and the comparing layers stay as drawn, as in the published code.
    """

    encoder: Callable[[], keras.Model] | str
    layer: str | None = None
    compare: str = "difference"
    pretraining: str | None = None
    frozen: bool = False
    shared: bool = True

    def __post_init__(self):
        if self.pretraining not in PRETRAINING:
            raise ValueError(
                "`pretraining` must be one of "
                f"{', '.join(map(str, PRETRAINING))}. Received: "
                f"{self.pretraining!r}"
            )
        if not self.shared and (self.pretraining or self.frozen):
            raise ValueError(
                "encoders that are not shared are trained on pairs alone"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Guidance:
    """Autoencoders that a comparator guides, beside one that none does.

    Args:
        comparator: name of the comparator.
        encoder: maker of a network from images to latent variables.
        decoder: maker of a network back to pixels.
        judge: maker of the classifier that names expressions on originals and
            reconstructions. It is trained apart, on the same faces.
        weights: weights of the comparator, λ; 0 is a plain autoencoder. With
            the largest, one is guided by a comparator of random weights.
        folds: number of folds (or seeds), from 0 up.
        epochs: passes over the faces, of the autoencoders and of the judge.
        learning_rate: of Adam, for both.
    """

    comparator: str
    encoder: Callable[[], keras.Model]
    decoder: Callable[[], keras.Model]
    judge: Callable[[], keras.Model]
    weights: tuple[float, ...]
    folds: int = 3
    epochs: int = 60
    learning_rate: float = 1e-3


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
        pairs: pairs of each kind and expression, as many alike as not, drawn
            anew each epoch.
        epochs: epochs of pairs.
        pretraining_epochs: passes over the training faces.
        batch_size: pairs, and in pretraining faces, a batch.
        learning_rate: of Adam; it falls along a half cosine.
        augmentation: maker of a layer, or none.
        guidance: what a comparator guides, or none.

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
    pairs: int = 30
    epochs: int = 40
    pretraining_epochs: int = 40
    batch_size: int = 64
    learning_rate: float = 1e-3
    augmentation: Callable | None = None
    guidance: Guidance | None = None

    def __post_init__(self):
        for name in ("folds", "pairs", "epochs", "pretraining_epochs"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: "
                    f"{name}={getattr(self, name)}"
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

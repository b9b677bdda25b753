"""What an experiment with compact embeddings is made of."""

import dataclasses
from collections.abc import Callable

import keras

from keras_fer.recipes.recipe import describe

ANNOTATION = ("annotation", "valence_arousal")
UNTRAINED = "untrained "  # before the name of a run, in the source of features


@dataclasses.dataclass(frozen=True, kw_only=True)
class Domain:
    """One corpus of a `CompactRecipe`.

    Args:
        load: `load_data` of the corpus.
        test: split whose figures are reported.
        folds: number of its folds, of which seed s takes fold s modulo their
            number; none for a corpus whose splits are given.
        same_images_as: another corpus of which this one annotates the images
            anew, so that they are not counted twice.
    """

    load: Callable
    test: str = "test"
    folds: int | None = None
    same_images_as: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Head:
    """One model of a `CompactRecipe`.

    Args:
        make: maker of a `models.CAKE`, called with `domains` and `heads`.
        backbone: run whose features it takes, by default that of the recipe.
        annotated: valence and arousal are those of the corpus, not estimated
            ones, so that the model cannot answer for pictures.
        untrained: the backbone has random weights: a null model.
    """

    make: Callable[..., keras.Model]
    backbone: str | None = None
    annotated: bool = False
    untrained: bool = False

    def sources(self, recipe: "CompactRecipe") -> dict[str, tuple[str, str]]:
        """Run and layer that give each input of the model."""
        backbone = self.backbone or recipe.backbone
        if self.untrained:
            backbone = f"{UNTRAINED}{backbone}"
        return {
            "features": (backbone, "embedding"),
            "valence_arousal": ANNOTATION
            if self.annotated
            else (recipe.affect_backbone, "valence_arousal"),
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompactRecipe:
    """Heads of several sizes on the features of one frozen network.

    Args:
        name: name of the recipe.
        paper: the paper's figure, with its table, or that it has none.
        cost: what the run takes.
        backbone: run whose network gives the features: one of the package or in
            `runs/`, by its name, or a run folder.
        domains: the corpora, by the names of their classifiers.
        classes: expressions, the same for all classifiers. Images of others are
            left out; a corpus may lack some.
        models: a `Head` each, by what the table calls it.
        affect_backbone: run whose network estimates valence and arousal, for
            models that take them.
        epochs: passes over all corpora together.
        learning_rate: of Adam; it falls along a half cosine to a hundredth.
            By default such that heads of one number too are trained to the
            end.
        domain_weights: weigh corpora by one over the logarithm of their size.
        seeds: number of runs of each model.

    Example:

    >>> from keras_fer import recipes
    >>> list(recipes.get("cake_fer2013_sfew_ck_plus").domains)
    ['fer2013', 'sfew', 'ck_plus', 'ferplus']

    Reference:
        - CAKE, section 3: tables 1 to 3, figure 4.
    """

    name: str
    paper: str
    cost: str
    backbone: str
    domains: dict[str, Domain]
    classes: tuple[str, ...]
    models: dict[str, Head]
    affect_backbone: str | None = None
    epochs: int = 20
    learning_rate: float = 0.1
    domain_weights: bool = True
    seeds: int = 10

    def __post_init__(self):
        for name in ("epochs", "seeds"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: "
                    f"{name}={getattr(self, name)}"
                )

    @property
    def main(self) -> str | None:
        """The model that stands for a run: CAKE-3, or else the first.

        Of those that answer for pictures; `None` where there is none.
        """
        names = [n for n, of in self.models.items() if not of.annotated]
        return "CAKE-3" if "CAKE-3" in names else next(iter(names), None)

    def to_json(self) -> dict:
        """The recipe as plain values, to be written beside what it made."""
        return describe(self)

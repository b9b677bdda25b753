"""Comparators on FER2013: pairs of training faces, and of PublicTest faces.

Nothing is selected on PublicTest. Of FER2013 nobody knows who is who; each face
counts as a person. The folds are seeds.
"""

from keras_fer.datasets import fer2013
from keras_fer.recipes import siamese_ck_plus
from keras_fer.recipes.siamese_recipe import Comparator
from keras_fer.recipes.siamese_recipe import SiameseRecipe


def load_split(split: str, *, fold: int, **options):
    """Read FER2013, of which PublicTest is tested on.

    Args:
        split: `"train"` or `"test"`.
        fold: any number; all have the same faces.
        options: of `fer2013.load_data`.

    Returns:
        A `Corpus`.
    """
    return fer2013.load_data("train" if split == "train" else "val", **options)


_SMALL = siamese_ck_plus.SMALL

RECIPE = SiameseRecipe(
    name="siamese_fer2013",
    paper="no figure",
    cost="3 seeds × 20 × 4,200 pairs at 48×48, 8 comparators (estimate: 2 h)",
    load=load_split,
    tested="validation",
    folds=3,
    same_test=True,
    comparators={
        "published": siamese_ck_plus.RECIPE.comparators["published"],
        "both": siamese_ck_plus.RECIPE.comparators["both"],
        "expression_cnn": Comparator(encoder=_SMALL),
        "expression_cnn_random": Comparator(encoder=_SMALL, frozen=True),
        "expression_cnn_classification": Comparator(
            encoder=_SMALL, pretraining="classification", frozen=True
        ),
        "expression_cnn_classification_tuned": Comparator(
            encoder=_SMALL, pretraining="classification"
        ),
        "expression_cnn_contrastive": Comparator(
            encoder=_SMALL, pretraining="supervised_contrastive", frozen=True
        ),
        "daf_cnn": siamese_ck_plus.RECIPE.comparators["daf_cnn"],
    },
    base="both",
    pairs=100,
    epochs=20,
    pretraining_epochs=10,
)

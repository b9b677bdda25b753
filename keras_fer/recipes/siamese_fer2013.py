"""Comparators on FER2013: pairs of training faces, and of PublicTest faces.

Nothing is selected on PublicTest. Of FER2013 nobody knows who is who; each face
counts as a person. The folds are seeds, but for `daf_cnn`, whose encoder is the
same network in all: there only the pairs and the comparing layers vary.
"""

from keras_fer.datasets import CorpusError
from keras_fer.datasets import fer2013
from keras_fer.recipes import siamese_ck_plus
from keras_fer.recipes.siamese_recipe import SiameseRecipe


def load_split(split: str, *, fold: int, **options):
    """Read FER2013, of which PublicTest is tested on.

    Args:
        split: `"train"` or `"test"`.
        fold: any number; all have the same faces.
        options: of `fer2013.load_data`.

    Returns:
        A `Corpus`.

    Raises:
        CorpusError: `split` is none of these, or the corpus is missing or
            malformed.

    Example:

    >>> from keras_fer.recipes import siamese_fer2013
    >>> siamese_fer2013.load_split("test", fold=0)  # doctest: +SKIP
    """
    splits = {"train": "train", "test": "val"}
    if split not in splits:
        raise CorpusError(
            f"`split` must be one of {', '.join(splits)}. Received: {split}"
        )
    return fer2013.load_data(splits[split], **options)


RECIPE = SiameseRecipe(
    name="siamese_fer2013",
    paper="no figure",
    cost="3 seeds × 20 × 4,200 pairs at 48×48, 8 comparators: 0.9 h on one "
    "core",
    load=load_split,
    tested="validation",
    folds=3,
    same_test=True,
    comparators={
        name: siamese_ck_plus.RECIPE.comparators[name]
        for name in (
            "published",
            "both",
            "expression_cnn",
            "expression_cnn_random",
            "expression_cnn_classification",
            "expression_cnn_classification_tuned",
            "expression_cnn_contrastive",
            "daf_cnn",
        )
    },
    base="both",
    pairs=100,
    epochs=20,
    pretraining_epochs=10,
)

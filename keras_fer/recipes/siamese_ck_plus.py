"""Comparators on CK+ crops, on people that they never saw, and their guidance.

From the published wiring, whose encoders are two and whose comparing layers are
not trained, as we read the code, over one change at a time, to encoders that
know expressions before they see a pair: of the small classifier, and of
`daf_cnn_fer2013_small_attention`, which was trained on FER2013 (its first seed,
the same in all folds). Of the published training differ: cross entropy instead
of squared error, Adam 1e-3 falling to 1e-5 instead of 1e-4, batches of 64
instead of 16, 40 epochs instead of 60, pairs drawn anew each epoch (but for
`fixed_pairs`), and augmentation after the split instead of before it; at 48×48
an encoder without pooling sees a larger part of the face than at 128×128. That
makes 800 updates, where 60 epochs of batches of 16 make 3,780 of four fifths of
the pairs; `200_epochs` are 4,000. Means are of two people, since some
expressions of a fold have four.

Five folds by subject of the ten of the loader, two by two; every training has a
fixed length, so that no validation split is needed. The autoencoders, which are
guided by the last comparator, have 16 latent variables; the paper gives neither
their number nor λ. Who judges their pictures is the paper's small classifier
(section 2.1), no kin of the comparator: what fools a network fools its like.
"""

import dataclasses
from functools import partial

import numpy as np

from keras_fer import augmentation
from keras_fer import models
from keras_fer.datasets import CorpusError
from keras_fer.datasets import ck_plus
from keras_fer.recipes.siamese_recipe import Comparator
from keras_fer.recipes.siamese_recipe import Guidance
from keras_fer.recipes.siamese_recipe import SiameseRecipe

_SHAPE = (48, 48, 1)
_LATENTS = 16
_SPLITS = {"train": ("train",), "test": ("val", "test")}


def load_fifth(split: str, *, fold: int, **options):
    """Read a split of one of five folds of CK+ by subject.

    Args:
        split: `"train"`, or `"test"`, the people of two of the loader's ten
            folds.
        fold: 0 to 4.
        options: of `ck_plus.load_data`.

    Returns:
        A `Corpus`.

    Raises:
        CorpusError: `split` or `fold` is none of these, or the corpus is
            missing or malformed.

    Example:

    >>> from keras_fer.recipes import siamese_ck_plus
    >>> siamese_ck_plus.load_fifth("test", fold=0)  # doctest: +SKIP
    """
    if fold not in range(5):
        raise CorpusError(f"`fold` must be 0 to 4. Received: {fold}")
    if split not in _SPLITS:
        raise CorpusError(
            f"`split` must be one of {', '.join(_SPLITS)}. Received: {split}"
        )
    parts = [
        ck_plus.load_data(part, fold=2 * fold, layout="crops", **options)
        for part in _SPLITS[split]
    ]
    return dataclasses.replace(
        parts[0],
        split=split,
        images=np.concatenate([part.images for part in parts]),
        labels={
            name: np.concatenate([part.labels[name] for part in parts])
            for name in parts[0].labels
        },
        names=[name for part in parts for name in part.names],
        notes=tuple(dict.fromkeys(n for part in parts for n in part.notes)),
    )


PUBLISHED = partial(models.ComparatorEncoder, _SHAPE)
SMALL = partial(models.ExpressionCNN, _SHAPE, heads=("embedding",))
DAF_CNN = {
    "encoder": "daf_cnn_fer2013_small_attention/seed_0",
    "layer": "embedding",
}
_CHANGES = {
    "published": {"shared": False, "trained_comparison": False},
    "shared_encoder": {"trained_comparison": False},
    "trained_comparison": {"shared": False},
    "both": {},
}
WIRINGS = {
    **_CHANGES,
    "published_fixed_pairs": {**_CHANGES["published"], "fixed_pairs": True},
    "both_fixed_pairs": {"fixed_pairs": True},
    **{
        f"{name}_200_epochs": {**wiring, "epochs": 200}
        for name, wiring in _CHANGES.items()
    },
}

RECIPE = SiameseRecipe(
    name="siamese_ck_plus",
    paper="50 %, section 3.1",
    cost="5 folds × 40 × 1,260 pairs at 48×48, 14 comparators, four more for "
    "200 epochs, 25 autoencoders: 7.3 h on one core",
    load=load_fifth,
    comparators={
        **{
            name: Comparator(encoder=PUBLISHED, compare="stacked", **wiring)
            for name, wiring in WIRINGS.items()
        },
        "difference": Comparator(encoder=PUBLISHED),
        "expression_cnn": Comparator(encoder=SMALL),
        "expression_cnn_random": Comparator(encoder=SMALL, frozen=True),
        "expression_cnn_classification": Comparator(
            encoder=SMALL, pretraining="classification", frozen=True
        ),
        "expression_cnn_classification_tuned": Comparator(
            encoder=SMALL, pretraining="classification"
        ),
        "expression_cnn_contrastive": Comparator(
            encoder=SMALL, pretraining="supervised_contrastive", frozen=True
        ),
        "daf_cnn": Comparator(**DAF_CNN, frozen=True),
        "daf_cnn_contrastive": Comparator(
            **DAF_CNN,
            pretraining="supervised_contrastive",
            pretraining_rate=1e-4,
            frozen=True,
        ),
    },
    base="both",
    faces_of_a_mean=2,
    faces_batch_size=32,
    pretraining_epochs=60,
    augmentation=augmentation.FacialEmotionVAEAugmentation,
    guidance=Guidance(
        comparator="daf_cnn_contrastive",
        encoder=partial(
            models.ExpressionCNN, _SHAPE, _LATENTS, dropout_rate=0.0
        ),
        decoder=partial(models.VAEDecoder, _LATENTS, _SHAPE),
        judge=partial(models.ExpressionCNN, _SHAPE),
        weights=(0.0, 0.1, 1.0),
        epochs=60,
    ),
)

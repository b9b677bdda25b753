"""The semi-supervised β-VAE on CK+ crops: contempt, and no neutral.

Folds are independent of the subject; 981 images at 48×48. The augmentation of
the paper, and as many faces of each expression.
"""

import dataclasses
from functools import partial

from keras_fer import augmentation
from keras_fer.datasets import ck_plus
from keras_fer.recipes import vae_procedural
from keras_fer.recipes.generative_recipes import vae_network
from keras_fer.recipes.recipe import adam

EPOCHS = 100
STEPS_PER_EPOCH = 91  # 1,470 images in whole batches of 16


def load_balanced(split: str, **options):
    """Read a split of CK+; of training as many faces of each expression.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        options: of `ck_plus.load_data`.

    Returns:
        A `Corpus`.

    Reference:
        - Barradas-Chacon et al., section 1.1: 210 of each.
    """
    faces = ck_plus.load_data(split, layout="crops", **options)
    return faces.balance(210) if split == "train" else faces


RECIPE = dataclasses.replace(
    vae_procedural.RECIPE,
    name="vae_ck_plus",
    paper="no figure",
    cost=f"{EPOCHS} × 1,470 images at 48×48, bfloat16: 2 minutes a fold on one "
    "core",
    corpus=load_balanced,
    model=partial(vae_network, (48, 48, 1)),
    augmentation=augmentation.FacialEmotionVAEAugmentation,
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    epochs=EPOCHS,
    batch_size=16,
    folds=10,
    seeds=None,
)

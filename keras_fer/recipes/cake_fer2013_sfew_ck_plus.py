"""CAKE over real corpora of very unequal size, and one annotated twice.

Domains are FER2013, SFEW (another fold by film each seed), CK+ (48×48 crops,
another fold of subjects each seed; no neutral, whose weight is 0) and FER+,
which is not a fourth corpus but another annotation of FER2013's pictures, split
alike, and left out of the mean over the corpora. In place of AffectNet, on
which the paper's features are learned, stands FER2013; what has valence and
arousal cannot be run here. Other differences: heads are trained in batches of
512 along a half cosine, without dropout, and see each picture once, as it is,
where the paper's are augmented; weights of CK+'s classes are over the six that
it has. CAKE-512, which has a linear layer to 512 numbers, stands for the
paper's baseline, which may have none.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.datasets import ck_plus
from keras_fer.datasets import fer2013
from keras_fer.datasets import ferplus
from keras_fer.datasets import sfew
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.compact_recipe import Domain
from keras_fer.recipes.compact_recipe import Head

SIZES = (1, 2, 3, 4, 8, 16, 64, 512)

RECIPE = CompactRecipe(
    name="cake_fer2013_sfew_ck_plus",
    paper="CAKE-3 F1 58.1 AffectNet, 34.1 SFEW, 64.4 RAF-DB",
    cost="10 seeds of 9 models on features of 57,000 faces: 0.3 h on one core",
    backbone="resnet18_fer2013",
    domains={
        "fer2013": Domain(load=fer2013.load_data, test="val"),
        "sfew": Domain(
            load=partial(sfew.load_data, size=48, channels=1), folds=sfew.FOLDS
        ),
        "ck_plus": Domain(
            load=partial(ck_plus.load_data, layout="crops"),
            folds=ck_plus.FOLDS,
        ),
        "ferplus": Domain(
            load=ferplus.load_data, test="val", same_images_as="fer2013"
        ),
    },
    classes=fer2013.INFO.classes,
    models={
        **{f"CAKE-{k}": Head(make=partial(models.CAKE, k)) for k in SIZES},
        "CAKE-3-Norm": Head(make=partial(models.CAKE, 3, normalize=True)),
    },
)

# What the weights of corpora by their size are worth, see `domain_weights`.
ABLATIONS = (
    dataclasses.replace(
        RECIPE,
        name=f"{RECIPE.name}_unweighted",
        paper="no figure",
        cost="10 seeds of 3 models, as above: 0.2 h on one core",
        domain_weights=False,
        models={
            name: RECIPE.models[name]
            for name in ("CAKE-2", "CAKE-3", "CAKE-512")
        },
    ),
)

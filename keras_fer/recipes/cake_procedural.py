"""CAKE on procedural faces, whose valence and arousal are known: table 1.

Three domains of very unequal size with cameras and annotators of their own, as
AffectNet, RAF-DB and SFEW are. Features of CAKE come from
`resnet18_procedural`, those of AVk, valence and arousal from
`resnet18_procedural_affect`, as in figure 3. CAKE-2-random has features of a
network of random weights, a null model for what the plane of CAKE-2 looks like.
Batches and rate as in `cake_fer2013_sfew_ck_plus`.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.compact_recipe import Domain
from keras_fer.recipes.compact_recipe import Head

_IMAGES = {"web": 16_000, "studio": 1_600, "film": 420}
_CLASSES = fer2013.INFO.classes


def _load(split, *, domain, images, data_dir=None, skip_bad=False):
    return procedural.load_data(
        split,
        domain=domain,
        images=images if split == "train" else None,
        classes=_CLASSES,
        data_dir=data_dir,
        skip_bad=skip_bad,
    )


RECIPE = CompactRecipe(
    name="cake_procedural",
    paper="F1 of CAKE-3, AV1, AV, CAKE-2 on AffectNet: 58.1, 55.6, 55.8, 52.1",
    cost="10 seeds of 15 models on features of 18,000 faces: 0.2 h on one core",
    backbone="resnet18_procedural",
    affect_backbone="resnet18_procedural_affect",
    domains={
        name: Domain(load=partial(_load, domain=name, images=count))
        for name, count in _IMAGES.items()
    },
    classes=_CLASSES,
    models={
        **{
            f"CAKE-{k}": Head(make=partial(models.CAKE, k))
            for k in (1, 2, 3, 4, 8, 16, 64, 512)
        },
        "CAKE-3-Norm": Head(make=partial(models.CAKE, 3, normalize=True)),
        "CAKE-2-random": Head(make=partial(models.CAKE, 2), untrained=True),
        **{
            f"AV{k or ''}": Head(
                make=partial(models.CAKE, k, valence_arousal=True),
                backbone="resnet18_procedural_affect",
            )
            for k in (0, 1, 2, 14, 62)
        },
    },
)

# What the weights of corpora by their size are worth, see `domain_weights`.
ABLATIONS = (
    dataclasses.replace(
        RECIPE,
        name=f"{RECIPE.name}_unweighted",
        paper="no figure",
        cost="10 seeds of 3 models, as above: 0.1 h on one core",
        domain_weights=False,
        models={
            name: RECIPE.models[name]
            for name in ("CAKE-2", "CAKE-3", "CAKE-512")
        },
    ),
)

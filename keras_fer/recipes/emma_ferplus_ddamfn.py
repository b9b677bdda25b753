"""EMMA on real faces with DDAMFN.

It starts from the features of `ddamfn_procedural`, which is trained first on
drawn faces; everything else as in `emma_ferplus_resnet18`.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import emma_ferplus_resnet18

_BACKBONE = partial(
    models.DDAMFN, input_shape=(48, 48, 1), heads=("embedding",)
)

RECIPE, *ABLATIONS = (
    dataclasses.replace(
        recipe,
        name=recipe.name.replace("resnet18", "ddamfn"),
        cost="15 × 14,596 images at 48×48, bfloat16: 0.6 h a seed on one core",
        model=partial(recipe.model, backbone=_BACKBONE),
        init="ddamfn_procedural",
    )
    for recipe in (
        emma_ferplus_resnet18.RECIPE,
        *emma_ferplus_resnet18.ABLATIONS,
    )
)

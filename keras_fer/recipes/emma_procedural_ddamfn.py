"""Table 1 of EMMA on drawn faces with DDAMFN.

All of it starts from the features of `ddamfn_procedural`, which is trained
first, and takes fewer epochs, 15 and 20 on compounds; everything else as in
`emma_procedural_resnet18`.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import emma_procedural_resnet18
from keras_fer.recipes import emma_recipes
from keras_fer.recipes.recipe import adam

EPOCHS = 15

RECIPE = dataclasses.replace(
    emma_procedural_resnet18.RECIPE,
    name="emma_procedural_ddamfn",
    cost="15 × 3,899 images at 48×48, bfloat16: 0.2 h a seed on one core",
    model=partial(
        emma_procedural_resnet18.RECIPE.model,
        backbone=partial(
            models.DDAMFN, input_shape=(48, 48, 1), heads=("embedding",)
        ),
    ),
    optimizer=adam(EPOCHS * emma_procedural_resnet18.STEPS_PER_EPOCH),
    epochs=EPOCHS,
    init="ddamfn_procedural",
)

ABLATIONS = emma_recipes.table_1(
    RECIPE,
    num_compounds=len(emma_procedural_resnet18.COMPOUND_COUNTS),
    compound_settings={
        "optimizer": adam(20 * emma_procedural_resnet18.COMPOUND_STEPS),
        "epochs": 20,
        "cost": "20 × 2,529 images at 48×48, bfloat16: 10 minutes a seed on "
        "one core",
    },
    transfer_settings={
        "optimizer": adam(20 * emma_procedural_resnet18.COMPOUND_STEPS, 1e-2),
        "epochs": 20,
        "cost": "20 × 2,529 images at 48×48, bfloat16: 4 minutes a seed on one "
        "core",
    },
)

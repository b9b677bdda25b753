"""Table 1 of EMMA on drawn faces with DDAMFN.

Everything else as in `emma_procedural_resnet18`.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import emma_procedural_resnet18

RECIPE = dataclasses.replace(
    emma_procedural_resnet18.RECIPE,
    name="emma_procedural_ddamfn",
    model=partial(
        emma_procedural_resnet18.RECIPE.model,
        backbone=partial(
            models.DDAMFN, input_shape=(48, 48, 1), heads=("embedding",)
        ),
    ),
)

ABLATIONS = emma_procedural_resnet18.other_rows(RECIPE)

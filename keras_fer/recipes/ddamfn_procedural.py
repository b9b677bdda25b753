"""DDAMFN on procedural faces: where `emma_procedural_ddamfn` starts.

The authors start from a network that learned to tell a million faces apart;
from random weights DDAMFN learns a few thousand faces by heart. Data and
augmentation as of `resnet18_procedural`: seven expressions, no compound among
them, and people whom no compound of validation or test shows.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import emma_recipes
from keras_fer.recipes import resnet18_procedural
from keras_fer.recipes.recipe import adam

EPOCHS = 10

RECIPE = dataclasses.replace(
    resnet18_procedural.RECIPE,
    name="ddamfn_procedural",
    cost="10 × 16,000 images at 48×48, bfloat16: 0.4 h on one core",
    model=partial(
        emma_recipes.softmax_network,
        backbone=partial(
            models.DDAMFN, input_shape=(48, 48, 1), heads=("embedding",)
        ),
        num_classes=7,
        dropout_rate=0.0,
    ),
    optimizer=adam(EPOCHS * resnet18_procedural.IMAGES // 64),
    epochs=EPOCHS,
)

"""The Fader network on FER2013, and the other conditions of figure 8.

Everything as in `fader_procedural`, at 64×64, with the paper's augmentation.
"""

import dataclasses
from functools import partial

from keras_fer.recipes import fader_procedural
from keras_fer.recipes import vae_fer2013

RECIPE, *ABLATIONS = (
    dataclasses.replace(
        recipe,
        name=recipe.name.replace("procedural", "fer2013"),
        cost=f"{vae_fer2013.EPOCHS} × 28,359 images at 64×64, bfloat16: 0.1 h "
        "on one core",
        corpus=vae_fer2013.RECIPE.corpus,
        augmentation=vae_fer2013.RECIPE.augmentation,
        optimizer=vae_fer2013.RECIPE.optimizer,
        trainer=partial(
            recipe.trainer, ramp_steps=10 * vae_fer2013.STEPS_PER_EPOCH
        ),
        seeds=None,
    )
    for recipe in (fader_procedural.RECIPE, *fader_procedural.CONDITIONS)
)

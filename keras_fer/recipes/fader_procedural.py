"""The Fader network on procedural faces, whose factors are known.

`CONDITIONS` are the other conditions of figure 8 and another reference:
reconstruction alone, with the multiclass loss, and happiness told from all
others instead of neutral, of which section 3.3 says that traversals would then
start there. Runs `_lab` see heads held before one camera, one seed. The
discriminator learns five times as often as the networks that hide from it, and
its loss comes in over the first ten epochs; the paper gives neither.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import fer2013
from keras_fer.recipes import vae_procedural
from keras_fer.recipes.generative_recipes import fader
from keras_fer.recipes.generative_recipes import fader_network

_CLASSES = fer2013.INFO.classes

RECIPE = dataclasses.replace(
    vae_procedural.RECIPE,
    name="fader_procedural",
    paper="no figure",
    cost=f"{vae_procedural.EPOCHS} × 16,000 images at 64×64, bfloat16: 4 "
    "minutes a seed on one core",
    model=partial(fader_network, vae_procedural.RECIPE.model.args[0]),
    trainer=partial(
        fader,
        reference=_CLASSES.index("neutral"),
        multiclass_weight=1.0,
        adversarial_weight=0.1,
        ramp_steps=10 * vae_procedural.STEPS_PER_EPOCH,
        discriminator_steps=5,
    ),
)


def _condition(name, **weights):
    return dataclasses.replace(
        RECIPE,
        name=f"fader_procedural_{name}",
        trainer=partial(RECIPE.trainer, **weights),
    )


CONDITIONS = (
    _condition("reconstruction", multiclass_weight=0.0, adversarial_weight=0.0),
    _condition("multiclass", adversarial_weight=0.0),
    _condition("happiness", reference=_CLASSES.index("happiness")),
)

ABLATIONS = (
    *CONDITIONS,
    *map(vae_procedural.held_still, (RECIPE, *CONDITIONS)),
)

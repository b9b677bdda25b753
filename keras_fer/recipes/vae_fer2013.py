"""The semi-supervised β-VAE on FER2013.

Everything as in `vae_procedural`, at 64×64, and neutral at the origin in
`ABLATIONS`.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import fer2013
from keras_fer.recipes import vae_procedural

RECIPE, _ORIGIN = (
    dataclasses.replace(
        recipe,
        name=recipe.name.replace("procedural", "fer2013"),
        cost="20 × 28,359 images at 64×64",
        corpus=partial(fer2013.load_data, size=64),
        seeds=None,
    )
    for recipe in (vae_procedural.RECIPE, vae_procedural.ABLATIONS[0])
)

ABLATIONS = (_ORIGIN,)

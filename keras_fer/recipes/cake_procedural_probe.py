"""Which expression a face shows, from its true valence and arousal: figure 2.

CAKE, section 2.1: a linear classifier on annotated valence and arousal, and
what numbers learned from the features of `resnet18_procedural` add to them.
Everything else as in `cake_procedural`, of which this has the largest domain
alone. Differences: classes are weighted as in equation 1.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import cake_procedural
from keras_fer.recipes.compact_recipe import Head

_FULL = cake_procedural.RECIPE

RECIPE = dataclasses.replace(
    _FULL,
    name="cake_procedural_probe",
    paper="accuracy 83 % from true valence and arousal on AffectNet, "
    "+3 points with one number more, +3.6 with 512",
    cost="10 seeds of 7 models on features of 16,000 faces: 0.1 h on one core",
    affect_backbone=None,
    domains={"web": _FULL.domains["web"]},
    models={
        f"AV{k or ''}": Head(
            make=partial(models.CAKE, k, valence_arousal=True), annotated=True
        )
        for k in (0, 1, 2, 4, 16, 64, 512)
    },
)

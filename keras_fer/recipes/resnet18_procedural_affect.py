"""ResNet-18 that estimates valence and arousal of procedural faces.

The features and the two numbers of CAKE's AV and AVk. Learned by the
concordance correlation, since the paper names no loss. Everything else as in
`resnet18_procedural`.
"""

import dataclasses
from functools import partial

from keras_fer import losses
from keras_fer.recipes import resnet18_procedural

_EXPRESSIONS = resnet18_procedural.RECIPE

RECIPE = dataclasses.replace(
    _EXPRESSIONS,
    name="resnet18_procedural_affect",
    model=partial(_EXPRESSIONS.model, heads=("valence_arousal",)),
    target=("valence", "arousal"),
    loss=losses.ConcordanceLoss(),
    monitor="val_concordance_correlation",
)

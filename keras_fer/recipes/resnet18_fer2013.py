"""ResNet-18 on FER2013: the frozen features of CAKE on real faces.

In place of AffectNet, on which the paper's features are learned. Everything
else as in `resnet18_procedural`.
"""

import dataclasses

from keras_fer.datasets import fer2013
from keras_fer.recipes import resnet18_procedural
from keras_fer.recipes.recipe import adam

EPOCHS = 20
STEPS_PER_EPOCH = 443  # 28,359 training images in whole batches of 64

RECIPE = dataclasses.replace(
    resnet18_procedural.RECIPE,
    name="resnet18_fer2013",
    paper="no figure",
    cost="20 × 28,359 images at 48×48, bfloat16: 1.2 h on one core",
    corpus=fer2013.load_data,
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    epochs=EPOCHS,
)

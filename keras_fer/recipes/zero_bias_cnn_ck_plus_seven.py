"""The zero-bias CNN on the 48×48 crops of CK+: seven expressions, no neutral.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969, have no such table.
Differences to the paper, each to learn in 1,000 steps instead of 31,000: faces
of 48 pixels, the rate falls to zero along a half cosine, augmentation is
milder, the spread of the initial weights is fixed and the local deviation is
not divided by (as in the published runs).
"""

from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import ck_plus
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.zero_bias_cnn_ck_plus import ablations

EPOCHS = 10
STEPS_PER_EPOCH = 100

RECIPE = Recipe(
    name="zero_bias_cnn_ck_plus_seven",
    paper="no figure",
    cost="1,000 steps of 64 at 48×48, bfloat16: 4 minutes a fold on 2 cores",
    corpus=partial(ck_plus.load_data, layout="crops"),
    folds=ck_plus.FOLDS,
    model=partial(
        models.ZeroBiasCNN,
        input_shape=(48, 48, 1),
        num_classes=7,
        divide_std=False,
        k=1.0,
    ),
    augmentation=partial(
        augmentation.ZeroBiasAugmentation,
        rotation_degrees=10.0,
        scale=(0.8, 1.2),
        gamma=(0.5, 2.0),
    ),
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            0.02, EPOCHS * STEPS_PER_EPOCH
        ),
        momentum=0.9,
        coupled_weight_decay=1e-5,
    ),
    epochs=EPOCHS,
    steps_per_epoch=STEPS_PER_EPOCH,
    precision="mixed_bfloat16",
)

ABLATIONS = ablations(RECIPE)

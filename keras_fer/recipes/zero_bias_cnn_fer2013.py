"""The zero-bias CNN on FER2013, at 48×48: no figure in the paper.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969, train on TFD and CK+
for 31,000 steps at a constant rate. Differences, each to reach a good network
in 18,000 steps: the rate falls to zero along a half cosine, augmentation is
milder, and the local deviation is not divided by (as in the published runs).
"""

from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import fer2013
from keras_fer.recipes.recipe import Recipe

EPOCHS = 40
STEPS_PER_EPOCH = 443  # 28,359 training images in whole batches of 64

RECIPE = Recipe(
    name="zero_bias_cnn_fer2013",
    paper="no figure",
    cost="40 × 28,359 images at 48×48, bfloat16: 1.3 h on 2 cores",
    corpus=fer2013.load_data,
    model=partial(
        models.ZeroBiasCNN,
        input_shape=(48, 48, 1),
        num_classes=7,
        divide_std=False,
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
    precision="mixed_bfloat16",
)

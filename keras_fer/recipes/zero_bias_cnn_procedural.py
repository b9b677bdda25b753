"""The zero-bias CNN on procedural faces: the experiment that needs no data.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. Seven expressions, no
person in two splits. Differences to the paper as in `zero_bias_cnn_fer2013`.
"""

from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.recipe import Recipe

EPOCHS = 10
IMAGES = 16_000

RECIPE = Recipe(
    name="zero_bias_cnn_procedural",
    paper="no figure",
    cost="10 × 16,000 images at 48×48, bfloat16: 0.2 h on 2 cores",
    corpus=partial(procedural.load_data, classes=fer2013.INFO.classes),
    model=partial(
        models.ZeroBiasCNN,
        input_shape=(48, 48, 1),
        num_classes=7,
        divide_std=False,
        k=1.0,
    ),
    augmentation=partial(
        augmentation.ZeroBiasAugmentation,
        rotation_degrees=6.0,
        scale=(0.9, 1.1),
        gamma=(0.7, 1.4),
    ),
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            0.02, EPOCHS * IMAGES // 64
        ),
        momentum=0.9,
        coupled_weight_decay=1e-5,
    ),
    epochs=EPOCHS,
    precision="mixed_bfloat16",
)

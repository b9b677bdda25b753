"""The zero-bias CNN on FER2013, at 48×48.

Paper: no figure (it uses TFD and CK+).
"""

from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import fer2013
from keras_fer.recipes.recipe import Recipe

EPOCHS = 36
STEPS = 440  # a pass over the 28,4xx training images

RECIPE = Recipe(
    name="zero_bias_cnn_fer2013",
    paper="no figure",
    cost="",
    corpus=fer2013.load_data,
    model=partial(models.ZeroBiasCNN, input_shape=(48, 48, 1), num_classes=7),
    augmentation=augmentation.ZeroBiasAugmentation,
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            0.01, EPOCHS * STEPS
        ),
        coupled_weight_decay=1e-5,
    ),
    epochs=EPOCHS,
    precision="mixed_bfloat16",
)

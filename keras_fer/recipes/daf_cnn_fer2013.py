"""DAF-CNN on FER2013, as well as a CPU trains it within an evening.

48×48 pixels, four tenths of the channels, attention and triplet-center loss.
Differences to the paper, besides the size: SGD with Nesterov momentum .9 and
weight decay 5e-4, its rate falling along a half cosine from .05; every image is
moved and half of them lose a rectangle; dropout is .3 (see
`daf_cnn_fer2013_small`).
"""

import dataclasses
from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import trainers
from keras_fer.recipes import daf_cnn_fer2013_small

EPOCHS = 60

_SMALL = daf_cnn_fer2013_small.RECIPE

RECIPE = dataclasses.replace(
    _SMALL,
    name="daf_cnn_fer2013",
    paper="72.39 % (at 96×96, all channels)",
    cost="60 × 28,359 images at 48×48, bfloat16: 2 h on 2 cores (estimate)",
    model=partial(_SMALL.model, width=0.4, dropout_rate=0.3),
    augmentation=partial(
        augmentation.DANAugmentation,
        rotation_degrees=10.0,
        shift=0.1,
        scale=(0.9, 1.1),
        move_rate=1.0,
    ),
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            0.05, EPOCHS * daf_cnn_fer2013_small.STEPS_PER_EPOCH, alpha=0.001
        ),
        momentum=0.9,
        nesterov=True,
        coupled_weight_decay=5e-4,
    ),
    epochs=EPOCHS,
    monitor="val_accuracy",
    seeds=None,
)

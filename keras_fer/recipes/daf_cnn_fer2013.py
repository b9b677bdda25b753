"""DAF-CNN on FER2013, as large as a CPU trains within an evening.

48×48 pixels, four tenths of the channels, attention and triplet-center loss.
Differences to the paper, besides the size: the rate falls along a half cosine,
and dropout is .2 (see `daf_cnn_fer2013_small`).
"""

import dataclasses
from functools import partial

import keras

from keras_fer.recipes import daf_cnn_fer2013_small

EPOCHS = 40

_SMALL = daf_cnn_fer2013_small.RECIPE

RECIPE = dataclasses.replace(
    _SMALL,
    name="daf_cnn_fer2013",
    paper="72.39 % (at 96×96, all channels)",
    cost="40 × 28,359 images at 48×48, bfloat16: 2 h on 2 cores (estimate)",
    model=partial(_SMALL.model, width=0.4),
    optimizer=partial(
        keras.optimizers.Adam,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            1e-3, EPOCHS * daf_cnn_fer2013_small.STEPS_PER_EPOCH, alpha=0.01
        ),
    ),
    epochs=EPOCHS,
    monitor="val_accuracy",
    seeds=None,
)

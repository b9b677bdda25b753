"""DAF-CNN on FER2013, as well as a CPU trains it within an evening.

48×48 pixels, three eighths of the channels (half of them in the first block,
see `width` of `models.DAFCNN`), attention and triplet-center loss. Differences
to the paper, besides the size: AdamW with weight decay .05, its rate falling
along a half cosine from 1e-3; every image is moved and half of them lose a
rectangle; dropout is .3 (see `daf_cnn_fer2013_small`).
"""

import dataclasses
from functools import partial

import keras

from keras_fer import augmentation
from keras_fer.recipes import daf_cnn_fer2013_small

EPOCHS = 64

_SMALL = daf_cnn_fer2013_small.RECIPE

RECIPE = dataclasses.replace(
    _SMALL,
    name="daf_cnn_fer2013",
    paper="72.39 % (at 96×96, all channels)",
    cost="64 × 28,359 images at 48×48, bfloat16: 1.8 h on one core",
    model=partial(_SMALL.model, width=0.375, dropout_rate=0.3),
    augmentation=partial(
        augmentation.DANAugmentation,
        rotation_degrees=10.0,
        shift=0.1,
        scale=(0.9, 1.1),
        move_rate=1.0,
    ),
    optimizer=partial(
        keras.optimizers.AdamW,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            1e-3, EPOCHS * daf_cnn_fer2013_small.STEPS_PER_EPOCH, alpha=0.01
        ),
        weight_decay=0.05,
    ),
    epochs=EPOCHS,
    monitor="val_accuracy",
    seeds=None,
)

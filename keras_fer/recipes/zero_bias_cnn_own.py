"""The zero-bias CNN on a corpus of one's own, fine-tuned or from scratch.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. Any number of pictures
and expressions, so the rate falls where the validation loss stops falling. For

    keras-fer train zero_bias_cnn_own --data mine --init zero_bias_cnn_fer2013

Everything else as in `zero_bias_cnn_fer2013`.
"""

import dataclasses
from functools import partial

import keras

from keras_fer import trainers
from keras_fer.datasets import folder
from keras_fer.recipes import zero_bias_cnn_fer2013

RECIPE = dataclasses.replace(
    zero_bias_cnn_fer2013.RECIPE,
    name="zero_bias_cnn_own",
    cost="30 passes over the images at 48×48, bfloat16: 240 images/s",
    corpus=partial(folder.load_data, size=48, channels=1),
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=0.01,
        momentum=0.9,
        coupled_weight_decay=1e-5,
    ),
    callbacks=(
        partial(
            keras.callbacks.ReduceLROnPlateau,
            monitor="val_loss",
            factor=0.2,
            patience=4,
        ),
    ),
    epochs=30,
    batch_size=32,
)

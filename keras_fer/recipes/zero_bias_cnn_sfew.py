"""The zero-bias CNN on the training split of SFEW, in five folds by film.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969, do not use SFEW. From
random weights; `zero_bias_cnn_sfew_fine_tuned` differs in nothing else than
where it starts. Network and augmentation as in `zero_bias_cnn_ck_plus_seven`,
at half its rate and batch.
"""

import dataclasses
from functools import partial

import keras

from keras_fer import trainers
from keras_fer.datasets import sfew
from keras_fer.recipes import zero_bias_cnn_ck_plus_seven

EPOCHS = 15
STEPS_PER_EPOCH = 100

RECIPE = dataclasses.replace(
    zero_bias_cnn_ck_plus_seven.RECIPE,
    name="zero_bias_cnn_sfew",
    paper="no figure",
    cost="1,500 steps of 32 at 48×48, bfloat16: 4 minutes a fold on 2 cores",
    corpus=partial(sfew.load_data, size=48, channels=1),
    folds=sfew.FOLDS,
    optimizer=partial(
        trainers.CoupledSGD,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            0.01, EPOCHS * STEPS_PER_EPOCH
        ),
        momentum=0.9,
        coupled_weight_decay=1e-5,
    ),
    epochs=EPOCHS,
    steps_per_epoch=STEPS_PER_EPOCH,
    batch_size=32,
)

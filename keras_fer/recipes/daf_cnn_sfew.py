"""DAF-CNN on the training split of SFEW, in five folds by film, from scratch.

Joint loss with the margin and weight of section 4.2. `daf_cnn_sfew_fine_tuned`
and `daf_cnn_sfew_centers` differ in nothing but where they start and in the
loss. Differences to the paper, besides size, rate and dropout as in
`daf_cnn_fer2013_small`: the paper's figure is of SFEW's validation split, which
is not used here; faces are the published crops, without MTCNN; the best epoch
on each fold's validation split is kept.
"""

import dataclasses
from functools import partial

from keras_fer import trainers
from keras_fer.datasets import sfew
from keras_fer.recipes import daf_cnn_fer2013_small
from keras_fer.recipes.recipe import adam

EPOCHS = 20
STEPS_PER_EPOCH = 100

RECIPE = dataclasses.replace(
    daf_cnn_fer2013_small.RECIPE,
    name="daf_cnn_sfew",
    paper="no figure",
    cost="2,000 steps of 32 at 48×48, bfloat16: 5 minutes a fold on one core",
    corpus=partial(sfew.load_data, size=48, channels=1),
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    trainer=partial(
        trainers.TripletCenterTrainer, margin=13.0, loss_weight=0.013
    ),
    epochs=EPOCHS,
    steps_per_epoch=STEPS_PER_EPOCH,
    batch_size=32,
    monitor="val_accuracy",
    seeds=None,
    folds=sfew.FOLDS,
)

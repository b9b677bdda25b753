"""DAF-CNN on procedural faces: what attention looks at, where it is known.

Drawn faces tell where each action unit changes them, so that
`keras-fer figures --show attention` can measure. Network and training as in
`daf_cnn_fer2013_small`; the best epoch on validation is kept.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes import daf_cnn_fer2013_small
from keras_fer.recipes.recipe import adam

EPOCHS = 10
STEPS_PER_EPOCH = 125  # 16,000 images in batches of 128

RECIPE = dataclasses.replace(
    daf_cnn_fer2013_small.RECIPE,
    name="daf_cnn_procedural",
    paper="no figure",
    cost="10 × 16,000 images at 48×48, bfloat16: 0.25 h on one core",
    corpus=partial(procedural.load_data, classes=fer2013.INFO.classes),
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    epochs=EPOCHS,
    monitor="val_accuracy",
    seeds=None,
)

"""The small classifier of the t-SNE picture, on procedural faces.

15 epochs of Adam, rate 1e-3 falling to 1e-5; the best on validation counts. The
paper names no training.
"""

import dataclasses
from functools import partial

from keras_fer import models
from keras_fer.recipes import vae_procedural

RECIPE = dataclasses.replace(
    vae_procedural.RECIPE,
    name="expression_cnn_procedural",
    paper="no figure",
    cost=f"{vae_procedural.EPOCHS} × 16,000 images at 64×64, bfloat16: 2 "
    "minutes on one core",
    model=partial(models.ExpressionCNN, (64, 64, 1)),
    trainer=None,
    seeds=None,
    monitor="val_accuracy",
)

"""Intensity of action units on procedural faces, sharp or blurred.

It reads what decoders of generative models draw, which is soft: every other
face is blurred. The network is that of `daf_cnn_procedural`, at 64×64.
"""

import dataclasses
from functools import partial

import keras

from keras_fer import models
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.generative_recipes import load_half_blurred
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.recipe import adam

UNITS = (1, 4, 6, 9, 12, 15, 25, 26)


def load_units(split: str, **options):
    """Draw a split with a column for each of `UNITS`, called `"AU12"`.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        options: of `procedural.load_data`.

    Returns:
        A `Corpus`; intensities are 0 to 5. Every other face is blurred.
    """
    faces = load_half_blurred(split, load=procedural.load_data, **options)
    columns = {
        f"AU{unit}": faces.labels["action_unit_intensity"][
            :, faces.action_units.index(unit)
        ]
        for unit in UNITS
    }
    return dataclasses.replace(faces, labels={**faces.labels, **columns})


EPOCHS = 20

RECIPE = Recipe(
    name="action_units_procedural",
    paper="no figure",
    cost=f"{EPOCHS} × 16,000 images at 64×64, bfloat16: 0.25 h on one core",
    corpus=partial(load_units, classes=fer2013.INFO.classes, size=64),
    model=partial(
        models.DAFCNN, (64, 64, 1), len(UNITS), width=0.25, dropout_rate=0.2
    ),
    target=tuple(f"AU{unit}" for unit in UNITS),
    loss=keras.losses.MeanSquaredError(),
    optimizer=adam(EPOCHS * 125),
    epochs=EPOCHS,
    batch_size=128,
    monitor="val_rmse",
    mode="min",
    precision="mixed_bfloat16",
)

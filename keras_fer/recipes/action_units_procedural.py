"""Intensity of action units on procedural faces, sharp or blurred.

It reads what decoders of generative models draw, which is soft: every other
face is blurred. The network is that of `daf_cnn_procedural`.
"""

import dataclasses
from functools import partial

import cv2
import keras
import numpy as np

from keras_fer import models
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.recipe import Recipe

UNITS = (1, 4, 6, 9, 12, 15, 25, 26)
_SIGMA = 0.5, 2.5  # of the blur, pixels


def load_units(split: str, **options):
    """Draw a split with a column for each of `UNITS`, called `"AU12"`.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        options: of `procedural.load_data`.

    Returns:
        A `Corpus`; intensities are 0 to 5. Every other face is blurred.
    """
    faces = procedural.load_data(split, **options)
    images = faces.images.copy()
    sigmas = np.random.default_rng(0).uniform(*_SIGMA, len(faces))
    for row in range(1, len(faces), 2):
        blurred = cv2.GaussianBlur(images[row], (0, 0), sigmas[row])
        images[row] = blurred.reshape(images[row].shape)
    columns = {
        f"AU{unit}": faces.labels["action_unit_intensity"][
            :, faces.action_units.index(unit)
        ]
        for unit in UNITS
    }
    return dataclasses.replace(
        faces, images=images, labels={**faces.labels, **columns}
    )


EPOCHS = 10

RECIPE = Recipe(
    name="action_units_procedural",
    paper="no figure",
    cost=f"{EPOCHS} × 16,000 images at 64×64, bfloat16",
    corpus=partial(load_units, classes=fer2013.INFO.classes, size=64),
    model=partial(models.DAFCNN, (64, 64, 1), len(UNITS), width=0.25),
    target=tuple(f"AU{unit}" for unit in UNITS),
    loss=keras.losses.MeanSquaredError(),
    optimizer=partial(
        keras.optimizers.Adam,
        learning_rate=keras.optimizers.schedules.CosineDecay(
            1e-3, EPOCHS * 125, alpha=0.01
        ),
    ),
    epochs=EPOCHS,
    batch_size=128,
    monitor="val_rmse",
    mode="min",
    precision="mixed_bfloat16",
)

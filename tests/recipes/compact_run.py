"""Heads on the features of networks with random weights, in seconds."""

import functools
from pathlib import Path

import keras
import numpy as np
from networks import CLASSES
from networks import corpus

from keras_fer import models
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.compact_recipe import Domain
from keras_fer.recipes.compact_recipe import Head

KNOWN = tuple(c for c in CLASSES if c != "disgust")  # is left out
AFFECT = np.array(
    [[-0.4, 0.8], [0, 0], [-0.1, 0.8], [0.8, 0.5], [-0.8, -0.4], [0.4, 0.9]]
)
AFFECT = np.vstack([AFFECT, [0, 0]])  # of each of CLASSES
READ = []


def load(split, *, size, data_dir, skip_bad, fold=None):
    READ.append((size, split, fold))
    if size == "small" and split == "train":
        faces = corpus(35, split=split)  # without one class of the recipe
        others = faces.labels["expression"] != CLASSES.index("neutral")
        return with_affect(corpus(35, split="val").select(others))
    faces = corpus(70 if size == "large" else 28, split=split)
    if split == "train":  # other pictures than those that are measured
        faces.images[:] = faces.images[:, ::-1, ::-1]
    return with_affect(faces)


def with_affect(faces):
    affect = AFFECT[faces.labels["expression"]]
    faces.labels["valence"], faces.labels["arousal"] = affect.T
    return faces


RECIPE = CompactRecipe(
    name="cake_tiny",
    paper="no figure",
    cost="seconds",
    backbone="features",
    affect_backbone="affect",
    domains={
        "large": Domain(load=functools.partial(load, size="large"), test="val"),
        "small": Domain(load=functools.partial(load, size="small"), folds=2),
    },
    classes=KNOWN,
    models={
        "CAKE-3": Head(make=functools.partial(models.CAKE, 3, features_dim=24)),
        "AV1": Head(
            make=functools.partial(
                models.CAKE, 1, features_dim=24, valence_arousal=True
            ),
            backbone="affect",
        ),
        "AV": Head(
            make=functools.partial(models.CAKE, 0, valence_arousal=True)
        ),
        "true AV": Head(
            make=functools.partial(models.CAKE, 0, valence_arousal=True),
            annotated=True,
        ),
        "CAKE-2": Head(make=functools.partial(models.CAKE, 2, features_dim=24)),
        "CAKE-3-Norm": Head(
            make=functools.partial(
                models.CAKE, 3, features_dim=24, normalize=True
            )
        ),
    },
    epochs=15,
    learning_rate=0.1,
    seeds=2,
)


def network(source):
    """A convolution of random weights, which tells stripes apart."""
    keras.utils.set_random_seed(len(Path(source).name))
    images = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 64, offset=-2)(images)
    x = keras.layers.Conv2D(24, 9, strides=4, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    return keras.Model(images, keras.layers.Dense(2, name="valence_arousal")(x))

"""A tiny network with attention and centers, trained on drawn faces."""

import dataclasses
import functools

import keras

from keras_fer import layers
from keras_fer import recipes

_FULL = recipes.get("daf_cnn_procedural")


def network():
    images = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Conv2D(8, 9, strides=8, padding="same", name="conv")(x)
    x = layers.ChannelSpatialAttention(name="attention")(x)
    x = keras.layers.Flatten()(x)
    embedding = keras.layers.Dense(16, name="embedding")(x)
    return keras.Model(
        images,
        {
            "logits": keras.layers.Dense(7, name="logits")(embedding),
            "embedding": embedding,
            "distances": layers.ClassCenters(7, name="distances")(embedding),
        },
    )


RECIPE = dataclasses.replace(
    _FULL,
    corpus=functools.partial(_FULL.corpus, images=70),
    model=network,
    batch_size=16,
    augmentation=None,
    epochs=1,
    steps_per_epoch=2,
)

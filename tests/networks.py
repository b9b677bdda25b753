"""A network whose answers are known, and pictures that it knows."""

import keras
import numpy as np

from keras_fer import datasets
from keras_fer import layers

CLASSES = datasets.fer2013.INFO.classes


def stripes(label, shape, seed=0):
    """Stripes whose direction is the class, under noise."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    angle = np.pi * label / len(CLASSES)
    wave = np.sin(1.2 * (x * np.cos(angle) + y * np.sin(angle)))
    noise = np.random.default_rng(seed).uniform(-30, 30, shape)
    return (127.5 + 90 * wave[..., None] + noise).clip(0, 255).astype("uint8")


def corpus(size=70, shape=(48, 48, 1), split="val"):
    labels = np.arange(size) % len(CLASSES)
    return datasets.Corpus(
        info=datasets.fer2013.INFO,
        split=split,
        images=np.array([stripes(k, shape, n) for n, k in enumerate(labels)]),
        labels={"expression": labels},
        names=[f"picture {number}" for number in range(size)],
    )


def embedding_network():
    """Two heads: logits, and an embedding of three numbers."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 1), name="images")
    x = keras.layers.Rescaling(1 / 255, name="rescaling")(images)
    x = keras.layers.Conv2D(4, 8, strides=8, name="conv")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    embedding = keras.layers.Dense(3, name="embedding")(x)
    logits = keras.layers.Dense(len(CLASSES), name="logits")(embedding)
    return keras.Model(images, {"logits": logits, "embedding": embedding})


def template_network(shape=(48, 48, 1), name="templates"):
    """Compares a picture with each class' stripes: right on `corpus`."""
    inputs = keras.Input(shape, name="images")
    x = keras.layers.Rescaling(2 / 255, name="rescaling")(inputs)
    x = layers.LocalContrastNormalization(
        divide_std=False, name="normalization"
    )(x)
    features = keras.Model(inputs, keras.layers.Flatten(name="pooled")(x))
    dense = keras.layers.Dense(len(CLASSES), name="logits")
    model = keras.Model(inputs, dense(features.output), name=name)
    known = np.array([stripes(k, shape, 999) for k in range(len(CLASSES))])
    kernel = features.predict(known, verbose=0).T
    kernel = 8 * kernel / np.square(kernel).sum(axis=0)
    dense.set_weights([kernel, np.zeros(len(CLASSES))])
    return model

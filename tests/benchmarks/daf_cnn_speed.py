"""What attention and the triplet-center loss cost while training.

    python tests/benchmarks/daf_cnn_speed.py

DAF-CNN at 48×48 and a quarter of the channels, bfloat16, batches of 128. The
ways take turns, so that what else the machine does touches all of them; the
figures are medians, and ratios to the network without both.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from keras_fer import models
from keras_fer import trainers

BATCH, STEPS, ROUNDS = 128, 10, 12
HEADS = ("logits", "embedding", "distances")


def step_of(attention, center_loss):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = models.DAFCNN(
        (48, 48, 1),
        width=0.25,
        attention=attention,
        heads=HEADS if center_loss else ("logits",),
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if center_loss:
        model, loss = trainers.TripletCenterTrainer(model), None
    model.compile(keras.optimizers.Adam(1e-3), loss)
    images = np.random.default_rng(0).uniform(0, 255, (BATCH, 48, 48, 1))
    images = tf.constant(images, "float32")
    labels = tf.constant(np.arange(BATCH) % 7)
    return lambda: model.train_on_batch(images, labels)


def main():
    ways = {
        "neither": step_of(False, False),
        "TC loss": step_of(False, True),
        "attention": step_of(True, False),
        "both": step_of(True, True),
    }
    seconds = {name: [] for name in ways}
    for step in ways.values():
        step()
    for _ in range(ROUNDS):
        for name, step in ways.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                step()
            seconds[name].append((time.perf_counter() - start) / STEPS)
    base = np.median(seconds["neither"])
    for name, values in seconds.items():
        middle = np.median(values)
        print(
            f"{name:10s} {BATCH / middle:5.0f} images/s, "
            f"{100 * (middle / base - 1):+.1f} % time"
        )


if __name__ == "__main__":
    main()

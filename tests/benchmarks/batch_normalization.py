"""Training images/s with fused batch normalization against Keras' own.

    python tests/benchmarks/batch_normalization.py

DAF-CNN at 48×48 and a quarter of the channels, batches of 128. The networks
take turns; the fastest round of each counts, as in `timeit`.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from keras_fer import models

BATCH, STEPS, ROUNDS = 128, 5, 8
NAMES = ("keras", "fused")


def stock(layer):
    """The same layer as Keras has it."""
    if layer.__class__.__name__ == "FusedBatchNormalization":
        return keras.layers.BatchNormalization.from_config(layer.get_config())
    return layer.__class__.from_config(layer.get_config())


def step_of(policy, fused):
    keras.config.set_dtype_policy(policy)
    model = models.DAFCNN((48, 48, 1), width=0.25)
    if not fused:
        model = keras.models.clone_model(model, clone_function=stock)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    images = np.random.default_rng(0).uniform(0, 255, (BATCH, 48, 48, 1))
    images = tf.constant(images, "float32")
    labels = tf.constant(np.arange(BATCH) % 7)
    return lambda: model.train_on_batch(images, labels)


def main():
    """Print images/s and the ratio for each precision."""
    for policy in ("float32", "mixed_bfloat16"):
        steps = {name: step_of(policy, name == "fused") for name in NAMES}
        seconds = {name: [] for name in NAMES}
        for step in steps.values():
            step()
        for _ in range(ROUNDS):
            for name, step in steps.items():
                start = time.perf_counter()
                for _ in range(STEPS):
                    step()
                seconds[name].append((time.perf_counter() - start) / STEPS)
        keras_own, fused = (BATCH / min(seconds[name]) for name in NAMES)
        print(
            f"{policy:14s} Keras {keras_own:4.0f}, fused {fused:4.0f} images/s,"
            f" ratio {fused / keras_own:.2f}"
        )


if __name__ == "__main__":
    main()

"""How many images per second each augmentation makes.

    python tests/benchmarks/augmentation_speed.py

Batches of 64, as a graph, on the cores of this machine.
"""

import time

import numpy as np
import tensorflow as tf

from keras_fer import augmentation

SHAPES = ((48, 48, 1), (112, 112, 3), (224, 224, 3))
BATCH, SECONDS = 64, 3.0


def speed(layer, shape):
    images = tf.constant(
        np.random.default_rng(0).uniform(0, 255, (BATCH, *shape)), "float32"
    )
    augment = tf.function(lambda x, seed: layer(x, seed=seed))
    augment(images, tf.constant([0, 0]))
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        augment(images, tf.constant([1, count]))
        count += 1
    return count * BATCH / (time.perf_counter() - start)


def main():
    heads = " | ".join(f"{h}×{w}×{c}" for h, w, c in SHAPES)
    print(f"| images/s | {heads} |\n|{'---|' * (len(SHAPES) + 1)}")
    for name in augmentation.__all__:
        if name not in ("Augmentation", "Mixup"):
            layer = getattr(augmentation, name)()
            cells = " | ".join(f"{speed(layer, s):,.0f}" for s in SHAPES)
            print(f"| `{name}` | {cells} |")


if __name__ == "__main__":
    main()

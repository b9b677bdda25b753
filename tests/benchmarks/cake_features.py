"""What it saves to compute the features of a frozen network once.

    python tests/benchmarks/cake_features.py

CAKE-3 behind ResNet-18 at 48×48: training steps on cached features against
steps through the frozen network, taking turns; the figures are medians.
"""

import time

import numpy as np
import tensorflow as tf

from keras_fer import losses
from keras_fer import models

BATCH, ROUNDS = 512, 7
STEPS = {"cached": 200, "through": 1}


def main():
    backbone = models.ResNet18((48, 48, 1), heads=("embedding",))
    backbone.trainable = False
    domains = {"one": 7, "other": 7}
    head = models.CAKE(3, domains)
    whole = models.CAKENetwork(backbone, models.CAKE(3, domains))
    draws = np.random.default_rng(0)
    images = tf.constant(draws.uniform(0, 255, (BATCH, 48, 48, 1)), "float32")
    targets = np.stack([np.arange(BATCH) % 2, np.arange(BATCH) % 7], axis=1)
    targets = tf.constant(targets)
    batches = {
        "cached": (head, backbone(images)),
        "through": (whole, images),
    }
    seconds = {name: [] for name in batches}
    for model, batch in batches.values():
        counts = {name: [1] * 7 for name in domains}
        model.compile("adam", losses.MultiDomainCrossentropy(counts))
        model.train_on_batch(batch, targets)
    for _ in range(ROUNDS):
        for name, (model, batch) in batches.items():
            start = time.perf_counter()
            for _ in range(STEPS[name]):
                model.train_on_batch(batch, targets)
            seconds[name].append((time.perf_counter() - start) / STEPS[name])
    found = {name: np.median(values) for name, values in seconds.items()}
    for name, middle in found.items():
        print(f"{name:8s} {BATCH / middle:,.0f} samples/s")
    print(f"ratio {found['through'] / found['cached']:.0f}")


if __name__ == "__main__":
    main()

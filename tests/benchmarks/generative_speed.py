"""Training images/s and memory of the generative models at 64×64 and 128×128.

    python tests/benchmarks/generative_speed.py

Each in a process of its own, whose largest memory is that of its training,
imports included. Steps on batches of 64; the figures are medians.
"""

import resource
import subprocess
import sys
import time

MODELS = "expression_cnn", "vae", "fader"
SIDES = 64, 128
BATCH, STEPS = 64, 15


def main():
    """Print images/s, their ratio to the first, and memory."""
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]))
        return
    first = None
    for side in SIDES:
        for name in MODELS:
            command = [sys.executable, __file__, name, str(side)]
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True
            )
            speed, memory = map(float, done.stdout.split()[-2:])
            first = first or speed
            print(
                f"{name:15s} {side}×{side}  {speed:6.0f} images/s   ratio "
                f"{speed / first:.3f}   {memory:6.0f} MB"
            )


def measure(name, side):
    """Train in this process, and print images/s and megabytes."""
    import keras
    import numpy as np

    from keras_fer import models
    from keras_fer.recipes import generative_recipes

    shape = (side, side, 1)
    keras.utils.set_random_seed(0)
    if name == "expression_cnn":
        model = models.ExpressionCNN(shape)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss)
    elif name == "vae":
        network = generative_recipes.vae_network(shape)
        model = generative_recipes.semi_supervised_vae(network)
        model.compile("adam")
    else:
        network = generative_recipes.fader_network(shape)
        model = generative_recipes.fader(network)
        model.compile("adam", discriminator_optimizer="adam")
    draws = np.random.default_rng(0)
    images = draws.uniform(0, 255, (BATCH, *shape)).astype("float32")
    labels = np.arange(BATCH) % 7
    seconds = []
    for step in range(STEPS + 1):
        began = time.perf_counter()
        model.train_on_batch(images, labels)
        if step:  # the first compiles
            seconds.append(time.perf_counter() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(BATCH / np.median(seconds), memory)


if __name__ == "__main__":
    main()

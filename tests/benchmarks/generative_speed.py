"""Training images/s and memory of the generative models at 64×64 and 128×128.

    python tests/benchmarks/generative_speed.py

Each in a process of its own, whose largest memory is that of its training,
imports included, in float32 and as the recipes have it, in bfloat16. Steps on
batches of 64; the figures are medians.
"""

import itertools
import resource
import subprocess
import sys
import time

MODELS = "expression_cnn", "vae", "fader"
SIDES = 64, 128
PRECISIONS = "float32", "mixed_bfloat16"
BATCH, STEPS = 64, 15


def main():
    """Print images/s, their ratio to the first, and memory."""
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])
        return
    first = None
    for side, precision, name in itertools.product(SIDES, PRECISIONS, MODELS):
        command = [sys.executable, __file__, name, str(side), precision]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True
        )
        speed, memory = map(float, done.stdout.split()[-2:])
        first = first or speed
        print(
            f"{name:15s} {side}×{side} {precision:15s}  {speed:6.0f} images/s"
            f"   ratio {speed / first:.3f}   {memory:6.0f} MB"
        )


def measure(name, side, precision):
    """Train in this process, and print images/s and megabytes."""
    import keras
    import numpy as np

    from keras_fer import models
    from keras_fer import recipes

    shape = (side, side, 1)
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(precision)
    if name == "expression_cnn":
        model = models.ExpressionCNN(shape)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss)
    else:
        recipe = recipes.get(f"{name}_procedural")
        model = recipe.trainer(recipe.model.func(shape))
        model.compile("adam")
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

"""Training images/s of EMMA on each backbone, in bfloat16.

    python tests/benchmarks/emma_speed.py

Steps of SGD, the backbones taking turns; the figures are medians. At the
paper's sizes of images, and at 48×48, where the experiments here are.
"""

import time

import keras
import numpy as np

from keras_fer import losses
from keras_fer import models
from keras_fer import recipes

BATCH, ROUNDS = 32, 5

BACKBONES = {
    "ResNet18, 48×48×1": (models.ResNet18, (48, 48, 1)),
    "DDAMFN, 48×48×1": (models.DDAMFN, (48, 48, 1)),
    "DAN, 48×48×1": (models.DAN, (48, 48, 1)),
    "DDAMFN, 112×112×3": (models.DDAMFN, (112, 112, 3)),
    "DAN, 224×224×3": (models.DAN, (224, 224, 3)),
}


def main():
    """Print images/s and the ratio to the first."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    networks = {
        name: models.EMMA(make(shape, heads=("embedding",)))
        for name, (make, shape) in BACKBONES.items()
    }
    for name in ("resnet50", "efficientnet_b2"):
        recipe = recipes.get(f"emma_raf_db_{name}")
        networks[f"{name}, 224×224×3"] = recipe.model()
    keras.config.set_dtype_policy("float32")
    draws = np.random.default_rng(0)
    labels = np.arange(BATCH) % 6
    images = {}
    seconds = {name: [] for name in networks}
    for round_number in range(ROUNDS + 1):
        for name, network in networks.items():
            if not round_number:  # compiles and warms up
                shape = (BATCH, *network.input_shape[1:])
                images[name] = draws.uniform(0, 255, shape).astype("float32")
                network.compile(
                    keras.optimizers.SGD(1e-3, momentum=0.9, clipnorm=1.0),
                    losses.ConstrainedAngleLoss(),
                )
            began = time.perf_counter()
            network.train_on_batch(images[name], labels)
            if round_number:
                seconds[name].append(time.perf_counter() - began)
    speed = {name: BATCH / np.median(s) for name, s in seconds.items()}
    first = next(iter(speed.values()))
    for name, value in speed.items():
        print(f"{name:27s} {value:6.1f} images/s   ratio {value / first:.3f}")


if __name__ == "__main__":
    main()

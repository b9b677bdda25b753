"""Training images/s of `ZeroBiasCNN` against stock Keras layers, in one run.

    python tests/benchmarks/training_speed.py

Both networks have the same shapes; the stock one has the same normalization
written with stock layers. Rounds alternate and the fastest of each network
counts, as in `timeit`: slower rounds measure what else the machine does (on a
shared one rounds of one network fall to 60 % at random). The third network
computes in bfloat16.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from keras_fer import models

BATCHES, BATCH_SIZE, ROUNDS = 4, 64, 15


def stock(shape=(48, 48, 1), num_classes=7):
    """The network from layers that Keras has."""
    layers = keras.layers
    images = keras.Input(shape)
    x = layers.Rescaling(2 / 255)(images)

    def box_mean(x):
        return layers.AveragePooling2D(5, 1)(layers.ZeroPadding2D(2)(x))

    x = layers.Subtract()([x, box_mean(x)])
    for index, filters in enumerate((64, 128, 256)):
        x = layers.Conv2D(
            filters, 5, padding="same", use_bias=False, activation="relu"
        )(x)
        x = layers.MaxPooling2D(2 if index < 2 else 6)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    x = layers.Dense(300, activation="relu")(x)
    return keras.Model(images, layers.Dense(num_classes)(x))


def main():
    """Print images/s and the ratio to the stock network."""
    draws = np.random.default_rng(0)
    size = BATCHES * BATCH_SIZE
    images = draws.uniform(0, 255, (size, 48, 48, 1)).astype("float32")
    labels = draws.integers(0, 7, size)
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    data = data.batch(BATCH_SIZE).cache().prefetch(2)
    networks = {
        "stock layers": stock(),
        "ZeroBiasCNN": models.ZeroBiasCNN((48, 48, 1), 7, divide_std=False),
    }
    keras.config.set_dtype_policy("mixed_bfloat16")
    networks["ZeroBiasCNN, mixed_bfloat16"] = models.ZeroBiasCNN(
        (48, 48, 1), 7, divide_std=False
    )
    keras.config.set_dtype_policy("float32")
    counts = [network.count_params() for network in networks.values()]
    if len(set(counts)) > 1:
        raise SystemExit(f"the networks differ: {counts} parameters")
    seconds = {name: [] for name in networks}
    for round_number in range(ROUNDS + 1):
        for name, network in networks.items():
            if not round_number:  # compiles and warms up
                network.compile(
                    keras.optimizers.SGD(0.01, momentum=0.9),
                    keras.losses.SparseCategoricalCrossentropy(
                        from_logits=True
                    ),
                )
            began = time.perf_counter()
            network.fit(data, shuffle=False, verbose=0)
            if round_number:
                seconds[name].append(time.perf_counter() - began)
    speed = {name: size / min(s) for name, s in seconds.items()}
    for name, value in speed.items():
        ratio = value / speed["stock layers"]
        print(f"{name:27s} {value:6.1f} images/s   ratio {ratio:.3f}")


if __name__ == "__main__":
    main()

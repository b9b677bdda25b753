"""Train a small recipe on one device and on two, halves of the processor."""

import dataclasses
import functools
import sys
from pathlib import Path

import tensorflow as tf
from killed_run import RECIPE

from keras_fer.recipes import run

# Dropout draws apart on each device, everything else is the same.
PLAIN = dataclasses.replace(
    RECIPE,
    model=functools.partial(RECIPE.model, dropout_rate=0),
    precision="float32",
    epochs=2,
)

if __name__ == "__main__":
    data_dir, folder = sys.argv[1:]
    (cpu,) = tf.config.list_physical_devices("CPU")
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)
    for devices in (1, 2, 4):
        run.train(
            PLAIN,
            Path(folder) / str(devices),
            data_dir=data_dir,
            devices=devices,
            verbose=0,
        )

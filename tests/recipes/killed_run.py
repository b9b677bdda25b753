"""Train a small recipe; on request the process is killed at some place."""

import functools
import os
import signal
import sys

import keras
import tensorflow as tf

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import fer2013
from keras_fer.recipes import Recipe
from keras_fer.recipes import run

RECIPE = Recipe(
    name="zero_bias_cnn_fer2013",
    paper="no figure",
    cost="seconds",
    corpus=fer2013.load_data,
    model=functools.partial(
        models.ZeroBiasCNN,
        input_shape=(48, 48, 1),
        num_classes=7,
        filters=(4, 6, 8),
        hidden_dim=12,
    ),
    augmentation=augmentation.ZeroBiasAugmentation,
    optimizer=functools.partial(
        trainers.CoupledSGD, learning_rate=0.05, coupled_weight_decay=1e-5
    ),
    callbacks=(
        functools.partial(
            keras.callbacks.ReduceLROnPlateau,
            monitor="loss",
            patience=2,
            min_delta=10.0,
        ),
    ),
    epochs=5,
    batch_size=8,
    precision="mixed_bfloat16",
)


def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_in(place):
    if place == "epoch":  # the second batch of the third epoch

        def on_train_batch_end(self, batch, logs=None):
            if self.epoch == 2 and batch == 1:
                kill()

        trainers.RunCheckpoint.on_train_batch_end = on_train_batch_end
    elif place == "checkpoint":  # while the file of the next epoch is written
        trainers.run_checkpoint.os.fsync = kill
    elif place == "evaluation":  # after the last epoch
        run.evaluation.predict_probabilities = kill


if __name__ == "__main__":
    data_dir, folder, place = sys.argv[1:]
    kill_in(place)
    # As in the process that goes on, see conftest.py.
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )
    run.train(RECIPE, folder, data_dir=data_dir, resume=True, verbose=0)

import keras
import numpy as np
import pytest

from keras_fer.trainers import RunCheckpoint
from keras_fer.trainers import StopOnRises


def epochs(values, callback):
    """Epochs until the callback ends a training with these losses."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.stop_training = False
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            return epoch + 1
    return None


def test_only_rises_in_a_row_count():
    stop = StopOnRises(rises=3)
    assert epochs([5, 1, 2, 3, 2.9, 3, 4, 4, 5, 6, 7], stop) == 11
    # A loss that never comes back to its best goes on as long as it falls.
    assert epochs([1, 3, 2, 3, 2, 3, 2, 3, 2], stop) is None
    assert epochs([1, 2, 3, 4], stop) == 4


def test_it_goes_on_after_a_resume(tmp_path):
    def train(epochs, initial, stop):
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(1, use_bias=False)]
        )
        model.compile(keras.optimizers.SGD(1.0), "mse")  # it diverges
        checkpoint = RunCheckpoint(tmp_path, [stop], None)
        history = model.fit(
            np.ones((4, 2)),
            np.ones((4, 1)),
            epochs=epochs,
            initial_epoch=initial,
            callbacks=[stop, checkpoint],
            verbose=0,
        )
        return history.epoch

    assert train(3, 0, StopOnRises("loss", 4)) == [0, 1, 2]
    stop = StopOnRises("loss", 4)
    assert train(9, 3, stop) == [3, 4]
    assert stop.risen == 4


def test_refuses():
    with pytest.raises(ValueError, match="Received: 0"):
        StopOnRises(rises=0)
    with pytest.raises(ValueError, match="val_loss. Received: monitor='loss'"):
        epochs([1], StopOnRises("loss"))

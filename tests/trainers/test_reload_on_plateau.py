import keras
import numpy as np

from keras_fer.trainers import ReloadOnPlateau
from keras_fer.trainers import RunCheckpoint


def small():
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")]
    )
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    return model


def run(values, **options):
    """Feed values of the monitored figure; each epoch moves the weights."""
    model = small()
    callback = ReloadOnPlateau("val_accuracy", mode="max", **options)
    callback.set_model(model)
    callback.on_train_begin()
    seen = []
    for epoch, value in enumerate(values):
        callback.on_epoch_begin(epoch)
        model.set_weights([w + 1 for w in model.get_weights()])
        callback.on_epoch_end(epoch, {"val_accuracy": value})
        rate = float(model.optimizer.learning_rate)
        seen.append((float(model.get_weights()[0][0, 0]), round(rate, 9)))
    return seen, callback


def test_the_rate_falls_and_the_best_weights_come_back():
    seen, _ = run([0.5, 0.7, 0.6, 0.65, 0.6, 0.8], patience=3)
    weights, rates = zip(*seen, strict=True)
    # Best at the second epoch; after three others its weights are back, and
    # the epoch in which that was found keeps its own.
    assert weights == (1, 2, 3, 4, 5, 3)
    assert rates == (1e-3, 1e-3, 1e-3, 1e-3, 2e-4, 2e-4)


def test_a_small_step_is_no_improvement():
    values = [0.5, *[0.5 + 1e-4 * n for n in range(1, 5)]]
    seen, callback = run(values, patience=4, min_delta=5e-4)
    assert seen[-1] == (5, 2e-4) and callback.best == 0.5
    assert callback.reloads


def test_the_rate_goes_no_lower_than_asked():
    seen, _ = run([0.5] + [0.1] * 12, patience=1, min_lr=1e-5)
    assert seen[-1][1] == 1e-5


def test_another_training_starts_from_nothing():
    """Even if the one before ended on a plateau."""
    _, callback = run([0.5, 0.4], patience=1)
    assert callback.reloads
    callback.on_train_begin()
    weights = [np.full((2, 1), 7.0), np.full((1,), 7.0)]
    callback.model.set_weights(weights)
    callback.on_epoch_begin(0)
    for one, other in zip(callback.model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    callback.on_epoch_end(0, {"val_accuracy": 0.1})
    np.testing.assert_array_equal(callback.best_weights[0], 7)


def test_defaults_are_those_of_the_paper():
    callback = ReloadOnPlateau()
    assert (callback.factor, callback.patience) == (0.2, 13)
    assert (callback.min_delta, callback.min_lr) == (5e-4, 1e-5)


def test_a_resumed_run_knows_the_best_weights(tmp_path):
    data = np.ones((4, 2)), np.ones((4, 1))

    def fit(epochs, folder, start=0):
        model = small()
        callback = ReloadOnPlateau("loss", patience=2, min_delta=10.0)
        checkpoint = RunCheckpoint(folder, [callback], "loss", "min")
        model.fit(
            *data,
            epochs=epochs,
            initial_epoch=checkpoint.epoch,
            callbacks=[callback, checkpoint],
            verbose=0,
        )
        return model.get_weights(), callback

    fit(2, tmp_path / "parts")
    parts, callback = fit(5, tmp_path / "parts")
    whole, expected = fit(5, tmp_path / "whole")
    for one, other in zip(parts, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(
        callback.best_weights, expected.best_weights, strict=True
    ):
        np.testing.assert_array_equal(one, other)

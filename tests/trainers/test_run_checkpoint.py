import json

import keras
import numpy as np
import pytest

from keras_fer.trainers import RunCheckpoint
from keras_fer.trainers.run_checkpoint import NAME
from keras_fer.trainers.run_checkpoint import PREVIOUS_NAME


def network():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    return model


def plateau():
    return keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.5, patience=2, min_delta=10.0
    )


def fit(folder, epochs, seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=(32, 6)), draws.normal(size=(32, 1))
    model, others = network(), [plateau()]
    checkpoint = RunCheckpoint(folder, others, "val_loss", "min")
    model.fit(
        x,
        y,
        validation_data=(x, y),
        epochs=epochs,
        initial_epoch=checkpoint.epoch,
        callbacks=[*others, checkpoint],
        shuffle=False,
        verbose=0,
        **arguments,
    )
    return model, checkpoint, others[0]


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v).tobytes() for v in variables]


def test_stopped_and_resumed_is_as_never_stopped(tmp_path):
    """Weights, moving averages, dropout seeds, Adam, plateau counters."""
    whole, unbroken, waiting = fit(tmp_path / "whole", 7)
    fit(tmp_path / "parts", 3)
    # Another seed: whatever the checkpoint did not hold would show.
    resumed, checkpoint, counters = fit(tmp_path / "parts", 7, seed=9)
    assert state(resumed) == state(whole)
    assert counters.wait == waiting.wait
    assert [row["epoch"] for row in checkpoint.history] == [*range(1, 8)]
    for one, other in zip(checkpoint.history, unbroken.history, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert checkpoint.best_epoch == unbroken.best_epoch
    rates = {row["learning_rate"] for row in checkpoint.history}
    assert len(rates) > 2  # the plateau counters did act


def test_without_its_callback_state_the_run_would_differ(tmp_path):
    fit(tmp_path, 2)
    _, checkpoint, _ = fit(tmp_path, 3)
    rates = [row["learning_rate"] for row in checkpoint.history]
    assert rates[-1] == rates[0]
    _, checkpoint, _ = fit(tmp_path, 4)
    # Two epochs of patience, counted across a stop.
    assert checkpoint.history[-1]["learning_rate"] < rates[0]


def test_best_weights_are_those_of_the_best_epoch(tmp_path):
    model, checkpoint, _ = fit(tmp_path, 6)
    best = min(checkpoint.history, key=lambda row: row["val_loss"])
    assert checkpoint.best_epoch == best["epoch"]
    assert checkpoint.best_value == best["val_loss"]
    model.set_weights(checkpoint.best_weights)
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=(32, 6)), draws.normal(size=(32, 1))
    assert model.evaluate(x, y, verbose=0) == pytest.approx(best["val_loss"])


def test_lists_of_arrays_of_callbacks_are_kept(tmp_path):
    class Averages(keras.callbacks.Callback):
        sums = None

        def on_epoch_end(self, epoch, logs=None):
            weights = self.model.get_weights()
            before = self.sums or [0 * w for w in weights]
            pairs = zip(before, weights, strict=True)
            self.sums = [one + other for one, other in pairs]

    def run(folder, epochs):
        keras.utils.set_random_seed(0)
        model, averages = network(), Averages()
        checkpoint = RunCheckpoint(folder, [averages], "loss", "min")
        model.fit(
            np.ones((4, 6)),
            np.ones((4, 1)),
            epochs=epochs,
            initial_epoch=checkpoint.epoch,
            callbacks=[averages, checkpoint],
            verbose=0,
        )
        return averages.sums

    expected = run(tmp_path / "whole", 4)
    run(tmp_path / "parts", 2)
    for one, other in zip(run(tmp_path / "parts", 4), expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("left", [0, 100, -200])
def test_a_checkpoint_cut_short_falls_back_and_says_so(tmp_path, caplog, left):
    fit(tmp_path, 3)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:left])
    checkpoint = RunCheckpoint(tmp_path, [], "loss", "min")
    assert checkpoint.epoch == 2
    assert f"going on from {PREVIOUS_NAME}, epoch 2" in caplog.text


def test_a_broken_checkpoint_does_not_become_the_spare(tmp_path):
    fit(tmp_path, 3)
    (tmp_path / NAME).write_bytes(b"cut")
    fit(tmp_path, 4)
    for name, epoch in ((NAME, 4), (PREVIOUS_NAME, 2)):
        with np.load(tmp_path / name) as arrays:
            assert json.loads(arrays["state"].tobytes())["epoch"] >= epoch


def test_refuses_a_loss_that_is_not_a_number(tmp_path):
    model = network()
    checkpoint = RunCheckpoint(tmp_path, [], "loss", "min")
    with pytest.raises(ValueError, match="epoch 1: loss nan.*diverged"):
        model.fit(
            np.ones((4, 6)),
            np.full((4, 1), np.nan),
            callbacks=[checkpoint],
            verbose=0,
        )
    assert not list(tmp_path.iterdir())


def test_refuses_another_number_of_callbacks(tmp_path):
    fit(tmp_path, 1)
    model = network()
    checkpoint = RunCheckpoint(tmp_path, [], "loss", "min")
    with pytest.raises(ValueError, match="holds 1 callbacks. Received: 0"):
        model.fit(
            np.ones((4, 6)),
            np.ones((4, 1)),
            callbacks=[checkpoint],
            verbose=0,
        )


def test_killed_between_the_two_renames(tmp_path):
    fit(tmp_path, 3)
    (tmp_path / NAME).unlink()
    assert RunCheckpoint(tmp_path, [], "loss", "min").epoch == 2


def test_refuses_when_nothing_can_be_read(tmp_path):
    fit(tmp_path, 2)
    for name in (NAME, PREVIOUS_NAME):
        (tmp_path / name).write_bytes(b"no checkpoint")
    with pytest.raises(
        ValueError, match=f"{NAME} cannot be read.*{PREVIOUS_NAME}"
    ):
        RunCheckpoint(tmp_path, [], "loss", "min")


def test_refuses_another_network(tmp_path):
    fit(tmp_path, 1)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    checkpoint = RunCheckpoint(tmp_path, [plateau()], "loss", "min")
    with pytest.raises(ValueError, match="does not fit the model"):
        model.fit(
            np.ones((4, 6)),
            np.ones((4, 1)),
            callbacks=[checkpoint],
            verbose=0,
        )


def test_refuses_an_unknown_monitor_and_mode(tmp_path):
    model = network()
    checkpoint = RunCheckpoint(tmp_path, [], "val_uar", "max")
    with pytest.raises(ValueError, match="loss.*monitor='val_uar'"):
        model.fit(
            np.ones((4, 6)),
            np.ones((4, 1)),
            callbacks=[checkpoint],
            verbose=0,
        )
    with pytest.raises(ValueError, match="mode='auto'"):
        RunCheckpoint(tmp_path, [], "loss", "auto")


def test_ends_when_a_callback_ends_the_training(tmp_path):
    model = network()
    stop = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=100.0)
    checkpoint = RunCheckpoint(tmp_path, [stop], "loss", "min")
    model.fit(
        np.ones((4, 6)),
        np.ones((4, 1)),
        epochs=9,
        callbacks=[stop, checkpoint],
        verbose=0,
    )
    assert RunCheckpoint(tmp_path, [stop], "loss", "min").finished

"""A checkpoint from which a run goes on as if it had never stopped."""

import contextlib
import inspect
import json
import logging
import os
import time
import zipfile
from pathlib import Path

import keras
import numpy as np

NAME = "checkpoint.npz"
PREVIOUS_NAME = "checkpoint-previous.npz"

_logger = logging.getLogger(__name__)


class RunCheckpoint(keras.callbacks.Callback):
    """Save the whole state of a run after each epoch, and restore it.

    The state is every variable of the model (weights, moving averages, seeds
    of dropout layers), every variable of the optimizer, the counters of the
    other callbacks, the best weights so far, the history and the epoch. It is
    one file, written beside and renamed; the one before is kept. Where the
    newest is cut short, the one before serves, and a warning says so.

    Put it last in the list of callbacks, so that it saves what the others did
    in the epoch and restores after they have begun.

    Args:
        folder: where the checkpoints lie.
        callbacks: the other callbacks of the run. Of their attributes those
            that fit into JSON and lists of arrays are saved, constructor
            arguments excepted.
        monitor: entry of the epoch's logs by which the best weights are
            chosen, e.g. `"val_accuracy"`; with `None` the last are.
        mode: `"max"` or `"min"`: which values of `monitor` are better.

    Attributes:
        epoch: number of epochs that are done; pass it to `fit` as
            `initial_epoch`.
        history: one dict an epoch.
        best_epoch, best_value, best_weights: of the best epoch so far.
        finished: a callback has ended the training.

    Raises:
        ValueError: `mode` is unknown, no checkpoint in the folder can be read,
            it does not fit the model, or the loss is not a number.

    Example:

    >>> import tempfile, keras, numpy as np
    >>> from keras_fer import trainers
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> folder = tempfile.mkdtemp()
    >>> data = np.ones((4, 2)), np.ones((4, 1))
    >>> checkpoint = trainers.RunCheckpoint(folder, [], "loss", "min")
    >>> _ = model.fit(*data, epochs=2, callbacks=[checkpoint], verbose=0)
    >>> trainers.RunCheckpoint(folder, [], "loss", "min").epoch
    2
    """

    def __init__(
        self,
        folder: str | Path,
        callbacks: list,
        monitor: str | None = "val_accuracy",
        mode: str = "max",
    ):
        super().__init__()
        if mode not in ("max", "min"):
            raise ValueError(
                f"`mode` must be 'max' or 'min'. Received: mode={mode!r}"
            )
        self.folder = Path(folder)
        self.callbacks = callbacks
        self.monitor = monitor
        self.mode = mode
        self.epoch = 0
        self.history = []
        self.best_epoch = None
        self.best_value = None
        self.best_weights = None
        self.finished = False
        self._arrays = _read_newest(self.folder)
        if self._arrays is not None:
            state = json.loads(self._arrays["state"].tobytes())
            self._callback_states = state.pop("callbacks")
            vars(self).update(state)
            self.best_weights = _numbered(self._arrays, "best")

    def on_train_begin(self, logs=None):
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        if self._arrays is None:
            return
        for prefix, variables in self._variables().items():
            _assign(variables, _numbered(self._arrays, prefix), prefix)
        if len(self.callbacks) != len(self._callback_states):
            raise ValueError(
                f"the checkpoint holds {len(self._callback_states)} callbacks."
                f" Received: {len(self.callbacks)}"
            )
        for index, callback in enumerate(self.callbacks):
            vars(callback).update(self._callback_states[index])
            for name in _array_lists(self._arrays, index):
                arrays = _numbered(self._arrays, f"callback{index}.{name}")
                setattr(callback, name, arrays)
        self._arrays = None

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in (None, *logs):
            raise ValueError(
                f"`monitor` must be one of {', '.join(logs)}. Received: "
                f"monitor={self.monitor!r}"
            )
        row = {name: float(value) for name, value in logs.items()}
        seconds = round(time.monotonic() - self._began, 2)
        self.epoch = epoch + 1
        self.history.append({"epoch": self.epoch, **row, "seconds": seconds})
        value = row[self.monitor] if self.monitor else float(self.epoch)
        if np.isnan(row["loss"]) or np.isnan(value):
            raise ValueError(
                f"epoch {epoch + 1}: loss {row['loss']}, {self.monitor} "
                f"{value}: the training has diverged. Try a lower rate"
            )
        sign = -1 if self.monitor and self.mode == "min" else 1
        if self.best_value is None or sign * value > sign * self.best_value:
            self.best_value = value
            self.best_epoch = self.epoch
            self.best_weights = self.model.get_weights()
        self.finished = bool(self.model.stop_training)
        self._write()

    def _variables(self):
        # A model that is trained by several optimizers holds the others.
        others = {
            name: value.variables
            for name, value in vars(self.model).items()
            if isinstance(value, keras.optimizers.Optimizer)
        }
        return {
            "model": self.model.variables,
            **others,
            "optimizer": self.model.optimizer.variables,
        }

    def _write(self):
        arrays = {}
        for prefix, variables in self._variables().items():
            values = [keras.ops.convert_to_numpy(v) for v in variables]
            arrays |= _number(prefix, values)
        arrays |= _number("best", self.best_weights)
        states = []
        for index, callback in enumerate(self.callbacks):
            plain, lists = _callback_state(callback)
            states.append(plain)
            for name, values in lists.items():
                arrays |= _number(f"callback{index}.{name}", values)
        names = "epoch", "history", "best_epoch", "best_value", "finished"
        state = {name: getattr(self, name) for name in names}
        state["callbacks"] = states
        text = json.dumps(state).encode()
        arrays["state"] = np.frombuffer(text, np.uint8)
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{NAME}.part"
        with open(part, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        if (self.folder / NAME).exists():
            os.replace(self.folder / NAME, self.folder / PREVIOUS_NAME)
        os.replace(part, self.folder / NAME)


def _read_newest(folder):
    broken = []
    for name in (NAME, PREVIOUS_NAME):
        path = folder / name
        if not path.exists():
            continue
        try:
            with open(path, "rb") as raw, np.load(raw) as file:
                arrays = {key: file[key] for key in file.files}
            epoch = json.loads(arrays["state"].tobytes())["epoch"]
        # What NumPy and zipfile raise on files that are cut short or changed.
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            zipfile.BadZipFile,
        ) as e:
            broken.append(f"{path} cannot be read ({e})")
            continue
        if broken:
            _logger.warning(
                "%s: going on from %s, epoch %d", broken[0], name, epoch
            )
            # Otherwise it would become the spare of the next checkpoint.
            (folder / NAME).unlink()
        return arrays
    if broken:
        raise ValueError("; ".join(broken))
    return None


def _number(prefix, values):
    return {f"{prefix}/{i:05d}": value for i, value in enumerate(values)}


def _numbered(arrays, prefix):
    keys = sorted(key for key in arrays if key.startswith(f"{prefix}/"))
    return [arrays[key] for key in keys]


def _array_lists(arrays, index):
    prefix = f"callback{index}."
    names = {key.split("/")[0] for key in arrays if key.startswith(prefix)}
    return sorted(name.removeprefix(prefix) for name in names)


def _callback_state(callback):
    """Attributes that are not configuration, i.e. no constructor arguments.

    Keras' plateau callbacks change their own `min_delta` when they first act,
    so an argument put back would be changed twice.
    """
    plain, lists = {}, {}
    arguments = inspect.signature(type(callback).__init__).parameters
    for name, value in vars(callback).items():
        if name in arguments or name == "params":  # `params` comes from `fit`
            continue
        if isinstance(value, np.generic):
            value = value.item()
        if (
            isinstance(value, list)
            and value
            and all(isinstance(item, np.ndarray) for item in value)
        ):
            lists[name] = value
            continue
        with contextlib.suppress(TypeError, ValueError):
            json.dumps(value)
            plain[name] = value
    return plain, lists


def _assign(variables, values, what):
    shapes = [tuple(variable.shape) for variable in variables]
    received = [value.shape for value in values]
    if shapes != received:
        raise ValueError(
            f"the checkpoint does not fit the {what}: expected {len(shapes)} "
            f"variables of shapes {shapes}. Received: {received}"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

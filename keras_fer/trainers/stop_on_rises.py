"""End a training whose loss rises and rises."""

import keras


class StopOnRises(keras.callbacks.Callback):
    """Stop when a value has risen several epochs in a row.

    Unlike `keras.callbacks.EarlyStopping`, which counts epochs since the best
    one, a single fall starts the count anew, even if far above the best.

    Args:
        monitor: entry of the epoch's logs.
        rises: number of rises in a row, each against the epoch before.

    Attributes:
        last: the value of the last epoch.
        risen: rises in a row so far.

    Raises:
        ValueError: `rises` is below 1, or there is no such entry.

    Example:

    >>> import keras, numpy as np
    >>> from keras_fer import trainers
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(1.0), "mse")  # it diverges
    >>> stop = trainers.StopOnRises("loss", rises=2)
    >>> data = np.ones((4, 2)), np.ones((4, 1))
    >>> history = model.fit(*data, epochs=9, callbacks=[stop], verbose=0)
    >>> len(history.epoch)
    3

    Reference:
        - EMMA, section 4.1: learning ends "when the value of the loss function
          at the time of validation rises five times in a row".
    """

    def __init__(self, monitor: str = "val_loss", rises: int = 5):
        super().__init__()
        if rises < 1:
            raise ValueError(f"`rises` must be at least 1. Received: {rises}")
        self.monitor, self.rises = monitor, rises
        self.last, self.risen = None, 0

    def on_train_begin(self, logs=None):
        self.last, self.risen = None, 0

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in logs:
            raise ValueError(
                f"`monitor` must be one of {', '.join(logs)}. Received: "
                f"monitor={self.monitor!r}"
            )
        value = float(logs[self.monitor])
        rose = self.last is not None and value > self.last
        self.risen = self.risen + 1 if rose else 0
        self.last = value
        if self.risen >= self.rises:
            self.model.stop_training = True

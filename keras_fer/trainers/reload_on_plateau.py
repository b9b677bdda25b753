"""Lower the rate where nothing gets better, from the best weights so far."""

import keras


class ReloadOnPlateau(keras.callbacks.ReduceLROnPlateau):
    """Lower the learning rate on a plateau, and go back to the best weights.

    As `keras.callbacks.ReduceLROnPlateau`, whose arguments it takes; where the
    rate was lowered, the next epoch starts from the weights of the last epoch
    that counted as better, as the paper has it ("reload the best weights"). The
    optimizer's averages stay as they are.

    Args:
        monitor: entry of the epoch's logs.
        factor: what the rate is multiplied by.
        patience: epochs without improvement before that.
        min_delta: what counts as an improvement.
        min_lr: the rate goes no lower.
        kwargs: `mode`, `cooldown` and `verbose`, as there.

    Attributes:
        best_weights: of the model, in the order of `get_weights`.
        reloads: whether the next epoch starts from them.

    Example:

    >>> import keras, numpy as np
    >>> from keras_fer import trainers
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> callback = trainers.ReloadOnPlateau("loss", patience=1)
    >>> data = np.ones((4, 2)), np.ones((4, 1))
    >>> _ = model.fit(*data, epochs=2, callbacks=[callback], verbose=0)
    >>> len(callback.best_weights)
    2

    Reference:
        - DAF-CNN, section 4.2, whose values are the defaults.
    """

    def __init__(
        self,
        monitor: str = "val_accuracy",
        factor: float = 0.2,
        patience: int = 13,
        min_delta: float = 5e-4,
        min_lr: float = 1e-5,
        **kwargs,
    ):
        super().__init__(
            monitor=monitor,
            factor=factor,
            patience=patience,
            min_delta=min_delta,
            min_lr=min_lr,
            **kwargs,
        )
        self.best_weights = None
        self.reloads = False

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.best_weights = None
        self.reloads = False

    def on_epoch_begin(self, epoch, logs=None):
        # Not at the end of the last: a checkpoint keeps what was measured.
        if self.reloads:
            self.model.set_weights(self.best_weights)
            self.reloads = False

    def on_epoch_end(self, epoch, logs=None):
        best = self.best
        rate = float(self.model.optimizer.learning_rate)
        super().on_epoch_end(epoch, logs)
        if self.best != best or self.best_weights is None:
            self.best_weights = self.model.get_weights()
        elif float(self.model.optimizer.learning_rate) < rate:
            self.reloads = True

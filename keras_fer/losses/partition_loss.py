"""Heads that attend to the same are told apart."""

import keras
from keras import ops

_EPSILON = 2.2e-16  # of the published code


@keras.saving.register_keras_serializable(package="keras_fer")
class PartitionLoss(keras.losses.Loss):
    """The less the heads of DAN differ, the larger.

    log(1 + heads / variance); the variance of a sample over the heads, its
    mean over the features of all faces of the batch, on each device its own,
    whatever their weights: these scale the loss as a whole. With one head it
    is 0.

    Args:
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: not used.
        y_pred: `(batch, heads, ...)`, as the head `"attention"` of
            `models.DAN` gives them.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> heads = np.array([[[0.0], [2.0]]])  # variance 2 over two heads
    >>> round(float(losses.PartitionLoss()(np.zeros(1), heads)), 4)
    0.6931

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270) (DAN), equation
          6. As in the published code: the logarithm of the mean, where the
          paper has the mean of the logarithm.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "partition_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        heads = y_pred.shape[1]
        y_pred = ops.cast(y_pred, "float32")
        each = ops.ones((ops.shape(y_pred)[0],))
        if heads == 1:
            return 0 * each
        variance = ops.mean(ops.var(y_pred, axis=1)) * heads / (heads - 1)
        loss = ops.log(1 + heads / (variance + _EPSILON))
        return loss * each

"""Heads of attention that weigh a map alike are told apart."""

import keras
from keras import ops

_EPSILON = 2.2e-16  # of the published code


@keras.saving.register_keras_serializable(package="keras_fer")
class AttentionLoss(keras.losses.Loss):
    """The less the heads of DDAMFN differ, the larger.

    The inverse of the mean squared difference between two heads, over all
    pairs of heads and all faces of the batch, on each device its own, whatever
    their weights: these scale the loss as a whole. With one head it is 0.

    Args:
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: not used.
        y_pred: `(batch, heads, ...)`, as the head `"attention"` of
            `models.DDAMFN` gives them.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> heads = np.zeros((1, 2, 1, 1, 1))
    >>> heads[0, 1] = 0.5
    >>> round(float(losses.AttentionLoss()(np.zeros(1), heads)), 4)
    4.0

    Reference:
        - [Zhang et al., 2023](https://doi.org/10.3390/electronics12173595)
          (DDAMFN); in the total loss it has the weight 0.1.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "attention_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        heads = y_pred.shape[1]
        y_pred = ops.cast(y_pred, "float32")
        each = ops.ones((ops.shape(y_pred)[0],))
        if heads == 1:
            return 0 * each
        # The mean over pairs is twice the variance over the heads, times the
        # share of pairs that are not a head with itself.
        difference = 2 * ops.mean(ops.var(y_pred, axis=1)) * heads
        difference = difference / (heads - 1)
        return each / (difference + _EPSILON)

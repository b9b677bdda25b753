"""One minus the concordance correlation of a batch."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ConcordanceLoss(keras.losses.Loss):
    """One minus the concordance correlation, mean over the columns.

    For valence and arousal: unlike squared errors it is not content with small
    answers near the mean. It is computed over the batch, so batches should be
    of dozens. Of each sample it is the squared error over `variance of targets
    + variance of answers + squared difference of means` of the batch, whose
    mean is one minus the correlation; sample weights weight these.

    Args:
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch, columns)`, such as valence and arousal.
        y_pred: `(batch, columns)`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> true = np.array([[-1.0], [0.0], [1.0]])
    >>> round(float(losses.ConcordanceLoss()(true, true / 2)), 4)
    0.2

    Reference:
        - Lin, A concordance correlation coefficient to evaluate
          reproducibility, 1989.
        - CAKE does not say by which loss valence and arousal are learned.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "concordance_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        # Variances of halves lose their digits.
        y_true, y_pred = (ops.cast(y, "float32") for y in (y_true, y_pred))
        spread = ops.var(y_true, axis=0) + ops.var(y_pred, axis=0)
        apart = ops.mean(y_true, axis=0) - ops.mean(y_pred, axis=0)
        scale = spread + ops.square(apart) + keras.config.epsilon()
        return ops.mean(ops.square(y_true - y_pred) / scale, axis=1)

"""Softmax over angles, in which opposite directions count less."""

import keras
from keras import ops

from keras_fer.layers.constrained_angles import check_slope


@keras.saving.register_keras_serializable(package="keras_fer")
class ConstrainedAngleLoss(keras.losses.Loss):
    """Softmax cross entropy of leaky-rectified similarities.

    The similarity is a feature's length times the (normalized) cosine to each
    emotion vector. Where it is negative it is multiplied by a slope, so that
    features need not point away from other expressions. The length is
    positive, so it does not matter whether it is multiplied before or after:
    `models.EMMA` has the slope inside, so that what is exported is what was
    trained, and leaves nothing to this loss but the softmax.

    Args:
        negative_slope: of negative similarities, for networks that have none
            inside, such as an `EMMA` with slope 1; 0 is ReLU, 1 leaves them.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, num_classes)`, lengths times similarities, such as the
            logits of `models.EMMA`.

    Raises:
        ValueError: the slope is outside 0 to 1.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> similarity = np.array([[2.0, -10.0]])
    >>> loss = losses.ConstrainedAngleLoss(negative_slope=0.1)
    >>> round(float(loss(np.array([0]), similarity)), 4)  # log(1 + e^-3)
    0.0486

    Reference:
        - EMMA, equation 2. It lacks the logarithm and the sum over the samples,
          which are meant.
    """

    def __init__(
        self,
        negative_slope: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str = "constrained_angle_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        check_slope(negative_slope)
        self.negative_slope = negative_slope

    def call(self, y_true, y_pred):
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        logits = ops.cast(y_pred, "float32")
        logits = ops.leaky_relu(logits, self.negative_slope)
        return ops.sparse_categorical_crossentropy(
            labels, logits, from_logits=True
        )

    def get_config(self):
        return {**super().get_config(), "negative_slope": self.negative_slope}

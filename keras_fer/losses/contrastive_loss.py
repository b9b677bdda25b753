"""Pull faces of one expression together, push others apart by a margin."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ContrastiveLoss(keras.losses.Loss):
    """Contrastive loss of distances between pairs.

    d² where both show the same expression, max(0, margin - d)² where they do
    not.

    Args:
        margin: distance from which other expressions are far enough.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, 1 for the same expression, else 0.
        y_pred: `(batch,)` or `(batch, 1)`, distances of at least 0.

    Raises:
        ValueError: the margin is not above 0.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.ContrastiveLoss(margin=1.0)
    >>> float(loss(np.array([1, 0]), np.array([0.5, 0.5])))
    0.25

    Reference:
        - Hadsell, Chopra and LeCun, Dimensionality reduction by learning an
          invariant mapping, 2006, equation 4, without its halves.
    """

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str = "contrastive_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if margin <= 0:
            raise ValueError(f"`margin` must be above 0. Received: {margin}")
        self.margin = margin

    def call(self, y_true, y_pred):
        same = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        distance = ops.reshape(ops.cast(y_pred, "float32"), (-1,))
        short = ops.maximum(self.margin - distance, 0.0)
        return same * ops.square(distance) + (1 - same) * ops.square(short)

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}

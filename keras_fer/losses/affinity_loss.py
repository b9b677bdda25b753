"""Near to the own center, as DAN measures it."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class AffinityLoss(keras.losses.Loss):
    """Squared distance to the own center over the spread of the centers.

    Args:
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, num_classes)`, as `layers.AffinityCenters` gives them.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.AffinityLoss()
    >>> float(loss(np.array([0, 1]), np.array([[1.0, 2.5], [5.0, 2.0]])))
    1.5

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270) (DAN), equation
          2. Departure: the published code keeps each distance between 1e-12
          and 1e12, which adds (num_classes - 1) · 1e-12.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "affinity_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1, 1))
        of_class = ops.arange(y_pred.shape[-1])[None] == labels
        return ops.sum(ops.where(of_class, y_pred, 0), axis=1)

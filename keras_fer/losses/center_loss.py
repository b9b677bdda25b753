"""Near to the own center."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class CenterLoss(keras.losses.Loss):
    """Half the squared distance to the center of the own class.

    It pulls a class together and does not push classes apart, so it needs a
    softmax loss beside it.

    Args:
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, num_classes)`, distances to the centers of all
            classes, as `layers.ClassCenters` gives them.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.CenterLoss()
    >>> float(loss(np.array([0, 1]), np.array([[1.0, 2.5], [5.0, 2.0]])))
    1.5

    Reference:
        - [Wen et al., 2016](https://doi.org/10.1007/978-3-319-46478-7_31)
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "center_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1, 1))
        of_class = ops.arange(y_pred.shape[-1])[None] == labels
        return ops.sum(ops.where(of_class, y_pred, 0), axis=1)

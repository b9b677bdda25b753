"""Nearer to the own center than to any other, by a margin."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class TripletCenterLoss(keras.losses.Loss):
    """Ask that the own center is nearer than the nearest other, by a margin.

    For distances d of a face of class y: max(d[y] + margin - min of the other
    d, 0). The paper sums over the batch (equation 9), without saying whether
    the softmax loss beside it is summed too; here both are means by default,
    so that their ratio does not depend on the size of the batch.

    Args:
        margin: in units of the distances; the paper has 11 for FER2013 and 13
            for SFEW, of half squared distances.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, num_classes)`, distances to the centers of all
            classes, as `layers.ClassCenters` gives them.

    Raises:
        ValueError: the margin is not positive, or there is a single class.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.TripletCenterLoss(margin=2.0)
    >>> float(loss(np.array([0, 1]), np.array([[1.0, 2.5], [5.0, 1.0]])))
    0.25

    Reference:
        - DAF-CNN, equations 6 to 9 (before equation 8 the text has the
          relation reversed; the equation is right).
        - [He et al., 2018](https://arxiv.org/abs/1803.06189)
    """

    def __init__(
        self,
        margin: float = 11.0,
        reduction: str = "sum_over_batch_size",
        name: str = "triplet_center_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if not margin > 0:
            raise ValueError(f"`margin` must be positive. Received: {margin}")
        self.margin = margin

    def call(self, y_true, y_pred):
        own, nearest = own_and_nearest(y_true, y_pred)
        return ops.relu(own + self.margin - nearest)

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}


def own_and_nearest(y_true, distances):
    """Distance to the center of the class, and to the nearest other."""
    classes = distances.shape[-1]
    if classes < 2:
        raise ValueError(
            f"there must be at least two classes. Received: {classes}"
        )
    labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
    of_class = ops.arange(classes)[None] == labels[:, None]
    own = ops.sum(ops.where(of_class, distances, 0), axis=1)
    others = ops.where(of_class, float("inf"), distances)
    return own, ops.min(others, axis=1)

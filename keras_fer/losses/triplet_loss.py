"""Nearer to the own class than to any other, by a margin, in the batch."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class TripletLoss(keras.losses.Loss):
    """Compare the farthest face of the own class with the nearest other one.

    For each face of the batch: max(farthest own + margin - nearest other, 0),
    in Euclidean distances. A face whose class is alone in the batch, or alone
    of its class, costs nothing.

    Args:
        margin: in units of the distance.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, embedding_dim)`, embeddings.

    Raises:
        ValueError: the margin is not positive.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.TripletLoss(margin=1.0)
    >>> embeddings = np.array([[0.0], [1.0], [1.5]])
    >>> float(loss(np.array([0, 0, 1]), embeddings))  # (0.5 + 1.5 + 0) / 3
    0.6666666865348816

    Reference:
        - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832)
        - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737) (the hardest
          of a batch)
    """

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str = "triplet_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if not margin > 0:
            raise ValueError(f"`margin` must be positive. Received: {margin}")
        self.margin = margin

    def call(self, y_true, y_pred):
        # Squares of differences overflow in float16.
        embeddings = ops.cast(y_pred, "float32")
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        differences = embeddings[:, None] - embeddings[None]
        squares = ops.sum(ops.square(differences), axis=2)
        # The root has no gradient at 0.
        distances = ops.sqrt(ops.maximum(squares, 1e-12))
        same = labels[:, None] == labels[None]
        itself = ops.eye(ops.shape(labels)[0], dtype="bool")
        farthest = ops.max(
            ops.where(same & ~itself, distances, -float("inf")), axis=1
        )
        nearest = ops.min(ops.where(same, float("inf"), distances), axis=1)
        compared = ops.isfinite(farthest) & ops.isfinite(nearest)
        # What is not compared must not reach the gradient as inf - inf.
        farthest = ops.where(compared, farthest, 0.0)
        nearest = ops.where(compared, nearest, 0.0)
        losses = ops.relu(farthest + self.margin - nearest)
        return ops.where(compared, losses, 0.0)

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}

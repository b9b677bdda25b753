"""Contrast each face of a batch with all others, by their expressions."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class SupervisedContrastiveLoss(keras.losses.Loss):
    """Supervised contrastive loss over the faces of a batch.

    For each face the mean, over the others of its expression, of the negative
    log softmax of similarities over all others. Similarities are cosines over
    a temperature. A face whose expression no other of the batch shows counts 0.

    Args:
        temperature: what cosines are divided by.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, features)`, embeddings of any length.

    Raises:
        ValueError: the temperature is not above 0.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> embeddings = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    >>> loss = losses.SupervisedContrastiveLoss(temperature=1.0)
    >>> round(float(loss(np.array([0, 0, 1, 1]), embeddings)), 4)  # log(1+2/e)
    0.5514

    Reference:
        - [Khosla et al., 2020](https://arxiv.org/abs/2004.11362), equation 2.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        reduction: str = "sum_over_batch_size",
        name: str = "supervised_contrastive_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if temperature <= 0:
            raise ValueError(
                f"`temperature` must be above 0. Received: {temperature}"
            )
        self.temperature = temperature

    def call(self, y_true, y_pred):
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        embeddings = ops.cast(y_pred, "float32")
        square = ops.sum(ops.square(embeddings), axis=1, keepdims=True)
        unit = embeddings * ops.rsqrt(ops.maximum(square, 1e-6))
        similarity = ops.matmul(unit, ops.transpose(unit)) / self.temperature
        itself = ops.eye(ops.shape(labels)[0])
        # A face is not compared with itself.
        logits = similarity - 1e9 * itself
        logs = logits - ops.logsumexp(logits, axis=1, keepdims=True)
        same = ops.cast(labels[:, None] == labels[None], "float32") - itself
        count = ops.sum(same, axis=1)
        return -ops.sum(same * logs, axis=1) / ops.maximum(count, 1.0)

    def get_config(self):
        return {**super().get_config(), "temperature": self.temperature}

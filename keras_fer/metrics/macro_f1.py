"""Mean F1 score of the classes, from integer labels."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class MacroF1(keras.metrics.F1Score):
    """Average the F1 score of each class, from integer labels.

    `keras.metrics.F1Score(average="macro")` wants one-hot labels; this one
    goes with sparse crossentropy. A class that neither occurs nor is predicted
    counts as 0.

    Args:
        num_classes: number of expressions.
        name: name of the metric.
        dtype: dtype of the counts.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, integer labels.
        y_pred: `(batch, num_classes)`, logits or probabilities.
        sample_weight: `(batch,)`, optional.

    Example:

    >>> import numpy as np
    >>> from keras_fer import metrics
    >>> f1 = metrics.MacroF1(num_classes=2)
    >>> f1.update_state([0, 0, 0, 1], np.eye(2)[[0, 0, 1, 1]])
    >>> round(float(f1.result()), 4)  # 4/5 and 2/3
    0.7333
    """

    def __init__(self, num_classes: int, name: str = "macro_f1", dtype=None):
        super().__init__(average="macro", name=name, dtype=dtype)
        self.num_classes = num_classes

    def update_state(self, y_true, y_pred, sample_weight=None):
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        super().update_state(
            ops.one_hot(labels, self.num_classes), y_pred, sample_weight
        )

    def get_config(self):
        return {
            "name": self.name,
            "dtype": self.dtype,
            "num_classes": self.num_classes,
        }

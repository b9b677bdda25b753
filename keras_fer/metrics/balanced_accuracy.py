"""Mean recall of the classes (UAR)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class BalancedAccuracy(keras.metrics.Metric):
    """Average the recall of each class: the unweighted average recall, UAR.

    Every expression counts alike, however rare it is. Classes without a sample
    so far are left out of the mean, as in scikit-learn.

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
    >>> uar = metrics.BalancedAccuracy(num_classes=2)
    >>> uar.update_state([0, 0, 0, 1], np.eye(2)[[0, 0, 1, 1]])
    >>> round(float(uar.result()), 4)  # recalls 2/3 and 1
    0.8333

    Reference:
        - Schuller et al., INTERSPEECH 2009 Emotion Challenge, which made UAR
          the measure of unbalanced emotion corpora.
    """

    def __init__(
        self, num_classes: int, name: str = "balanced_accuracy", dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        self.num_classes = num_classes
        self.hits = self.add_weight(
            shape=(num_classes,), initializer="zeros", name="hits"
        )
        self.totals = self.add_weight(
            shape=(num_classes,), initializer="zeros", name="totals"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        predicted = ops.argmax(y_pred, axis=-1)
        mine = ops.one_hot(labels, self.num_classes, dtype=self.dtype)
        if sample_weight is not None:
            weights = ops.cast(ops.reshape(sample_weight, (-1, 1)), self.dtype)
            mine = mine * weights
        hit = ops.cast(ops.equal(predicted, labels), self.dtype)[:, None]
        self.hits.assign_add(ops.sum(mine * hit, axis=0))
        self.totals.assign_add(ops.sum(mine, axis=0))

    def result(self):
        recalls = ops.divide_no_nan(self.hits, self.totals)
        present = ops.cast(self.totals > 0, self.dtype)
        return ops.divide_no_nan(ops.sum(recalls), ops.sum(present))

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes}

"""Concordance correlation of valence and arousal over a whole corpus (CCC)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ConcordanceCorrelation(keras.metrics.Metric):
    """Correlation that also pays for a wrong mean or spread.

    Over all samples so far; `keras.metrics.ConcordanceCorrelation` is that of
    each sample's own values, averaged. 0 where target or answer never varies.

    Args:
        column: which column of target and answer, 0 for valence and 1 for
            arousal as everywhere here; by default the mean over the columns.
        columns: number of columns.
        name: name of the metric.
        dtype: dtype of the sums.

    Call arguments:
        y_true: `(batch, columns)`, numbers around 0, such as valence and
            arousal.
        y_pred: `(batch, columns)`.
        sample_weight: `(batch,)`, optional.

    Example:

    >>> import numpy as np
    >>> from keras_fer import metrics
    >>> ccc = metrics.ConcordanceCorrelation(columns=1)
    >>> true = np.array([[-1.0], [0.0], [1.0]])
    >>> ccc.update_state(true, true / 2)
    >>> round(float(ccc.result()), 4)
    0.8

    Reference:
        - Lin, A concordance correlation coefficient to evaluate
          reproducibility, 1989.
    """

    def __init__(
        self,
        column: int | None = None,
        columns: int = 2,
        name: str = "concordance_correlation",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.column = column
        self.columns = columns
        shown = columns if column is None else 1
        self.weight = self.add_weight(initializer="zeros", name="weight")
        # Of targets and answers: means, and what is left of the products.
        self.means = self.add_weight(
            shape=(2, shown), initializer="zeros", name="means"
        )
        self.products = self.add_weight(
            shape=(3, shown), initializer="zeros", name="products"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.cast(y_pred, self.dtype)
        y_true = ops.cast(y_true, self.dtype)
        if self.column is not None:
            rows = slice(self.column, self.column + 1)
            y_true, y_pred = y_true[:, rows], y_pred[:, rows]
        weights = ops.ones_like(y_pred[:, :1])
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, self.dtype), (-1, 1))
        both = ops.stack([y_true, y_pred])
        count = ops.sum(weights)
        means = ops.divide_no_nan(ops.sum(weights * both, axis=1), count)
        x, y = (both[k] - means[k] for k in (0, 1))
        products = ops.stack(
            [ops.sum(weights * p, axis=0) for p in (x * x, y * y, x * y)]
        )
        # Chan et al.: sums around each part's mean, joined.
        total = self.weight + count
        apart = means - self.means
        between = ops.stack([apart[0] ** 2, apart[1] ** 2, apart[0] * apart[1]])
        share = ops.divide_no_nan(self.weight * count, total)
        self.products.assign_add(products + between * share)
        self.means.assign_add(apart * ops.divide_no_nan(count, total))
        self.weight.assign(total)

    def result(self):
        of_true, of_pred, joint = ops.unstack(self.products, 3)
        apart = ops.square(self.means[0] - self.means[1]) * self.weight
        return ops.mean(ops.divide_no_nan(2 * joint, of_true + of_pred + apart))

    def get_config(self):
        return {
            **super().get_config(),
            "column": self.column,
            "columns": self.columns,
        }

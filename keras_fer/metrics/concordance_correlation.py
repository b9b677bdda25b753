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
        # Plain sums add up over devices; in float64 their differences keep
        # the digits.
        self.sums = self.add_weight(
            shape=(6, columns if column is None else 1),
            initializer="zeros",
            dtype="float64",
            name="sums",
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        x, y = ops.cast(y_true, "float64"), ops.cast(y_pred, "float64")
        if self.column is not None:
            x, y = (v[:, self.column : self.column + 1] for v in (x, y))
        weights = ops.ones_like(y[:, :1])
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float64"), (-1, 1))
        products = ops.ones_like(y), x, y, x * x, y * y, x * y
        self.sums.assign_add(
            ops.stack([ops.sum(weights * p, axis=0) for p in products])
        )

    def result(self):
        count, *sums = ops.unstack(ops.convert_to_tensor(self.sums), 6)
        x, y, xx, yy, xy = (ops.divide_no_nan(v, count) for v in sums)
        whole = xx - x * x + yy - y * y + ops.square(x - y)
        return ops.mean(ops.divide_no_nan(2 * (xy - x * y), whole))

    def get_config(self):
        return {
            **super().get_config(),
            "column": self.column,
            "columns": self.columns,
        }

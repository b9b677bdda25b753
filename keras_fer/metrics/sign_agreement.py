"""Do target and answer lie on the same side of zero? (SAGR)"""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class SignAgreement(keras.metrics.Mean):
    """Share of samples whose answer has the sign of its target.

    For valence and arousal, where the side of zero matters more than the
    distance. Zero agrees with zero alone.

    Args:
        column: which column of target and answer, 0 for valence and 1 for
            arousal as everywhere here; by default the mean over the columns.
        name: name of the metric.
        dtype: dtype of the sums.

    Call arguments:
        y_true: `(batch, columns)`.
        y_pred: `(batch, columns)`.
        sample_weight: `(batch,)`, optional.

    Example:

    >>> import numpy as np
    >>> from keras_fer import metrics
    >>> agreement = metrics.SignAgreement()
    >>> agreement.update_state([[0.5, -0.1]], [[0.1, 0.2]])
    >>> float(agreement.result())
    0.5

    Reference:
        - Nicolaou et al., Continuous prediction of spontaneous affect from
          multiple cues and modalities in valence-arousal space, 2011.
    """

    def __init__(
        self,
        column: int | None = None,
        name: str = "sign_agreement",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.column = column

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(y_true, y_pred.dtype)
        agree = ops.cast(ops.sign(y_true) == ops.sign(y_pred), self.dtype)
        if self.column is None:
            agree = ops.mean(agree, axis=1)
        else:
            agree = agree[:, self.column]
        super().update_state(agree, sample_weight)

    def get_config(self):
        return {**super().get_config(), "column": self.column}

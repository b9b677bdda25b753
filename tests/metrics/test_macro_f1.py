import numpy as np
import pytest
from contracts import check_metric
from sklearn.metrics import f1_score

from keras_fer.metrics import MacroF1


def test_contract(tmp_path):
    check_metric(
        MacroF1,
        lambda labels, predicted, weights: f1_score(
            labels, predicted, average="macro", sample_weight=weights
        ),
        tmp_path,
    )


def test_by_hand():
    f1 = MacroF1(2)
    f1.update_state([0, 0, 0, 1], np.eye(2)[[0, 0, 1, 1]])
    assert float(f1.result()) == pytest.approx((4 / 5 + 2 / 3) / 2)

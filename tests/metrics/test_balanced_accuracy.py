import numpy as np
import pytest
from contracts import check_metric
from sklearn.metrics import balanced_accuracy_score

from keras_fer.metrics import BalancedAccuracy


def test_contract(tmp_path):
    check_metric(
        BalancedAccuracy,
        lambda labels, predicted, weights: balanced_accuracy_score(
            labels, predicted, sample_weight=weights
        ),
        tmp_path,
    )


def test_classes_without_a_sample_do_not_count():
    uar = BalancedAccuracy(3)
    uar.update_state([0, 0, 1], np.eye(3)[[0, 1, 1]])
    assert float(uar.result()) == pytest.approx((0.5 + 1) / 2)


def test_a_rare_class_counts_as_much_as_a_frequent_one():
    uar = BalancedAccuracy(2)
    uar.update_state([0] * 9 + [1], np.eye(2)[[0] * 10])
    assert float(uar.result()) == 0.5

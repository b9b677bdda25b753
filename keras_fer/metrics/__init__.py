"""Metrics for `compile`, one public class a file."""

from keras_fer.metrics.balanced_accuracy import BalancedAccuracy
from keras_fer.metrics.concordance_correlation import ConcordanceCorrelation
from keras_fer.metrics.macro_f1 import MacroF1
from keras_fer.metrics.sign_agreement import SignAgreement

__all__ = [
    "BalancedAccuracy",
    "ConcordanceCorrelation",
    "MacroF1",
    "SignAgreement",
]

"""Metrics for `compile`, one public class a file."""

from keras_fer.metrics.balanced_accuracy import BalancedAccuracy
from keras_fer.metrics.macro_f1 import MacroF1

__all__ = ["BalancedAccuracy", "MacroF1"]

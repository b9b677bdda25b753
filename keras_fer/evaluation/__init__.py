"""Model and corpus in, numbers out."""

from keras_fer.evaluation.classification import ClassificationReport
from keras_fer.evaluation.classification import classification_report
from keras_fer.evaluation.classification import evaluate_classifier

__all__ = [
    "ClassificationReport",
    "classification_report",
    "evaluate_classifier",
]

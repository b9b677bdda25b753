"""Model and corpus in, numbers out."""

from keras_fer.evaluation.classification import ClassificationReport
from keras_fer.evaluation.classification import classification_report
from keras_fer.evaluation.classification import evaluate_classifier
from keras_fer.evaluation.classification import predict_probabilities
from keras_fer.evaluation.classification import report_on
from keras_fer.evaluation.comparison import MEASURES
from keras_fer.evaluation.comparison import Comparison
from keras_fer.evaluation.comparison import compare_runs
from keras_fer.evaluation.comparison import run_statistics
from keras_fer.evaluation.cross_validation import CrossValidationReport
from keras_fer.evaluation.cross_validation import FoldStatistics
from keras_fer.evaluation.cross_validation import cross_validation_report
from keras_fer.evaluation.cross_validation import fold_statistics
from keras_fer.evaluation.regression import RegressionReport
from keras_fer.evaluation.regression import regression_report

__all__ = [
    "ClassificationReport",
    "Comparison",
    "CrossValidationReport",
    "FoldStatistics",
    "MEASURES",
    "RegressionReport",
    "classification_report",
    "compare_runs",
    "cross_validation_report",
    "evaluate_classifier",
    "fold_statistics",
    "predict_probabilities",
    "regression_report",
    "report_on",
    "run_statistics",
]

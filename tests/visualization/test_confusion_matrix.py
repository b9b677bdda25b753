import numpy as np

from keras_fer import evaluation
from keras_fer.visualization import EXPRESSION_COLORS
from keras_fer.visualization import plot_confusion_matrix


def test_cells_axes_and_colors():
    report = evaluation.classification_report(
        [0, 0, 0, 1],
        np.eye(2)[[0, 0, 1, 1]],
        ("anger", "fear"),
        corpus="faces",
        split="val",
    )
    ax = plot_confusion_matrix(report)
    assert [text.get_text() for text in ax.texts] == [
        "67\n(2)",
        "33\n(1)",
        "0\n(0)",
        "100\n(1)",
    ]
    assert ax.get_xlabel() == "predicted expression"
    assert ax.get_ylabel() == "true expression"
    assert "accuracy 75.0 %" in ax.get_title()
    label = ax.get_yticklabels()[1]
    assert label.get_text() == "fear"
    assert label.get_color() == EXPRESSION_COLORS["fear"]


def test_a_long_title_does_not_reach_the_colors():
    report = evaluation.classification_report(
        [0, 1],
        np.eye(2),
        ("anger", "fear"),
        corpus=" ".join(["a recipe and its corpus"] * 3),
        split="val",
    )
    lines = plot_confusion_matrix(report).get_title().splitlines()
    assert len(lines) == 3 and max(map(len, lines)) <= 62

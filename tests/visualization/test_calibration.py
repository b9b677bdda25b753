import numpy as np

from keras_fer import evaluation
from keras_fer.visualization import plot_calibration


def test_points_are_the_bins():
    report = evaluation.classification_report(
        [0, 0],
        np.array([[0.9, 0.1], [0.1, 0.9]]),
        ("anger", "fear"),
        corpus="faces",
        split="val",
    )
    ax = plot_calibration(report)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0.9, 0.5]])
    assert "calibration error 40.0 points" in ax.get_title()
    assert "confidence" in ax.get_xlabel()

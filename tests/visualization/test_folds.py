import numpy as np
import pytest

from keras_fer import evaluation
from keras_fer import visualization


@pytest.mark.parametrize("count", [1, 3])
def test_each_fold_has_its_point(count):
    folds = {
        2 * fold: evaluation.classification_report(
            [0, 0, 1, 1],
            np.eye(2)[[0, 0, 1, fold % 2]],
            ("anger", "fear"),
            corpus="example",
            split="test",
        )
        for fold in range(count)
    }
    report = evaluation.cross_validation_report(folds, [8] * count)
    ax = visualization.plot_folds(report)
    points = ax.lines[0].get_ydata()
    assert list(points) == [75.0, 100.0, 75.0][:count]
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert ticks == ["0", "2", "4"][:count]
    assert f"{4 * count} images in {count} folds" in ax.get_title()
    (mean,) = (text.get_text() for text in ax.get_legend().get_texts())
    several = "mean ± deviation, 83.3 ± 14.4 %"
    assert mean == ("mean 75.0 %" if count == 1 else several)
    matrix = visualization.plot_confusion_matrix(report)
    assert f"mean of {count} folds" in matrix.get_title()

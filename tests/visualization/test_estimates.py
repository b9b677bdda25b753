import matplotlib.pyplot as plt
import numpy as np

from keras_fer import evaluation
from keras_fer import visualization


def test_a_panel_for_each_column():
    draws = np.random.default_rng(0)
    true = draws.uniform(-1, 1, (40, 2))
    answers = true / 2 + [0, 0.1]
    report = evaluation.regression_report(
        true, answers, corpus="faces", split="val"
    )
    axes = visualization.plot_estimates(report, true, answers)
    for column, (ax, name) in enumerate(
        zip(axes, ("valence", "arousal"), strict=True)
    ):
        assert ax.get_xlabel() == f"true {name}"
        assert ax.get_ylabel() == f"estimated {name}"
        points = np.stack([true[:, column], answers[:, column]], axis=1)
        np.testing.assert_array_equal(ax.collections[0].get_offsets(), points)
        assert f"CCC {report.ccc[column]:.3f} [" in ax.get_title()
        x, y = ax.lines[0].get_data()
        assert list(x) == list(y)  # where estimates would be right
    plt.close(axes[0].figure)

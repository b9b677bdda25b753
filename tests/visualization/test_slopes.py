import matplotlib.pyplot as plt
import numpy as np

from keras_fer import visualization


def test_curves_and_uar_in_the_order_of_slopes():
    figures = {
        slope: {
            "uar": {"mean": uar, "std": std},
            "accuracy": {"mean": uar + 0.2, "std": std},
        }
        for slope, uar, std in (
            (1.0, 0.4, None),
            (0.0, 0.5, 0.02),
            (0.1, 0.6, 0.01),
        )
    }
    left, right = visualization.plot_slopes(figures, "UAR")
    curves = {line.get_label(): line.get_xydata() for line in left.lines}
    assert list(curves) == ["0", "0.1", "1"]
    np.testing.assert_allclose(curves["1"][60], [60, 0.5])
    np.testing.assert_allclose(curves["0.1"][120], [120, -0.05])
    np.testing.assert_allclose(curves["0"][150], [150, 0])
    heights = {
        bars.get_label(): bars.lines[0].get_xydata()[:, 1]
        for bars in right.containers
    }
    np.testing.assert_allclose(heights["UAR"], [50, 60, 40])
    np.testing.assert_allclose(heights["accuracy"], [70, 80, 60])
    ticks = [label.get_text() for label in right.get_xticklabels()]
    assert ticks == ["0", "0.1", "1"]
    assert right.get_title() == "UAR" and "UAR (%)" in right.get_ylabel()
    plt.close(left.figure)

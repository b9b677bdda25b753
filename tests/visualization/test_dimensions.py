import matplotlib.pyplot as plt
import numpy as np

from keras_fer import visualization


def test_a_line_for_each_kind():
    ax = visualization.plot_dimensions(
        {
            "CAKE-16": (16, 0.6, 0.01),
            "CAKE-3": (3, 0.5, 0.02),
            "AV": (2, 0.3, None),
            "AV1": (3, 0.4, 0.03),
            "CAKE-3-Norm": (3, 0.45, 0.01),
        },
        "F1",
    )
    lines = {
        container.get_label(): container.lines[0].get_xydata()
        for container in ax.containers
    }
    assert set(lines) == {"CAKE", "AV", "CAKE-3-Norm"}
    np.testing.assert_allclose(lines["CAKE"], [[3, 50], [16, 60]])
    np.testing.assert_allclose(lines["AV"], [[2, 30], [3, 40]])
    assert ax.get_xscale() == "log"
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert ticks == ["2", "3", "16"]
    assert ax.get_ylabel().startswith("macro F1 (%)")
    plt.close(ax.figure)

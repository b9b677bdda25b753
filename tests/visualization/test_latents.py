import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_fer import visualization

CLASSES = ("anger", "happiness", "neutral")


def test_each_expression_beside_its_axes():
    draws = np.random.default_rng(0)
    labels = np.arange(600) % 3
    latents = draws.normal(size=(600, 4))
    latents[np.arange(600), labels] += 6
    names = (*CLASSES, "other")
    figure = visualization.plot_latents(
        latents, labels, CLASSES, names, "Latents"
    )
    assert figure.get_suptitle() == "Latents"
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["anger (200)", "happiness (200)", "neutral (200)"]
    for number, ax in enumerate(figure.axes):
        curves = {line.get_label(): line for line in ax.lines}
        assert list(curves) == list(names)
        for name, line in curves.items():
            x, y = line.get_xdata(), line.get_ydata()
            peak = 6 if name == CLASSES[number] else 0
            assert abs(x[y.argmax()] - peak) < 0.7
            assert 0.85 < np.trapezoid(y, x) < 1.02
        color = visualization.EXPRESSION_COLORS["happiness"]
        assert curves["happiness"].get_color() == color
        assert curves["other"].get_color() == "black"
    plt.close(figure)


def test_refuses_and_survives_a_constant():
    with pytest.raises(ValueError, match="expected 4 names. Received: 3"):
        visualization.plot_latents(
            np.zeros((9, 4)), np.arange(9) % 3, CLASSES, CLASSES, ""
        )
    figure = visualization.plot_latents(
        np.zeros((9, 3)), np.arange(9) % 3, CLASSES, CLASSES, ""
    )
    assert all((line.get_ydata() == 0).all() for line in figure.axes[0].lines)
    # A variable that collapsed is a peak, not nothing.
    draws = np.random.default_rng(0)
    wide = draws.normal(0, [5, 1e-3, 5], size=(90, 3))
    figure = visualization.plot_latents(
        wide, np.arange(90) % 3, CLASSES, CLASSES, ""
    )
    line = figure.axes[0].lines[1]
    assert np.trapezoid(line.get_ydata(), line.get_xdata()) > 0.8
    plt.close(figure)

import matplotlib.pyplot as plt
import numpy as np

from keras_fer import visualization


def test_what_is_drawn():
    answers = {
        "one": {"fear": 0.2, "anger": 0.8},
        "two": {"fear": 0.9, "anger": 0.1},
    }
    image = np.zeros((30, 20, 3), "uint8")
    left, right = visualization.plot_answers(image, answers)
    assert left.images[0].get_array().shape == (30, 20, 3)
    widths = [bar.get_width() for bar in right.patches]
    assert widths == [0.2, 0.8, 0.9, 0.1]
    # The last is the one to trust: it stands out.
    assert [bar.get_alpha() for bar in right.patches] == [0.45, 0.45, 1, 1]
    colors = [bar.get_facecolor()[:3] for bar in right.patches]
    assert colors[0] == colors[2] != colors[1]
    assert right.get_title() == "Upper bar: one, next: two"
    for ax in (left, right):
        assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel()
    plt.close("all")

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from networks import corpus
from networks import template_network

from keras_fer import visualization
from keras_fer.export import parity


@pytest.mark.parametrize("quantize", ["none", "int8"])
def test_what_is_drawn(quantize):
    model, values = template_network(), corpus()
    answers = parity.original_probabilities(model, values)
    answers[8] = np.roll(answers[8], 2)
    file = Path(__file__)
    report = parity.compare(
        model,
        answers,
        values,
        file=file,
        path=file,
        format="tflite",
        quantize=quantize,
    )
    left, right = visualization.plot_parity(report)
    (line,) = [item for item in left.lines if len(item.get_xdata()) == 101]
    assert line.get_xdata()[-1] == report.max_difference
    assert (line.get_xdata() > 0).all()  # the axis is logarithmic
    assert "picture 8 (disgust)" in right.get_title()
    heights = [bar.get_height() for bar in right.patches]
    worst = report.worst_image
    expected = [*worst["original"].values(), *worst["exported"].values()]
    np.testing.assert_allclose(heights, expected)
    for ax in (left, right):
        assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel()
    assert (left.get_legend() is not None) == (quantize == "none")
    plt.close("all")

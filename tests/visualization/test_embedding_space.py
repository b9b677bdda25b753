import json
import re
import sys

import numpy as np
import pytest

from keras_fer import visualization

CLASSES = "anger", "fear", "boredom"


def write(path, points, labels):
    return visualization.write_embedding_space(
        path, points, labels, CLASSES, "Five faces"
    )


def test_points_in_one_file(tmp_path):
    pytest.importorskip("plotly")
    points = np.arange(15.0).reshape(5, 3)
    path = write(tmp_path / "space.html", points, [1, 0, 1, 2, 0])
    assert [*tmp_path.iterdir()] == [path]
    text = path.read_text(encoding="utf-8")
    # All of the library is in it: nothing is loaded from elsewhere.
    assert len(text) > 1e6
    assert not re.search(r"<script[^>]* src=", text)
    call = text[text.rindex("Plotly.newPlot(") :]
    traces, _ = json.JSONDecoder().raw_decode(call, call.index("["))
    assert [trace["name"] for trace in traces] == [
        "anger (2)",
        "fear (2)",
        "boredom (1)",
    ]
    assert [traces[1][axis] for axis in "xyz"] == [[0, 6], [1, 7], [2, 8]]
    colors = [trace["marker"]["color"] for trace in traces]
    expected = visualization.EXPRESSION_COLORS
    assert colors == [expected["anger"], expected["fear"], "#000000"]


def test_without_plotly_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(ImportError, match=r"keras_fer\[plotly\]"):
        write(tmp_path / "space.html", np.zeros((2, 3)), [0, 1])
    assert not [*tmp_path.iterdir()]


def test_other_than_a_space_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected 2 points of a space"):
        write(tmp_path / "space.html", np.zeros((2, 2)), [0, 1])

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from networks import corpus
from networks import template_network

from keras_fer import export
from keras_fer.export import parity


@pytest.fixture(scope="module")
def model():
    return template_network()


@pytest.fixture(scope="module")
def original(model):
    return parity.original_probabilities(model, corpus())


def report(model, answers, **options):
    file = Path(__file__)
    options = {"format": "tflite", **options}
    return parity.compare(
        model, answers, corpus(), file=file, path=file, **options
    )


def test_equal_answers(model, original):
    found = report(model, original)
    assert found.images == 70 and found.file == "test_parity.py"
    assert found.max_difference == found.mean_difference == 0
    assert found.agreement == found.accuracy_original == 1
    assert found.bytes == Path(__file__).stat().st_size
    found.check()


def test_the_worst_image_is_named(model, original):
    answers = original.copy()
    answers[30] = 0
    answers[30, 5] = 1
    answers[7, 0] += 0.001
    found = report(model, answers)
    assert found.worst_image["name"] == "picture 30"
    assert found.worst_image["expression"] == "fear"
    assert found.worst_image["exported"]["surprise"] == 1
    expected = np.abs(answers - original).max(axis=1)
    assert found.max_difference == pytest.approx(expected[30])
    assert found.mean_difference == pytest.approx(expected.mean())
    assert found.difference_percentiles[0] == 0
    assert found.difference_percentiles[100] == pytest.approx(expected[30])
    assert found.agreement == found.accuracy_exported == pytest.approx(69 / 70)
    assert found.accuracy_change == pytest.approx(-1 / 70)
    with pytest.raises(
        export.ExportError, match="1e-04 is allowed.*picture 30"
    ):
        found.check()


def test_rounded_weights_are_held_to_the_accuracy(model, original):
    answers = original.copy()
    answers[:, 0] += 0.01  # far beyond 1e-4, but the names stay
    report(model, answers, quantize="float16").check()
    answers[30] = np.roll(answers[30], 1)
    for quantize, allowed in (("float16", 0.2), ("dynamic", 0.5), ("int8", 1)):
        found = report(model, answers, quantize=quantize)
        assert found.max_difference_allowed is None
        message = rf"changes by -1.43 points, {allowed:.1f} are allowed"
        with pytest.raises(export.ExportError, match=message):
            found.check()
        # A gain is a change as well.
        gained = dataclasses.replace(
            found,
            accuracy_original=found.accuracy_exported,
            accuracy_exported=found.accuracy_original,
        )
        with pytest.raises(export.ExportError, match=r"\+1.43 points"):
            gained.check()


def test_what_is_no_number_is_beyond_any_threshold(model, original):
    answers = original.copy()
    answers[12, 3] = np.nan
    found = report(model, answers)
    assert found.worst_image["name"] == "picture 12"
    with pytest.raises(export.ExportError, match="differ by up to nan"):
        found.check()


def test_png_files_are_held_to_the_threshold(model, original):
    for encoded, passes in (
        ({"png": 1e-6, "jpeg": 0.3}, True),
        ({"png": 1e-3, "jpeg": 0.0}, False),
    ):
        found = report(model, original, format="saved-model", encoded=encoded)
        if passes:
            found.check()
        else:
            with pytest.raises(export.ExportError, match="of PNG files"):
                found.check()


def test_what_does_not_fit_is_refused(model):
    with pytest.raises(ValueError, match=r"shape \(48, 48, 1\), those of fer"):
        parity.check_fit(model, corpus(shape=(32, 32, 1)))
    values = corpus()
    info = dataclasses.replace(values.info, classes=("anger",) * 8)
    other = dataclasses.replace(values, info=info)
    with pytest.raises(ValueError, match="names 7 classes, fer2013 has 8"):
        parity.check_fit(model, other)


def test_published_together_or_not_at_all(model, original, tmp_path):
    path = tmp_path / "deep" / "model.tflite"
    good = report(model, original)
    bad = report(model, 1 - original)
    with pytest.raises(export.ExportError):
        with parity.staging(path) as work:
            (work / "x").write_text("bad")
            parity.publish(work / "x", path, bad)
    assert list(path.parent.iterdir()) == []
    with parity.staging(path) as work:
        (work / "x").write_text("good")
        parity.publish(work / "x", path, good)
    # What stands is not touched by an export that fails.
    with pytest.raises(export.ExportError):
        with parity.staging(path) as work:
            (work / "x").write_text("bad")
            parity.publish(work / "x", path, bad)
    assert path.read_text() == "good"
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "model.tflite",
        "model.tflite.parity.json",
        "model.tflite.parity.png",
    ]

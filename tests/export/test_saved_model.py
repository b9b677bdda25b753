import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf
from networks import CLASSES
from networks import corpus
from networks import template_network

from keras_fer import export
from keras_fer import faces


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "mine"
    return path, export.export_saved_model(template_network(), path, corpus())


def png(image):
    return cv2.imencode(".png", image[..., ::-1])[1].tobytes()


def test_the_proof(exported):
    path, report = exported
    assert report.format == "saved-model" and report.images == 70
    assert report.max_difference <= 1e-5
    assert report.encoded["png"] <= 1e-5
    assert 0 < report.encoded["jpeg"] < 1
    written = json.loads(path.with_name("mine.parity.json").read_text())
    assert written == json.loads(json.dumps(report.to_json()))
    assert path.with_name("mine.parity.png").stat().st_size > 10_000
    weights = template_network().count_params() * 4
    assert report.bytes < 1.2 * weights + 100_000  # written once


def test_both_endpoints_in_a_process_without_the_package(exported):
    """Whoever serves it has TensorFlow and nothing else."""
    path, _ = exported
    np.save(path.with_name("images.npy"), corpus(7).images)
    code = f"""
import sys
sys.modules["keras"] = sys.modules["keras_fer"] = None
import numpy as np
import tensorflow as tf
served = tf.saved_model.load({str(path)!r})
images = np.load({str(path.with_name("images.npy"))!r})
pixels = served.serve(images)["probabilities"]
files = [tf.io.encode_png(image).numpy() for image in images]
encoded = served.serve_images(tf.constant(files))["probabilities"]
assert list(np.argmax(pixels, axis=1)) == list(range(7))
np.testing.assert_allclose(pixels, encoded, atol=1e-6)
assert set(served.signatures) == {{"serve", "serve_images", "serving_default"}}
assert served.serve(images[:0])["probabilities"].shape == (0, 7)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_files_of_any_size_and_color(exported):
    path, _ = exported
    served = tf.saved_model.load(str(path))
    images = corpus(7).images
    color = images.repeat(3, axis=3)
    large = [cv2.resize(i, (96, 96))[..., None].repeat(3, 2) for i in images]
    for kind, pictures in (("color", color), ("large", large)):
        files = tf.constant([png(picture) for picture in pictures])
        answer = served.serve_images(files)["probabilities"]
        assert answer.numpy().argmax(axis=1).tolist() == list(range(7)), kind
    expected = served.serve(images)["probabilities"]
    files = tf.constant([png(picture) for picture in color])
    answer = served.serve_images(files)["probabilities"]
    np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_color_becomes_gray_as_opencv_does_it(exported):
    path, _ = exported
    served = tf.saved_model.load(str(path))
    color = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 3), "uint8")
    gray = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in color]
    expected = served.serve(np.array(gray)[..., None])["probabilities"]
    files = tf.constant([png(image) for image in color])
    answer = served.serve_images(files)["probabilities"]
    # Halves may round to either side.
    np.testing.assert_allclose(answer, expected, atol=2e-3)


def test_large_crops_shrink_as_the_recognizer_shrinks_them(exported):
    """Both look at all pixels: a picture of single columns is not aliased."""
    path, _ = exported
    served = tf.saved_model.load(str(path))
    large = np.zeros((96, 96), "uint8")
    large[:, ::2] = 200
    small = faces.resize_face(large, (48, 48))
    files = tf.constant([png(large[..., None].repeat(3, axis=2))])
    np.testing.assert_allclose(
        served.serve_images(files)["probabilities"],
        served.serve(small[None, ..., None])["probabilities"],
        atol=0.05,
    )


def test_class_names_and_normalization_lie_beside(exported):
    path, _ = exported
    text = (path / "assets.extra" / "keras_fer.json").read_text()
    info = json.loads(text)
    assert tuple(info["classes"]) == CLASSES
    assert info["normalization"][0]["scale"] == 2 / 255
    assert info["name"] == "templates"


def test_a_new_export_takes_the_place_of_the_old(exported, tmp_path):
    path = tmp_path / "mine"
    for name in ("first", "second"):
        export.export_saved_model(
            template_network(), path, corpus(14), name=name
        )
    info = json.loads((path / "assets.extra" / "keras_fer.json").read_text())
    assert info["name"] == "second"
    assert len(list(tmp_path.iterdir())) == 3


def test_in_color(tmp_path):
    shape = (24, 32, 3)
    report = export.export_saved_model(
        template_network(shape), tmp_path / "color", corpus(14, shape)
    )
    assert report.encoded["png"] <= 1e-5 and report.accuracy_exported == 1

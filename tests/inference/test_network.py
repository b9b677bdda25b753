import dataclasses

import numpy as np
import pytest

from keras_fer import inference
from keras_fer.inference import metadata

PATH = inference.find_pretrained("zero_bias_cnn_fer2013")


@pytest.fixture(scope="module")
def network():
    return inference.LiteRTNetwork(PATH)


def images(size):
    draws = np.random.default_rng(0)
    return draws.integers(0, 256, (size, 48, 48, 1), "uint8")


def test_batches_answer_as_single_images(network):
    batch = images(10)
    together = network.predict(batch)["probabilities"]
    assert together.shape == (10, 7) and together.dtype == np.float32
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    for size in (1, 3, 64):
        parts = network.predict(batch, batch_size=size)["probabilities"]
        np.testing.assert_allclose(parts, together, atol=1e-6)


def test_no_image_is_no_row(network):
    assert network.predict(images(0))["probabilities"].shape == (0, 7)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 48, 48, 1)),
        np.zeros((2, 48, 48), "uint8"),
        np.zeros((2, 32, 32, 1), "uint8"),
        np.zeros((2, 48, 48, 3), "uint8"),
    ],
)
def test_other_images_are_refused(network, wrong):
    with pytest.raises(ValueError, match=r"\(N, 48, 48, 1\). Received"):
        network.predict(wrong)


def test_as_many_names_as_probabilities(tmp_path, monkeypatch):
    info = inference.read_info(PATH.read_bytes())
    info = dataclasses.replace(info, classes=info.classes[:5])
    monkeypatch.setattr(metadata, "read_info", lambda content: info)
    with pytest.raises(inference.ModelError, match="names 5 classes.* gives 7"):
        inference.LiteRTNetwork(PATH)


def test_damaged_structure_is_refused_or_run(tmp_path):
    """Flipped bytes of the entry and its place, not of the weights."""
    path = tmp_path / "model.tflite"
    content = PATH.read_bytes()
    start = content.index(b'{"metadata_version"')
    draws = np.random.default_rng(0)
    refused = 0
    for place in start + draws.integers(0, 400, 40):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            inference.LiteRTNetwork(path)
        except inference.ModelError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a TFLite network"),
        (b"not a network, but a text", "is not a TFLite network"),
        (PATH.read_bytes()[:20000], "is not a TFLite network"),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_not_a_network_is_refused(tmp_path, content, message):
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(inference.ModelError, match=f"model.tflite.*{message}"):
        inference.LiteRTNetwork(path)

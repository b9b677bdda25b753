import keras
import numpy as np
import pytest
from networks import corpus
from networks import template_network

from keras_fer import export
from keras_fer import layers
from keras_fer import models
from keras_fer.export import serving


def test_probabilities_of_uint8_pixels():
    model, images = template_network(), corpus(7).images
    served = export.serving_model(model)
    (inputs,) = served.inputs
    assert (inputs.name, inputs.dtype) == ("images", "uint8")
    answer = served(images)["probabilities"]
    logits = model.predict(images, verbose=0)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_other_heads_stay_as_they_are():
    model = models.ZeroBiasCNN(
        (16, 16, 1), 7, filters=(4, 4, 4), heads=("embedding", "logits")
    )
    images = corpus(2, (16, 16, 1)).images
    answer = export.serving_model(model)(images)
    assert set(answer) == {"embedding", "probabilities"}
    expected = model.predict(images, verbose=0)["embedding"]
    np.testing.assert_allclose(answer["embedding"], expected, atol=1e-5)


def test_a_network_without_logits_is_refused():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, {"a": x, "b": x})
    with pytest.raises(ValueError, match="needs a head 'logits'.*a, b"):
        export.serving_model(model)


def test_what_the_metadata_says():
    model = template_network(name="mine")
    info = serving.network_info(model, ("a", "b"), name=None, quantize="int8")
    assert info.name == "mine" and info.quantize == "int8"
    assert info.input_shape == (48, 48, 1)
    assert info.classes == ("a", "b")
    rescaling, normalization = info.normalization
    assert rescaling == {
        "layer": "Rescaling",
        "name": "rescaling",
        "scale": 2 / 255,
        "offset": 0.0,
    }
    assert normalization["layer"] == "LocalContrastNormalization"
    assert normalization["divide_std"] is False
    assert serving.network_info(model, "ab", name="x").name == "x"


def test_layers_that_normalize_pixels():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Rescaling(1 / 255),
            layers.LocalContrastNormalization(),
            keras.layers.BatchNormalization(),
        ]
    )
    assert serving.normalization_layers(model) == model.layers[:2]
    # As in a backbone that brings its own.
    inputs = keras.Input((8, 8, 1))
    outer = keras.Model(inputs, model(inputs))
    assert serving.normalization_layers(outer) == model.layers[:2]


def test_the_hash_is_that_of_the_weights():
    model = template_network()
    before = export.weights_sha256(model)
    assert export.weights_sha256(template_network()) == before
    weights = model.get_weights()
    weights[0][0, 0] += 1e-6
    model.set_weights(weights)
    assert export.weights_sha256(model) != before

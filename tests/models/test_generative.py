import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer.models import Autoencoder
from keras_fer.models import ExpressionCNN
from keras_fer.models import FaderDecoder
from keras_fer.models import VAEDecoder
from keras_fer.models import VAEEncoder
from keras_fer.models.generative import name_by_axes
from keras_fer.trainers import FaderNetwork


def test_parameters():
    """Counts of the published layers; the printed last one is counted only."""
    convolutions = 9 * 32 + 32 + 9 * 32 * 64 + 64
    assert VAEEncoder().count_params() == convolutions + 2 * (65_536 + 1) * 7
    transposed = 9 * 64 * 64 + 64 + 9 * 64 * 32 + 32 + 32 + 1
    assert VAEDecoder().count_params() == 8 * 65_536 + transposed
    before = 8 * 8192 + 9 * (32 * 18 + 18 * 12 + 12 * 6) + 36 + 6 + 1
    assert FaderDecoder().count_params() == before == 73_355
    small = FaderDecoder(7, (16, 16, 1), dense_output=True).count_params()
    assert small - FaderDecoder(7, (16, 16, 1)).count_params() == 256 * 257


@pytest.mark.parametrize("make", [VAEDecoder, FaderDecoder])
@pytest.mark.parametrize("dense_output", [False, True])
def test_decoders_give_pixels(make, dense_output, tmp_path):
    keras.utils.set_random_seed(0)
    decoder = make(5, (16, 24, 3), dense_output=dense_output)
    latents = np.random.default_rng(0).normal(0, 9, (4, 5)).astype("float32")
    pictures = decoder.predict(latents, verbose=0)
    assert pictures.shape == (4, 16, 24, 3)
    assert pictures.min() >= 0 and pictures.max() <= 255
    assert np.ptp(pictures) > 1
    if not dense_output:
        check_exports(decoder, latents, tmp_path)


def test_the_encoder(tmp_path):
    keras.utils.set_random_seed(0)
    encoder = VAEEncoder((16, 24, 1), 6)
    images = np.random.default_rng(0).uniform(0, 255, (3, 16, 24, 1))
    found = encoder.predict(images, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {
        "mean": (3, 6),
        "log_variance": (3, 6),
    }
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras")
    again = loaded.predict(images, verbose=0)
    np.testing.assert_array_equal(found["mean"], again["mean"])


def test_refuses():
    with pytest.raises(ValueError, match=r"multiples of 4 .*\(18, 16, 1\)"):
        VAEEncoder((18, 16, 1))
    with pytest.raises(ValueError, match="multiples of 8"):
        FaderDecoder(7, (12, 16, 1))
    with pytest.raises(ValueError, match="`latents` must .* Received: 1"):
        VAEDecoder(1, (16, 16, 1))


@pytest.mark.parametrize("neutral", [None, 1])
def test_joined(neutral, tmp_path):
    """Latents are the encoder's, the picture the decoder's of them."""
    keras.utils.set_random_seed(0)
    shape = (16, 16, 1)
    encoder, decoder = VAEEncoder(shape, 5), VAEDecoder(5, shape)
    network = Autoencoder(encoder, decoder, 3, neutral=neutral)
    images = np.random.default_rng(0).uniform(0, 255, (4, *shape))
    found = network.predict(images, verbose=0)
    latents = encoder.predict(images, verbose=0)["mean"]
    np.testing.assert_allclose(found["latents"], latents, atol=1e-5)
    np.testing.assert_allclose(
        found["reconstruction"],
        decoder.predict(latents, verbose=0),
        atol=1e-3,
    )
    assert found["logits"].shape == (4, 3)
    parts = [network.get_layer(name) for name in ("encoder", "decoder")]
    assert parts[0].weights[0] is encoder.weights[0]
    assert parts[1].weights[0] is decoder.weights[0]
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    again = loaded.predict(images, verbose=0)
    for name, values in found.items():
        np.testing.assert_array_equal(values, again[name])


def test_joined_with_an_encoder_of_one_head():
    encoder = ExpressionCNN((16, 16, 1), 4)
    network = Autoencoder(encoder, FaderDecoder(4, (16, 16, 1)), 4)
    assert network.output["latents"].shape == (None, 4)


def test_a_conditional_decoder_draws_what_is_named(tmp_path):
    """As the trainer's own call, after a file and without it."""
    keras.utils.set_random_seed(0)
    shape = (16, 16, 1)
    encoder, decoder = ExpressionCNN(shape, 4), FaderDecoder(7, shape)
    trainer = FaderNetwork(encoder, decoder, 3, reference=0, conditional=True)
    network = Autoencoder(encoder, decoder, 3, conditional=True)
    network.save(tmp_path / "network.keras")
    network = keras.models.load_model(tmp_path / "network.keras")
    images = np.random.default_rng(0).uniform(0, 255, (4, *shape))
    found = network.predict(images, verbose=0)
    for name, values in trainer.predict(images, verbose=0).items():
        np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-3)
    with pytest.raises(ValueError, match="Received: 4 and 7"):
        Autoencoder(encoder, decoder, 3)


def test_what_lies_at_the_origin_is_neutral():
    latents = np.array([[0.0, 0.1], [1.0, 0.0], [0.2, 0.9]], "float32")
    logits = name_by_axes(keras.ops.convert_to_tensor(latents), 3, 1)
    logits = keras.ops.convert_to_numpy(logits)
    assert logits.argmax(axis=1).tolist() == [1, 0, 2]
    np.testing.assert_allclose(logits[:, 1], 0.5)
    np.testing.assert_allclose(logits[:, [0, 2]], latents)


def test_refuses_to_join():
    encoder, decoder = VAEEncoder((16, 16, 1), 5), VAEDecoder(5, (16, 16, 1))
    with pytest.raises(ValueError, match="`neutral` .* 0 to 2. Received: 3"):
        Autoencoder(encoder, decoder, 3, neutral=3)
    with pytest.raises(ValueError, match="at least 7 .* Received: 5 and 5"):
        Autoencoder(encoder, decoder, 7)
    with pytest.raises(ValueError, match="Received: 5 and 6"):
        Autoencoder(encoder, VAEDecoder(6, (16, 16, 1)), 3)

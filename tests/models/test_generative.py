import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer.models import FaderDecoder
from keras_fer.models import VAEDecoder
from keras_fer.models import VAEEncoder


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

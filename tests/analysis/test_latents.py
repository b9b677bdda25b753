import keras
import numpy as np
import pytest

from keras_fer import analysis


def decoder():
    """Three latent variables are three pixels."""
    latents = keras.Input((3,))
    x = keras.layers.Reshape((1, 3, 1))(keras.layers.Rescaling(10.0)(latents))
    return keras.Model(latents, x)


def test_encode_and_decode():
    images = keras.Input((1, 3, 1))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(0.1)(images))
    plain = keras.Model(images, flat)
    both = keras.Model(images, {"mean": flat, "log_variance": -flat})
    pixels = np.arange(12, dtype="float32").reshape(4, 1, 3, 1)
    for encoder in (plain, both):
        latents = analysis.encode(encoder, pixels)
        np.testing.assert_allclose(latents, pixels.reshape(4, 3) / 10)
    pictures = analysis.decode(decoder(), latents)
    assert pictures.dtype == np.uint8
    np.testing.assert_array_equal(pictures, pixels)
    walk = analysis.decode(decoder(), [[[-5, 99, 1.26]] * 2] * 3)
    assert walk.shape == (3, 2, 1, 3, 1)
    assert walk[2, 1].ravel().tolist() == [0, 255, 13]


def test_walks():
    latents = np.arange(6.0).reshape(2, 3)
    walks = analysis.traverse(latents, 2, [7, 8])
    assert walks.tolist() == [
        [[0, 1, 7], [0, 1, 8]],
        [[3, 4, 7], [3, 4, 8]],
    ]
    values = analysis.traversal_values(latents, 1)
    np.testing.assert_allclose(values, [1, 1.6, 2.2, 2.8, 3.4, 4])
    past = analysis.traversal_values(latents, 1, count=3, beyond=0.5)
    np.testing.assert_allclose(past, [-0.5, 2.5, 5.5])
    between = analysis.interpolate(latents[:1], latents[1:], 4)
    np.testing.assert_allclose(between[0, :, 0], [0, 1, 2, 3])


def test_another_expression_the_same_face():
    latents = np.array([[0.5, 2.0, -3.0], [1.0, 0.0, 4.0]])
    changed = analysis.change_expression(latents, 0, 1.5, axes=(0, 1))
    assert changed.tolist() == [[1.5, 0, -3], [1.5, 0, 4]]
    neutral = analysis.change_expression(latents, None, 9.0, axes=(0, 1))
    assert neutral.tolist() == [[0, 0, -3], [0, 0, 4]]
    assert latents[0].tolist() == [0.5, 2, -3]


def test_refuses():
    latents = np.zeros((2, 3))
    with pytest.raises(ValueError, match="0 to 2. Received: 3"):
        analysis.traverse(latents, 3, [1])
    with pytest.raises(ValueError, match="at least 2. Received: 1"):
        analysis.traversal_values(latents, 0, count=1)
    with pytest.raises(ValueError, match=r"\(2, 3\), \(1, 3\) and 6"):
        analysis.interpolate(latents, latents[:1])
    with pytest.raises(ValueError, match=r"one of \(0, 1\). Received: 2"):
        analysis.change_expression(latents, 2, 1.0, axes=(0, 1))

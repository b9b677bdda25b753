import keras
import numpy as np
import pytest
import sklearn.decomposition

from keras_fer import models
from keras_fer.datasets import procedural
from keras_fer.recipes import latent_measures

SIDE = 8


def painter(latents=3):
    """Each latent variable is the gray level of a stripe of its own."""
    keras.utils.set_random_seed(0)
    images = keras.Input((SIDE, SIDE, 1))
    encoder = keras.Model(images, keras.layers.Flatten()(images)[:, :latents])
    given = keras.Input((latents,))
    kernel = np.repeat(np.eye(latents), SIDE, axis=1)
    kernel = np.pad(kernel, ((0, 0), (0, SIDE * (SIDE - latents))))
    dense = keras.layers.Dense(SIDE * SIDE, use_bias=False)
    picture = keras.layers.Reshape((SIDE, SIDE, 1))(dense(given))
    decoder = keras.Model(given, picture)
    dense.set_weights([kernel])
    return models.Autoencoder(encoder, decoder, 2)


def test_identity_on_a_variable_of_its_own_is_kept():
    """Walks along 0 and 1 leave 2, by which people differ, as it is."""
    people = np.arange(50) // 2
    latents = np.zeros((50, 3))
    latents[:, 2] = 5.0 * people
    latents[0, :2] = 1.0  # how far walks go
    found = latent_measures.identity_kept(painter(), latents, people, 2)
    assert found["kept"] == 1 and found["by_axis"] == [1.0, 1.0]
    assert found["people"] == 25 and found["chance"] == 1 / 25


def test_identity_on_a_walked_axis_is_lost():
    latents = np.zeros((20, 3))
    latents[:, 0] = 10.0 * np.arange(20)
    found = latent_measures.identity_kept(painter(), latents, np.arange(20), 1)
    assert found["kept"] < 0.2


def test_ends_by_hand():
    """The stripe of an axis is as bright as where the walk has come to."""
    latents = np.array([[0.0, 40.0, 7.0], [100.0, 60.0, 9.0]])

    def stripes(pictures):
        return pictures[:, :2, :, 0].mean(axis=2)

    first, second = latent_measures.ends_of_axes(painter(), stripes, latents, 2)
    assert first["values"] == [0, 0, 100] and second["values"] == [40, 0, 60]
    np.testing.assert_allclose(first["mean"], [[0, 50], [0, 50], [100, 50]])
    np.testing.assert_allclose(second["mean"], [[50, 40], [50, 0], [50, 60]])
    np.testing.assert_allclose(first["error"], 0)


def test_factors_are_those_that_were_drawn():
    options = {"images": 60, "seed": 4}
    faces = procedural.load_data("val", size=32, **options)
    drawn = procedural.draw_split("val", **options)
    factors = latent_measures.procedural_factors(faces, drawn)
    assert all(values.shape == (60,) for values in factors.values())
    np.testing.assert_array_equal(factors["yaw"], drawn.pose[:, 0])
    np.testing.assert_array_equal(factors["expression"], faces.labels["shown"])
    brightness = faces.images.mean(axis=(1, 2, 3))
    assert np.corrcoef(factors["level"], brightness)[0, 1] > 0.2


def test_a_factor_that_never_varies_does_not_count():
    draws = np.random.default_rng(0)
    factors = {
        "expression": np.arange(200) % 7,
        "intensity": draws.normal(size=200),
        "blur": np.zeros(200),
    }
    latents = np.stack([factors["intensity"], draws.normal(size=200)], axis=1)
    found = latent_measures.disentanglement(latents, factors)
    assert np.shape(found["importance"]) == (2, 2)
    assert found["importance"][0][1] > 0.9
    assert found["mutual_information_gap"] > 0.2


def test_components_are_those_of_the_training_faces():
    draws = np.random.default_rng(0)
    train, val = draws.integers(0, 256, (2, 30, 4, 4, 1), "uint8")
    found = latent_measures.principal_components(val, train, 3)
    expected = sklearn.decomposition.PCA(3, random_state=0)
    expected.fit(train.reshape(30, 16) / 255)
    np.testing.assert_allclose(
        found, expected.transform(val.reshape(30, 16) / 255)
    )
    assert found.shape == (30, 3)
    with pytest.raises(ValueError):
        latent_measures.principal_components(val, train, 17)

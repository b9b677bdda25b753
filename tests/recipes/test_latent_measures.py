import dataclasses

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


def pictures(latents):
    return painter().get_layer("decoder").predict(latents, verbose=0)


def stripes(pictures):
    return pictures[:, :2, :, 0].mean(axis=2)


def test_who_lies_on_another_axis_stays():
    """People differ on 2; expressions on 0 and 1."""
    people, labels = np.arange(50) // 2, np.arange(50) % 2
    latents = np.zeros((50, 3))
    latents[:, 2] = 5.0 * people
    latents[np.arange(50), labels] = 2.0
    found = latent_measures.identity_kept(
        painter(), pictures(latents), latents, labels, people, (0, 1)
    )
    assert found["people"] == 25
    assert found["still"] == found["changed"] == 1


def test_who_lies_on_the_walked_axis_is_lost():
    people, labels = np.arange(40) // 2, np.arange(40) % 2
    latents = np.zeros((40, 3))
    latents[:, 0] = 10.0 * people
    found = latent_measures.identity_kept(
        painter(), pictures(latents), latents, labels, people, (0,)
    )
    assert found["still"] == 1
    assert found["changed"] == pytest.approx(0.5)  # nobody is nearer


def test_pictures_without_people_keep_nobody():
    """Which a face compared with itself would not show."""
    draws = np.random.default_rng(0)
    latents = draws.uniform(0, 200, (80, 3))
    people, labels = np.arange(80) // 2, np.arange(80) % 2
    found = latent_measures.identity_kept(
        painter(), pictures(latents), latents, labels, people, (0, 1)
    )
    assert abs(found["still"] - 0.5) < 0.1
    assert abs(found["changed"] - 0.5) < 0.1
    alone = np.arange(80)
    found = latent_measures.identity_kept(
        painter(), pictures(latents), latents, labels, alone, (0,)
    )
    assert found is None


def test_farther_by_hand():
    """Two of nine others are nearer to the first face than its person."""
    latents = np.zeros((20, 3))
    people = np.tile(np.arange(10), 2)
    latents[10:, 2] = 10.0 * np.arange(10)
    latents[0, 2] = 12.0  # its person is at 0, another at 10
    latents[1:10, 2] = latents[11:, 2]
    images = pictures(latents)
    found = latent_measures.identity_kept(
        painter(), images, latents, np.zeros(20, int), people, (0,)
    )
    # From 12 those at 10 and 20; the other way, from 0, that at 10 alone.
    shares = (7 + 9 * 9) / 90, (8 + 9 * 9) / 90
    assert any(found["faces"] == pytest.approx(share) for share in shares)


def test_faces_drawn_anew():
    """A network that gives back what it sees knows a face when it sees it."""
    drawn = procedural.draw_split("val", images=30)
    corpus = procedural.load_data("val", images=30, size=16)
    images = keras.Input((16, 16, 1))
    encoder = keras.Model(images, keras.layers.Flatten()(images))
    given = keras.Input((256,))
    decoder = keras.Model(given, keras.layers.Reshape((16, 16, 1))(given))
    network = models.Autoencoder(encoder, decoder, 8)
    labels = corpus.labels["expression"]
    latents = corpus.images.reshape(30, -1).astype("float32")
    found = latent_measures.redrawn(network, drawn, latents, labels, range(8))
    assert found["encoded"] == 0 and found["still"] > 1
    errors = []
    draws = np.random.default_rng(0)
    for k in range(8):
        rows = np.flatnonzero(labels != k)
        units = drawn.units[
            draws.choice(np.flatnonzero(labels == k), len(rows))
        ]
        for row, of in zip(rows, units, strict=True):
            face = dataclasses.replace(drawn[row : row + 1], units=of[None])
            other = procedural.render(face, 16, 1)[0].astype(float)
            errors.append(np.square(other - corpus.images[row]).mean())
    assert found["still"] == pytest.approx(np.sqrt(np.mean(errors)), rel=0.1)


def test_what_changed_faces_are_named():
    """By whoever sees which stripe is the brighter."""
    labels = np.arange(60) % 2
    latents = np.zeros((60, 3))
    latents[:, 2] = np.arange(60)
    latents[np.arange(60), labels] = 2.0

    def named(pictures):
        return np.eye(2)[stripes(pictures)[:, :2].argmax(axis=1)]

    found = latent_measures.changes_named(
        painter(), named, latents, labels, (0, 1)
    )
    assert found == {"before": 0, "after": 1}
    still = latent_measures.changes_named(
        painter(),
        lambda faces: np.eye(2)[[0] * len(faces)],
        latents,
        labels,
        (0, 1),
    )
    assert still == {"before": 0.5, "after": 0.5}


def test_places_on_an_axis():
    latents = np.array([[-2.0, 1.0], [4.0, 3.0], [1.0, 2.0]])
    found = latent_measures.axis_values(latents, 0, side=2)
    np.testing.assert_allclose(found, [-2, -1, 0, 2, 4])
    # 0 was not observed: the mean stands for it.
    found = latent_measures.axis_values(latents, 1)
    np.testing.assert_allclose(found, [1, 2, 3])


def test_ends_by_hand():
    """The stripe of an axis is as bright as where the walk has come to."""
    latents = np.array([[0.0, 40.0, 7.0], [100.0, 60.0, 9.0]])
    first, second = latent_measures.ends_of_axes(painter(), stripes, latents, 2)
    assert first["values"] == [0, 50, 100] and second["values"] == [40, 50, 60]
    np.testing.assert_allclose(first["mean"], [[0, 50], [50, 50], [100, 50]])
    np.testing.assert_allclose(second["mean"], [[50, 40], [50, 50], [50, 60]])
    np.testing.assert_allclose(first["error"], 0)


def test_walks_of_the_mean_by_hand():
    latents = np.array([[0.0, 40.0, 7.0], [100.0, 60.0, 9.0]])
    first, second = latent_measures.walks_of_the_mean(
        painter(), stripes, latents, 2
    )
    steps = np.linspace(0, 100, 6)
    np.testing.assert_allclose(np.array(first)[:, 0], steps)
    np.testing.assert_allclose(np.array(first)[:, 1], 50)
    np.testing.assert_allclose(np.array(second)[:, 1], np.linspace(40, 60, 6))


def test_mean_pictures_by_hand():
    """Means of 100 and 40 in the first stripe, with uneven counts."""
    images = np.zeros((3, SIDE, SIDE, 1), "uint8")
    images[0, 0], images[1, 0], images[2, 0] = 80, 120, 40
    (opposite,) = latent_measures.ends_of_mean_pictures(
        stripes, images, np.array([0, 0, 1]), (0,), [(-0.5, 2.0)]
    )
    np.testing.assert_allclose(np.array(opposite)[:, 0], [55, 70, 130])


def test_factors_are_those_that_were_drawn():
    options = {"images": 60, "seed": 4}
    faces = procedural.load_data("val", size=32, **options)
    drawn = procedural.draw_split("val", **options)
    factors = latent_measures.procedural_factors(faces, drawn, (0, 2))
    assert all(values.shape == (60,) for values in factors.values())
    np.testing.assert_array_equal(factors["yaw"], drawn.pose[:, 0])
    expressions = [k for k in factors if k.startswith(latent_measures.IS)]
    assert expressions == [f"is {faces.info.classes[k]}" for k in (0, 2)]
    shown = faces.labels["shown"] == 2
    np.testing.assert_array_equal(factors[expressions[1]], shown)
    brightness = faces.images.mean(axis=(1, 2, 3))
    assert np.corrcoef(factors["level"], brightness)[0, 1] > 0.2


def test_an_axis_for_each_expression_has_a_gap():
    """One factor of several classes would have none."""
    draws = np.random.default_rng(0)
    labels = np.arange(900) % 3
    latents = 3 * np.eye(3)[labels] + draws.normal(0, 0.1, (900, 3))
    factors = {f"is {k}": (labels == k).astype(int) for k in range(3)}
    factors |= {"age": draws.normal(size=900), "blur": np.zeros(900)}
    people = np.arange(900) // 3
    found = latent_measures.disentanglement(latents, factors, people)
    assert found["gap"]["expressions"] > 0.6 > 0.1 > found["gap"]["others"]
    assert found["score"]["expressions"] > 0.95
    assert list(found["gap"]["of"]) == ["is 0", "is 1", "is 2", "age"]


def test_what_is_told_apart():
    draws = np.random.default_rng(0)
    people = np.arange(600) // 3
    reference = draws.random(600) < 0.3
    shown, hidden = draws.normal(size=(2, 600, 2))
    shown[reference] += 3
    assert latent_measures.told_apart(shown, reference, people) > 0.95
    found = latent_measures.told_apart(hidden, reference, people)
    assert abs(found - 0.5) < 0.1
    # What large variables have in common hides nothing.
    loud = shown + 1000 * draws.normal(size=(600, 1)) * [1, -1]
    loud = loud.astype("float32")
    assert latent_measures.told_apart(loud, reference, people) > 0.95
    never = np.zeros(600, bool)
    assert latent_measures.told_apart(hidden, never, people) is None


def test_what_all_variables_share():
    draws = np.random.default_rng(0)
    apart, alike = draws.normal(size=(5000, 4)), draws.normal(size=(5000, 1))
    left, share = latent_measures.without_shared(apart)
    assert abs(share - 1 / 4) < 0.01
    found, share = latent_measures.without_shared(apart + 100 * alike)
    assert share > 0.99
    np.testing.assert_allclose(found, left, atol=1e-9)
    assert latent_measures.without_shared(np.zeros((3, 2)))[1] == 0


def test_components_are_those_of_the_training_faces():
    draws = np.random.default_rng(0)
    train, val = draws.integers(0, 256, (2, 30, 4, 4, 1), "uint8")
    found, pictures = latent_measures.principal_components(val, train, 3)
    expected = sklearn.decomposition.PCA(3, random_state=0)
    expected.fit(train.reshape(30, 16) / 255)
    np.testing.assert_allclose(
        found, expected.transform(val.reshape(30, 16) / 255)
    )
    back = 255 * expected.inverse_transform(found)
    np.testing.assert_allclose(pictures, back.reshape(val.shape).clip(0, 255))
    whole = latent_measures.principal_components(train, train, 16)[1]
    np.testing.assert_allclose(whole, train, atol=1e-6)
    with pytest.raises(ValueError):
        latent_measures.principal_components(val, train, 17)

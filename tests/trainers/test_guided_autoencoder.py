import keras
import numpy as np
import pytest

from keras_fer.models import FaderDecoder
from keras_fer.models import SiameseComparator
from keras_fer.trainers import GuidedAutoencoder
from keras_fer.trainers.semi_supervised_vae import reconstruction_loss

SHAPE = (16, 16, 1)


def dense(units):
    images = keras.Input(SHAPE)
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    return keras.Model(images, keras.layers.Dense(units)(x))


def autoencoder(guidance=0.1, **options):
    keras.utils.set_random_seed(0)
    return GuidedAutoencoder(
        dense(5),
        FaderDecoder(5, SHAPE),
        SiameseComparator(dense(4)),
        guidance,
        **options,
    )


def faces(size=24):
    draws = np.random.default_rng(0)
    images = draws.uniform(0, 255, (size, *SHAPE)).astype("float32")
    return images, np.arange(size) % 3


def test_the_other_face_shows_the_same_expression():
    model = autoencoder(seed=3)
    labels = np.append(np.arange(20) % 3, 7)
    drawn = np.array([model._others(labels).numpy() for _ in range(30)])
    assert (labels[drawn] == labels).all()
    rows = np.arange(20)
    assert (drawn[:, :20] != rows).all()
    assert (drawn[:, 20] == 20).all()  # nobody else shows it
    assert all(len(set(drawn[:, row])) >= 5 for row in rows)


@pytest.mark.parametrize("guidance", [0.0, 0.7])
def test_the_loss_by_hand(guidance):
    model = autoencoder(guidance)
    images, labels = faces()
    images[labels == 1] = images[1]  # all others of an expression are equal
    images[labels == 0] = images[0]
    images[labels == 2] = images[2]
    outputs = model(images)
    pair = {"first": outputs["reconstruction"].numpy(), "second": images}
    logits = model.comparator.predict(pair, verbose=0)[:, 0]
    expected = reconstruction_loss(
        images, outputs["reconstruction"]
    ) - guidance / (1 + np.exp(-logits))
    loss = model.compute_loss(images, labels, outputs)
    assert np.isclose(loss, np.mean(expected), rtol=1e-4)
    weights = np.arange(24.0)
    loss = model.compute_loss(images, labels, outputs, weights)
    assert np.isclose(loss, np.mean(weights * expected), rtol=1e-4)


def test_the_comparator_guides_and_stays(tmp_path):
    """Its weights are kept, and what it answers grows."""
    images, labels = faces()

    def trained(guidance):
        model = autoencoder(guidance, seed=0)
        model.compile(keras.optimizers.Adam(3e-3))
        before = [w.copy() for w in model.comparator.get_weights()]
        history = model.fit(
            images, labels, batch_size=8, epochs=12, verbose=0
        ).history
        for one, other in zip(
            before, model.comparator.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)
        return model, history

    _, without = trained(1e-9)
    guided, along = trained(5.0)
    assert without["reconstruction"][-1] < without["reconstruction"][0]
    assert along["guidance"][-1] > along["guidance"][0]
    assert along["guidance"][-1] > without["guidance"][-1] + 0.02
    guided.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    one, other = (
        m.predict(images, verbose=0)["reconstruction"] for m in (guided, loaded)
    )
    np.testing.assert_array_equal(one, other)
    assert not loaded.comparator.trainable_weights


def test_a_plain_one_asks_nobody():
    images, labels = faces()
    model = autoencoder(0.0)
    model.comparator.call = None
    model.compile("adam")
    history = model.fit(images, labels, verbose=0).history
    assert sorted(history) == ["loss", "reconstruction"]


def test_measured_twice_it_is_the_same():
    model = autoencoder(1.0)
    images, labels = faces()
    model.compile("adam")
    one, other = (model.evaluate(images, labels, verbose=0) for _ in range(2))
    assert one == other


def test_refuses():
    with pytest.raises(ValueError, match="`guidance` must .* Received: -1"):
        autoencoder(-1)

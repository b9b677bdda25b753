import keras
import numpy as np
import pytest
from networks import corpus

from keras_fer import analysis
from keras_fer.recipes.features import frozen_features


def network(seed=0, units=5):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((48, 48, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    embedding = keras.layers.Dense(units, name="embedding")(x)
    other = keras.layers.Dense(2, name="other")(embedding)
    return keras.Model(inputs, other)


def darker(model):
    """The same weights behind another normalization."""

    def change(layer):
        config = layer.get_config()
        if layer.name.startswith("rescaling"):
            config["scale"] /= 2
        return layer.from_config(config)

    changed = keras.models.clone_model(model, clone_function=change)
    changed.set_weights(model.get_weights())
    return changed


@pytest.fixture
def computed(monkeypatch):
    """How often features were computed, not read."""
    calls = []
    real = analysis.embeddings

    def counting(*arguments):
        calls.append(1)
        return real(*arguments)

    monkeypatch.setattr(analysis, "embeddings", counting)
    return calls


def test_computed_once_and_read_then(tmp_path, computed):
    model, faces = network(), corpus(14)
    expected = analysis.embeddings(model, faces.images)
    computed.clear()
    for _ in range(3):
        found = frozen_features(model, faces, tmp_path / "cache")
        np.testing.assert_array_equal(found, expected)
    assert len(computed) == 1
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    found = frozen_features(again, faces, tmp_path / "cache")
    np.testing.assert_array_equal(found, expected)
    assert len(computed) == 1


def test_a_damaged_cache_is_made_anew(tmp_path, computed):
    model, faces = network(), corpus(14)
    expected = frozen_features(model, faces, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for damage in (b"", b"nothing", whole[: len(whole) // 2]):
        path.write_bytes(damage)
        found = frozen_features(model, faces, tmp_path)
        np.testing.assert_array_equal(found, expected)
    assert len(computed) == 4 and [*tmp_path.iterdir()] == [path]


def test_stale_where_anything_changed(tmp_path, computed):
    model, faces = network(), corpus(14)
    frozen_features(model, faces, tmp_path)
    changes = [
        (network(seed=1), faces, "embedding"),
        (network(units=6), faces, "embedding"),
        (darker(model), faces, "embedding"),
        (model, corpus(21), "embedding"),
        (model, faces.select(np.arange(14)[::-1]), "embedding"),
        (model, corpus(14, split="test"), "embedding"),
        (model, faces, "other"),
    ]
    for number, (changed, split, layer) in enumerate(changes, start=2):
        found = frozen_features(changed, split, tmp_path, layer)
        expected = changed.predict(split.images, verbose=0)
        if layer == "other":
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        assert len(found) == len(split) and len(computed) == number
    # Other weights and other images stand beside, all else replaces.
    names = sorted(path.name for path in tmp_path.iterdir())
    kinds = [f"{name.split('_')[1]} {name.rsplit('_', 1)[1]}" for name in names]
    assert kinds == [
        "test embedding.npz",
        *["val embedding.npz"] * 5,
        "val other.npz",
    ]

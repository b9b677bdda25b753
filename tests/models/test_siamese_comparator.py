import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer.models import ComparatorEncoder
from keras_fer.models import SiameseComparator


def encoder(features=6):
    keras.utils.set_random_seed(0)
    images = keras.Input((12, 12, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    x = keras.layers.Dense(features, name="embedding")(x)
    return keras.Model(images, keras.layers.Dense(3, name="logits")(x))


def faces(size=8, seed=0):
    draws = np.random.default_rng(seed)
    return draws.uniform(0, 255, (size, 12, 12, 1)).astype("float32")


def test_the_published_extractor():
    """Kernels of 5, 5, 5 and 3 without padding, and three normalizations."""
    model = ComparatorEncoder((64, 64, 1))
    counts = [(1, 6, 5), (6, 10, 5), (10, 14, 5), (14, 18, 3)]
    total = sum(a * b * k * k + b for a, b, k in counts)
    assert model.count_params() == total + 4 * (6 + 10 + 14)
    assert model.get_layer("conv4").output.shape[1:] == (50, 50, 18)


def test_both_faces_go_through_one_encoder():
    model = SiameseComparator(encoder(), layer="embedding")
    body = encoder().get_layer("embedding").count_params()
    assert model.count_params() == body + 6 + 1 + 1
    pair = {"first": faces(), "second": faces(seed=1)}
    answers = model.predict(pair, verbose=0)
    other_way = {"first": pair["second"], "second": pair["first"]}
    np.testing.assert_allclose(
        answers, model.predict(other_way, verbose=0), rtol=1e-4, atol=1e-5
    )
    # By hand: how far directions are apart, and their cosine.
    features = [
        model.get_layer("encoder").predict(x, verbose=0) for x in pair.values()
    ]
    one, other = (
        f / np.linalg.norm(f, axis=1, keepdims=True) for f in features
    )
    cosine = (one * other).sum(axis=1, keepdims=True)
    compared = np.concatenate([np.abs(one - other), cosine], axis=1)
    kernel, bias = model.get_layer("comparison").get_weights()
    expected = compared @ kernel + bias
    np.testing.assert_allclose(answers, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("compare", ["difference", "stacked"])
def test_it_learns_and_saves(compare, tmp_path):
    model = SiameseComparator(
        encoder(12), layer="embedding", compare=compare, dropout_rate=0.1
    )
    bright, dark = faces(16) / 2 + 120, faces(16, 1) / 2
    first = np.concatenate([bright, dark, bright, dark])
    second = np.concatenate([bright[::-1], dark[::-1], dark, bright])
    same = np.repeat([1.0, 1.0, 0.0, 0.0], 16)
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    pair = {"first": first, "second": second}
    loss = model.fit(pair, same, epochs=30, verbose=0).history["loss"]
    assert loss[-1] < 0.7 * loss[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        model.predict(pair, verbose=0), loaded.predict(pair, verbose=0)
    )


def test_the_encoder_exports(tmp_path):
    images = np.random.default_rng(0).uniform(0, 255, (2, 20, 20, 1))
    model = ComparatorEncoder((20, 20, 1))
    check_exports(model, images.astype("float32"), tmp_path)


def test_refuses():
    with pytest.raises(ValueError, match="difference, stacked. .*'sum'"):
        SiameseComparator(encoder(), compare="sum")
    maps = keras.Sequential(
        [keras.Input((12, 12, 1)), keras.layers.Conv2D(2, 3)]
    )
    with pytest.raises(ValueError, match="gives vectors"):
        SiameseComparator(maps)
    with pytest.raises(ValueError, match="as many features. .*6.*5"):
        SiameseComparator(
            encoder(6), second_encoder=encoder(5), layer="embedding"
        )


def test_two_encoders():
    """Each face goes through its own."""
    keras.utils.set_random_seed(1)
    first, second = encoder(), keras.models.clone_model(encoder())
    model = SiameseComparator(first, second_encoder=second, layer="embedding")
    pair = {"first": faces(), "second": faces()}
    answers = model.predict(pair, verbose=0)
    assert np.ptp(answers) > 1e-4  # one encoder would see no difference
    one, other = (
        model.get_layer(name).predict(faces(), verbose=0)
        for name in ("encoder", "second_encoder")
    )
    assert not np.allclose(one, other)
    found = model.get_layer("comparison").predict(
        {"first": one, "second": other}, verbose=0
    )
    np.testing.assert_allclose(found, answers, atol=1e-5)

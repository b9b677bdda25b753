import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer import datasets
from keras_fer import losses
from keras_fer.models import EMMA
from keras_fer.models import compose
from keras_fer.models import emma

BASIC = ("surprise", "fear", "disgust", "happiness", "sadness", "anger")
HEADS = ("logits", "similarity", "cosines", "embedding")


def backbone(features=8):
    keras.utils.set_random_seed(0)
    images = keras.Input((12, 12, 1), name="images")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    x = keras.layers.Dense(features, name="embedding")(x)
    return keras.Model(images, keras.layers.Dense(6, name="logits")(x))


def faces(size=24):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 255, (size, 12, 12, 1)).astype("float32")


@pytest.fixture(scope="module")
def network():
    network = EMMA(backbone(), heads=HEADS)
    draws = np.random.default_rng(1)
    network.get_layer("similarity").set_weights(
        [draws.uniform(0.2, 1, 6) for _ in range(4)]
    )
    return network


def test_equations_2_and_4(network):
    outputs = network.predict(faces(), verbose=0)
    x = outputs["embedding"]
    (vectors,) = network.get_layer("cosines").get_weights()
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    cosines = x @ vectors.T / lengths / np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(outputs["cosines"], cosines, atol=1e-5)
    gamma, beta, mean, variance = network.get_layer("similarity").get_weights()
    similarity = gamma * (cosines - mean) / np.sqrt(variance + 1e-5) + beta
    np.testing.assert_allclose(outputs["similarity"], similarity, atol=1e-4)
    expected = lengths * np.where(similarity > 0, similarity, 0.1 * similarity)
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-3)
    assert (similarity < 0).any() and (similarity > 0).any()


def test_statistics_bring_scores_to_one_scale(network):
    mean, deviation = np.arange(6.0), np.linspace(0.5, 3, 6)
    composed = compose(
        network,
        ("fear-surprise", "sadness-anger"),
        BASIC,
        statistics=(mean, deviation),
    )
    basic = network.predict(faces(), verbose=0)["similarity"]
    scaled = (basic - mean) / deviation
    expected = np.stack(
        [scaled[:, [0, 1]].mean(axis=1), scaled[:, [4, 5]].mean(axis=1)], axis=1
    )
    found = composed.predict(faces(), verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    rows = np.stack([mean, deviation])
    again = compose(
        network, ("fear-surprise", "sadness-anger"), BASIC, statistics=rows
    )
    np.testing.assert_array_equal(again.predict(faces(), verbose=0), found)
    for spoiled in (
        (mean, 0 * deviation),
        (mean[:3], deviation),
        rows[:, :3],
        rows[:, :1],
    ):
        with pytest.raises(ValueError, match="deviations above 0, one a class"):
            compose(network, ("fear-surprise",), BASIC, statistics=spoiled)


def test_a_frozen_backbone_stays_as_it_is():
    """Its batch normalization too."""
    keras.utils.set_random_seed(0)
    images = keras.Input((12, 12, 1))
    x = keras.layers.Dense(8)(keras.layers.Flatten()(images))
    x = keras.layers.BatchNormalization(name="embedding")(x)
    frozen = keras.Model(images, x)
    frozen.trainable = False
    model = EMMA(frozen, 3, negative_slope=1.0)
    assert [w.path for w in model.trainable_weights] == [
        "cosines/vectors",
        "similarity/gamma",
        "similarity/beta",
    ]
    before = [w.copy() for w in frozen.get_weights()]
    model.compile(keras.optimizers.Adam(0.1), losses.ConstrainedAngleLoss())
    model.fit(faces(), np.arange(24) % 3, verbose=0)
    for one, other in zip(before, frozen.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_trains_in_fit(tmp_path):
    keras.utils.set_random_seed(0)
    model = EMMA(backbone(), 3, dropout_rate=0.2)
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), softmax)
    history = model.fit(faces(), np.arange(24) % 3, epochs=30, verbose=0)
    loss = history.history["loss"]
    assert np.isfinite(loss).all() and loss[-1] < 0.9 * loss[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        model.predict(faces(), verbose=0), loaded.predict(faces(), verbose=0)
    )


def test_slope_1_under_the_loss_is_the_same_as_the_slope_inside():
    inside = EMMA(backbone(), negative_slope=0.3, dropout_rate=0.0)
    outside = EMMA(backbone(), negative_slope=1.0, dropout_rate=0.0)
    outside.set_weights(inside.get_weights())
    labels = np.arange(24) % 6
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    constrained = losses.ConstrainedAngleLoss(0.3)
    assert np.isclose(
        softmax(labels, inside(faces())), constrained(labels, outside(faces()))
    )


def test_the_length_is_that_of_the_dropped_features():
    model = EMMA(backbone(64), dropout_rate=0.5, heads=("logits", "similarity"))
    parts = keras.Model(
        model.input, [model.get_layer("dropout").output, model.output]
    )
    dropped, outputs = parts(faces(), training=True)
    length = np.linalg.norm(dropped, axis=1, keepdims=True)
    similarity = outputs["similarity"].numpy()
    expected = length * np.where(similarity > 0, similarity, 0.1 * similarity)
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-3)
    assert 0.3 < (dropped.numpy() == 0).mean() < 0.7


def test_backbones_of_other_kinds():
    sequential = keras.Sequential(
        [
            keras.Input((12, 12, 1), dtype="uint8"),
            keras.layers.Flatten(),
            keras.layers.Dense(8, name="embedding"),
        ]
    )
    for layer in ("embedding", None):
        model = EMMA(sequential, layer=layer)
        assert model.inputs[0].dtype == "uint8"
        found = model.predict(faces().astype("uint8"), verbose=0)
        assert found.shape == (24, 6)
    composed = compose(model, ("fear-surprise",), BASIC)
    assert composed.input_shape == (None, 12, 12, 1)


def test_cached_features():
    features = keras.Input((8,))
    model = EMMA(keras.Model(features, features), layer=None)
    assert model.input_shape == (None, 8) and model.output_shape == (None, 6)


def test_compose_by_a_loop(network):
    mine = {
        "nostalgia": {"happiness": 0.5, "sadness": 0.5},
        "awe": {"fear": 0.25, "surprise": 0.75},
    }
    composed = compose(network, mine, BASIC)
    basic = network.predict(faces(), verbose=0)["similarity"]
    found = composed.predict(faces(), verbose=0)
    for row, scores in zip(found, basic, strict=True):
        scores = dict(zip(BASIC, scores, strict=True))
        nostalgia = (scores["happiness"] + scores["sadness"]) / 2
        awe = 0.25 * scores["fear"] + 0.75 * scores["surprise"]
        np.testing.assert_allclose(row, [nostalgia, awe], rtol=1e-4)
    assert composed.get_layer("compounds").trainable_weights == []


@pytest.mark.parametrize(
    "pairs",
    [
        datasets.raf_db.COMPOUND_INFO.classes,
        datasets.ferplus.COMPOUND_INFO.classes,
    ],
)
def test_the_published_pairs(network, pairs):
    """Each is a half of both that its name says."""
    basic = network.predict(faces(), verbose=0)["similarity"]
    expected = np.stack(
        [
            basic[:, [BASIC.index(part) for part in pair.split("-")]].mean(1)
            for pair in pairs
        ],
        axis=1,
    )
    composed = compose(network, pairs, BASIC)
    found = composed.predict(faces(), verbose=0)
    assert found.shape == (24, 11)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_logits_and_probabilities_of_any_network():
    plain = backbone()
    logits = plain.predict(faces(), verbose=0)
    pairs = ("fear-surprise", "sadness-anger")
    found = compose(plain, pairs, BASIC, head="logits")
    places = [[1, 0], [4, 5]]
    expected = np.stack([logits[:, p].mean(1) for p in places], axis=1)
    np.testing.assert_allclose(
        found.predict(faces(), verbose=0), expected, rtol=1e-4, atol=1e-5
    )
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    found = compose(plain, pairs, BASIC, head="probabilities")
    expected = np.stack([shares[:, p].mean(1) for p in places], axis=1)
    np.testing.assert_allclose(
        found.predict(faces(), verbose=0), expected, rtol=1e-4
    )


def test_composed_it_exports(network, tmp_path):
    composed = compose(network, ("fear-surprise", "sadness-anger"), BASIC)
    composed.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        composed.predict(faces(), verbose=0), loaded.predict(faces(), verbose=0)
    )
    check_exports(composed, faces(4), tmp_path)


def test_refuses(network):
    for options, message in (
        ({"num_classes": 1}, "`num_classes` must be at least 2"),
        ({"heads": ("angles",)}, "`heads` must be a tuple of any of"),
        ({"negative_slope": 2}, "`negative_slope` must be from 0 to 1"),
        ({"layer": "images"}, "expected a layer of vectors. Received: images"),
    ):
        with pytest.raises(ValueError, match=message):
            EMMA(backbone(), **options)
    for mixture, message in (
        ({"a": {"calm": 1.0}}, "'calm' is no class of the network: surprise"),
        ({"a": {"fear": 0.7}}, "weights of 'a' must be positive and sum to 1"),
        ({"a": {"fear": 1.5, "anger": -0.5}}, "must be positive and sum to 1"),
        ({"a": {}}, "weights of 'a' must be positive"),
    ):
        with pytest.raises(ValueError, match=message):
            emma.coupling_matrix(mixture, BASIC)
    one = backbone()
    two = keras.Model(
        one.input, [one.output, one.get_layer("embedding").output]
    )
    with pytest.raises(ValueError, match="one output. Received: 1 and 2"):
        EMMA(two, layer=None)
    for pairs in ((), ("fear-anger", "fear-anger")):
        with pytest.raises(ValueError, match="at least one, and each once"):
            compose(network, pairs, BASIC)
    with pytest.raises(ValueError, match="by two classes.*'surprise'"):
        compose(network, ("surprise",), BASIC)
    with pytest.raises(ValueError, match="layer of 3 numbers.*similarity"):
        compose(network, ("fear-surprise",), BASIC[:3])

import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer import analysis
from keras_fer import losses
from keras_fer.models import CAKE
from keras_fer.models import CAKENetwork

DOMAINS = {"large": 4, "small": 3}


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"k": 3}, 1623),
        ({"k": 2}, 1089),
        ({"k": 1, "valence_arousal": True}, 597),
        ({"k": 0, "valence_arousal": True}, 63),
        ({"k": 512}, 512 * 513 + 3 * 7 * 513),
        ({"k": 3, "normalize": True}, 1623),
    ],
)
def test_parameters(options, count):
    """The counts of figure 3: what is trained on frozen features."""
    model = CAKE(**options)
    assert model.count_params() == count
    assert len(model.trainable_weights) == len(model.weights)


def inputs_of(model, size=6):
    draws = np.random.default_rng(0)
    shapes = {x.name: x.shape[1:] for x in model.inputs}
    found = {k: draws.normal(size=(size, *s)) for k, s in shapes.items()}
    return found if len(found) > 1 else next(iter(found.values()))


def test_heads_are_parts_of_one_another():
    heads = ("logits", "embedding", "small", "large")
    model = CAKE(2, DOMAINS, features_dim=8, heads=heads)
    features = inputs_of(model)
    out = model.predict(features, verbose=0)
    both = np.concatenate([out["large"], out["small"]], axis=1)
    np.testing.assert_array_equal(out["logits"], both)
    kernel, bias = model.get_layer("compact").get_weights()
    np.testing.assert_allclose(
        out["embedding"], features @ kernel + bias, rtol=1e-4, atol=1e-5
    )
    kernel, bias = model.get_layer("classifier_small").get_weights()
    np.testing.assert_allclose(
        out["small"], out["embedding"] @ kernel + bias, rtol=1e-4, atol=1e-5
    )


def test_valence_and_arousal_come_first():
    model = CAKE(
        2, DOMAINS, features_dim=8, valence_arousal=True, heads=("embedding",)
    )
    inputs = inputs_of(model)
    embedding = model.predict(inputs, verbose=0)
    assert embedding.shape == (6, 4)
    np.testing.assert_allclose(
        embedding[:, :2], inputs["valence_arousal"], rtol=1e-6
    )
    alone = CAKE(0, DOMAINS, valence_arousal=True, heads=("embedding",))
    values = inputs_of(alone)
    assert values.shape == (6, 2)
    np.testing.assert_allclose(alone.predict(values, verbose=0), values, 1e-6)


def test_normalized_it_lies_on_the_sphere():
    model = CAKE(3, DOMAINS, normalize=True, heads=("embedding",))
    radius = np.linalg.norm(model.predict(inputs_of(model), verbose=0), axis=1)
    np.testing.assert_allclose(radius, 1, rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [{"k": 3}, {"k": 2, "normalize": True}, {"k": 1, "valence_arousal": True}],
)
def test_saved_loaded_trained(options, tmp_path):
    keras.utils.set_random_seed(0)
    model = CAKE(domains=DOMAINS, features_dim=8, **options)
    inputs = inputs_of(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        model.predict(inputs, verbose=0), loaded.predict(inputs, verbose=0)
    )
    counts = {"large": [9, 5, 6, 7], "small": [3, 0, 2]}
    targets = np.array([[0, 0], [0, 1], [0, 3], [1, 0], [1, 2], [1, 2]])
    model.compile("adam", losses.MultiDomainCrossentropy(counts))
    history = model.fit(inputs, targets, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_exports(tmp_path):
    model = CAKE(3, DOMAINS, features_dim=8, normalize=True)
    inputs = inputs_of(model).astype("float32")
    check_exports(model, inputs, tmp_path)


def backbone(seed, heads=("embedding", "valence_arousal")):
    keras.utils.set_random_seed(seed)
    images = keras.Input((8, 8, 1), name="images")
    x = keras.layers.Flatten()(images)
    parts = [
        keras.layers.Dense(size, name=head)(x)
        for head, size in zip(heads, (8, 2), strict=False)
    ]
    return keras.Model(images, keras.layers.Concatenate()(parts))


def test_behind_the_networks_it_was_trained_on(tmp_path):
    one, other = backbone(0), backbone(1)
    images = np.random.default_rng(0).normal(size=(5, 8, 8, 1))
    images = images.astype("float32")
    features = one.predict(images, verbose=0)[:, :8]
    affect = other.predict(images, verbose=0)[:, 8:]
    options = {"domains": DOMAINS, "features_dim": 8}
    heads = ("embedding", "small")
    for given, cake in (
        (features, CAKE(3, heads=heads, **options)),
        (
            {"features": features, "valence_arousal": affect},
            CAKE(1, heads=heads, valence_arousal=True, **options),
        ),
        (affect, CAKE(0, heads=heads, valence_arousal=True, **options)),
    ):
        network = CAKENetwork(one, cake, affect_backbone=other)
        parts = [x for x in network.layers if isinstance(x, keras.Model)]
        assert len(parts) == 1 + len(cake.inputs)
        found = network.predict(images, verbose=0)
        expected = cake.predict(given, verbose=0)
        for head in heads:
            np.testing.assert_allclose(
                found[head], expected[head], rtol=1e-4, atol=1e-5
            )
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    again = loaded.predict(images, verbose=0)
    np.testing.assert_array_equal(again["small"], found["small"])
    whole = CAKENetwork(one, CAKE(3, **options), affect_backbone=other)
    check_exports(whole, images, tmp_path)


def test_one_network_for_both_parts_runs_once():
    one = backbone(0)
    cake = CAKE(1, DOMAINS, features_dim=8, valence_arousal=True)
    network = CAKENetwork(one, cake)
    assert len([x for x in network.layers if isinstance(x, keras.Model)]) == 2
    images = np.random.default_rng(0).normal(size=(5, 8, 8, 1))
    both = one.predict(images, verbose=0)
    given = {"features": both[:, :8], "valence_arousal": both[:, 8:]}
    np.testing.assert_allclose(
        network.predict(images, verbose=0),
        cake.predict(given, verbose=0),
        rtol=1e-4,
        atol=1e-5,
    )


def test_networks_that_do_not_fit():
    small = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    cake = CAKE(1, DOMAINS, features_dim=8, valence_arousal=True)
    with pytest.raises(ValueError, match="same images. Received: .*8, 8.*4, 4"):
        CAKENetwork(backbone(0), cake, affect_backbone=small)
    with pytest.raises(ValueError, match="valence_arousal"):
        CAKENetwork(backbone(0, heads=("embedding",)), cake)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "at least 1, .* Received: k=0"),
        ({"k": -1, "valence_arousal": True}, "Received: k=-1"),
        ({"domains": {"a": 1}}, "at least 2 expressions each"),
        ({"domains": {"embedding": 7}}, "other names than logits"),
        ({"heads": ("affect",)}, "any of logits, embedding, affectnet"),
        ({"heads": "logits"}, "must be a tuple"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CAKE(**options)


def test_cached_features_give_the_weights_of_the_whole(tmp_path):
    """A few steps on frozen features, and through the frozen network."""
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 1), name="images")
    x = keras.layers.Conv2D(4, 3)(images)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    x = keras.layers.Dense(2)(keras.layers.Dropout(0.5)(x))
    frozen = keras.Model(images, x)
    frozen.get_layer("norm").set_weights(
        [np.full(4, v) for v in (2.0, 0.5, -0.3, 0.7)]
    )
    frozen.trainable = False
    before = frozen.get_weights()
    faces = np.random.default_rng(0).normal(size=(24, 8, 8, 1))
    targets = np.stack([np.arange(24) % 2, np.arange(24) % 3], axis=1)
    counts = {"large": [3, 3, 3, 3], "small": [4, 4, 4]}
    weights = []
    for through in (False, True):
        keras.utils.set_random_seed(1)
        cake = CAKE(3, DOMAINS, features_dim=4)
        start = cake.get_weights()
        model, inputs = cake, analysis.embeddings(frozen, faces)
        if through:
            model, inputs = CAKENetwork(frozen, cake), faces
        model.compile(
            keras.optimizers.SGD(0.1), losses.MultiDomainCrossentropy(counts)
        )
        model.fit(
            inputs, targets, batch_size=8, epochs=3, shuffle=False, verbose=0
        )
        weights.append(cake.get_weights())
        assert (start[0] != weights[-1][0]).all()
    for cached, whole in zip(*weights, strict=True):
        np.testing.assert_allclose(cached, whole, rtol=1e-4, atol=1e-5)
    for now, then in zip(frozen.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)

import keras
import numpy as np
import pytest

from keras_fer.trainers import CoupledSGD


def published_rule(weight, gradients, rate, momentum, decay):
    """v = .9 v - decay lr w - lr g, w = w + v, as in the published code."""
    velocity = 0
    for gradient in gradients:
        velocity = momentum * velocity - decay * rate * weight - rate * gradient
        weight = weight + velocity
    return weight


def test_equals_the_published_rule_on_weights_and_biases():
    draws = np.random.default_rng(0)
    start = [draws.normal(size=(3, 2)), draws.normal(size=2)]
    gradients = [draws.normal(size=(5, *w.shape)) for w in start]
    variables = [keras.Variable(w, dtype="float32") for w in start]
    optimizer = CoupledSGD(0.1, momentum=0.9, coupled_weight_decay=0.3)
    optimizer.build(variables)
    for step in range(5):
        optimizer.apply(
            [keras.ops.convert_to_tensor(g[step], "float32") for g in gradients]
        )
    for variable, w, g in zip(variables, start, gradients, strict=True):
        expected = published_rule(w, g, 0.1, 0.9, 0.3)
        np.testing.assert_allclose(variable, expected, rtol=1e-4, atol=1e-5)


def test_differs_from_the_decoupled_decay_of_keras():
    results = []
    for optimizer in (
        CoupledSGD(0.1, momentum=0.9, coupled_weight_decay=0.3),
        keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.3),
    ):
        weight = keras.Variable([1.0])
        optimizer.build([weight])
        for _ in range(3):
            optimizer.apply([keras.ops.convert_to_tensor([0.0])])
        results.append(float(weight[0]))
    assert results[0] != pytest.approx(results[1], rel=0.05)


def test_config_round_trip():
    optimizer = CoupledSGD(0.1, momentum=0.8, coupled_weight_decay=1e-5)
    config = keras.optimizers.serialize(optimizer)
    again = keras.optimizers.deserialize(config)
    assert keras.optimizers.serialize(again) == config
    assert again.coupled_weight_decay == 1e-5
    assert config["registered_name"] == "keras_fer>CoupledSGD"


def test_saved_with_a_model(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(CoupledSGD(coupled_weight_decay=1e-3), "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.coupled_weight_decay == 1e-3
    assert int(loaded.optimizer.iterations) == 1

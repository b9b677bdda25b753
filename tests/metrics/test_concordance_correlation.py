import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_fer.metrics import ConcordanceCorrelation

DRAWS = np.random.default_rng(0)
TRUE = DRAWS.uniform(-1, 1, (100, 2))
ANSWERS = 0.5 * TRUE + DRAWS.normal(0, 0.2, (100, 2)) + [0.3, 0]


def lin(x, y):
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    return 2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)


EACH = [lin(TRUE[:, k], ANSWERS[:, k]) for k in (0, 1)]


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_over_all_batches(batch):
    metrics = [ConcordanceCorrelation(column) for column in (0, 1, None)]
    for start in range(0, 100, batch):
        rows = slice(start, start + batch)
        for metric in metrics:
            metric.update_state(TRUE[rows], ANSWERS[rows])
    expected = [*EACH, np.mean(EACH)]
    np.testing.assert_allclose([m.result() for m in metrics], expected, 1e-4)
    metrics[0].reset_state()
    assert float(metrics[0].result()) == 0
    metrics[0].update_state(TRUE, TRUE)
    assert np.isclose(metrics[0].result(), 1)


def test_a_weight_of_two_is_two_samples():
    weights = np.arange(100) % 3
    one, other = ConcordanceCorrelation(), ConcordanceCorrelation()
    for start in (0, 50):
        rows = slice(start, start + 50)
        one.update_state(TRUE[rows], ANSWERS[rows], weights[rows])
    other.update_state(TRUE.repeat(weights, 0), ANSWERS.repeat(weights, 0))
    np.testing.assert_allclose(one.result(), other.result(), rtol=1e-5)


def test_far_from_zero_it_keeps_its_digits():
    metric = ConcordanceCorrelation()
    for start in range(0, 100, 10):
        rows = slice(start, start + 10)
        metric.update_state(TRUE[rows] + 100, ANSWERS[rows] + 100)
    np.testing.assert_allclose(metric.result(), np.mean(EACH), rtol=1e-3)


@pytest.mark.slow
def test_parts_on_several_devices_add_up():
    """A script of its own: devices are made before TensorFlow starts."""
    script = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
import keras, numpy as np
from keras_fer.metrics import ConcordanceCorrelation
draws = np.random.default_rng(0)
true = draws.uniform(-1, 1, (64, 2)).astype("float32")
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=[ConcordanceCorrelation(name="ccc")])
answers = model.predict(true, verbose=0)
metric = ConcordanceCorrelation()
metric.update_state(true, answers)
found = model.evaluate(true, true, verbose=0, return_dict=True)["ccc"]
assert abs(found - float(metric.result())) < 1e-4, (found, metric.result())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_what_never_varies_has_none():
    metric = ConcordanceCorrelation()
    assert float(metric.result()) == 0
    metric.update_state(np.ones((5, 2)), np.ones((5, 2)))
    assert float(metric.result()) == 0


def test_in_compile_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=[ConcordanceCorrelation(name="ccc")])
    model.fit(TRUE, TRUE, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    scores = loaded.evaluate(TRUE, TRUE, verbose=0, return_dict=True)
    answers = loaded.predict(TRUE, verbose=0)
    expected = np.mean([lin(TRUE[:, k], answers[:, k]) for k in (0, 1)])
    assert np.isclose(scores["ccc"], expected, rtol=1e-3)
    config = ConcordanceCorrelation(1, name="arousal").get_config()
    assert ConcordanceCorrelation.from_config(config).column == 1

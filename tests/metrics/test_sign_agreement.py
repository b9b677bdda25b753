import keras
import numpy as np
import pytest

from keras_fer.metrics import SignAgreement

TRUE = np.array([[0.5, -0.2], [0.1, 0.3], [-0.4, 0.0], [-0.1, 0.9]])
ANSWERS = np.array([[0.1, -0.9], [-0.1, 0.3], [-0.2, 0.0], [0.3, 0.1]])


def test_by_hand():
    values = []
    for column in (0, 1, None):
        metric = SignAgreement(column)
        metric.update_state(TRUE[:3], ANSWERS[:3])
        metric.update_state(TRUE[3:], ANSWERS[3:])
        values.append(float(metric.result()))
    assert values == [0.5, 1.0, 0.75]


def test_weights():
    metric = SignAgreement(0)
    metric.update_state(TRUE, ANSWERS, [3, 1, 0, 0])
    assert float(metric.result()) == 0.75


def test_in_compile_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile(
        "sgd",
        "mse",
        metrics=[SignAgreement(1, name="arousal"), SignAgreement()],
    )
    model.fit(TRUE, TRUE, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    scores = loaded.evaluate(TRUE, TRUE, verbose=0, return_dict=True)
    answers = loaded.predict(TRUE, verbose=0)
    expected = (np.sign(TRUE) == np.sign(answers)).mean(axis=0)
    assert scores["arousal"] == expected[1]
    assert scores["sign_agreement"] == pytest.approx(expected.mean())

"""What every loss does: weights, precision, training, config."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer import losses

LABELS = np.arange(12) % 4
VALUES = np.random.default_rng(2).uniform(0, 2, (4, 5))[LABELS]
PAIRS = np.stack([LABELS // 2, LABELS % 2], axis=1)
COUNTS = {"a": (30, 10), "b": (5, 4, 0)}
LOSSES = {
    "AffinityLoss": (losses.AffinityLoss, {}, LABELS),
    "AngularMarginLoss": (
        losses.AngularMarginLoss,
        {"scale": 2.0, "cosine": 0.4},
        LABELS,
    ),
    "AttentionLoss": (losses.AttentionLoss, {}, LABELS),
    "CenterLoss": (losses.CenterLoss, {}, LABELS),
    "ConcordanceLoss": (losses.ConcordanceLoss, {}, VALUES),
    "ConstrainedAngleLoss": (
        losses.ConstrainedAngleLoss,
        {"negative_slope": 0.1},
        LABELS,
    ),
    "ContrastiveLoss": (losses.ContrastiveLoss, {"margin": 5.0}, LABELS // 2),
    "MultiDomainCrossentropy": (
        losses.MultiDomainCrossentropy,
        {"counts": COUNTS},
        PAIRS,
    ),
    "PartitionLoss": (losses.PartitionLoss, {}, LABELS),
    "SupervisedContrastiveLoss": (
        losses.SupervisedContrastiveLoss,
        {"temperature": 0.5},
        LABELS,
    ),
    "TripletCenterLoss": (losses.TripletCenterLoss, {"margin": 3.0}, LABELS),
    "TripletLoss": (losses.TripletLoss, {"margin": 0.7}, LABELS),
}
every = pytest.mark.parametrize(
    ("kind", "options", "targets"), LOSSES.values(), ids=LOSSES
)


def columns_of(kind):
    """Numbers a face: of pairs there is a distance."""
    return 1 if kind is losses.ContrastiveLoss else 5


def batch(kind):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 8, (12, columns_of(kind))).astype("float32")


def test_every_loss_is_here():
    assert set(losses.__all__) == set(LOSSES)


@every
def test_mean_of_one_value_a_face(kind, options, targets):
    predicted = batch(kind)
    each = kind(**options, reduction="none")(targets, predicted).numpy()
    assert each.shape == (12,) and (each >= 0).all() and each.max() > 0
    assert np.isclose(kind(**options)(targets, predicted), each.mean())
    summed = kind(**options, reduction="sum")(targets, predicted)
    assert np.isclose(summed, each.sum())
    if targets.ndim == 1:  # as `fit` may give it
        column = kind(**options)(targets[:, None], predicted)
        assert np.isclose(column, each.mean())


@every
def test_sample_weights(kind, options, targets):
    predicted = batch(kind)
    each = kind(**options, reduction="none")(targets, predicted).numpy()
    weights = np.linspace(0, 2, 12).astype("float32")
    weighted = kind(**options, reduction="sum")(
        targets, predicted, sample_weight=weights
    )
    assert np.isclose(weighted, (weights * each).sum(), rtol=1e-5)


@every
def test_float16(kind, options, targets):
    predicted = batch(kind)
    loss = kind(**options)
    half = loss(targets, tf.constant(predicted, "float16"))
    assert np.isclose(half, loss(targets, predicted), rtol=1e-2)
    large = loss(targets, tf.constant(100 * predicted, "float16"))
    assert np.isfinite(large)


@every
def test_gradient_by_finite_differences(kind, options, targets):
    predicted = batch(kind)
    loss = kind(**options)
    values = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        total = loss(targets, values)
    gradient = tape.gradient(total, values).numpy()
    allowed = 0.1 * np.abs(gradient).max()
    assert allowed > 0
    draws = np.random.default_rng(1)
    for _ in range(20):
        row, column = draws.integers(12), draws.integers(columns_of(kind))
        moved = []
        for step in (1e-3, -1e-3):
            other = predicted.copy()
            other[row, column] += step
            moved.append(float(loss(targets, other)))
        slope = (moved[0] - moved[1]) / 2e-3
        # Where another pair becomes the hardest, the slope has a step.
        bends = abs(sum(moved) - 2 * float(loss(targets, predicted))) > 1e-5
        assert bends or np.isclose(
            gradient[row, column], slope, atol=min(allowed, 5e-3)
        )


@every
def test_config_round_trip(kind, options, targets):
    loss = kind(**options)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is kind and again.get_config() == loss.get_config()


@every
def test_it_trains_in_compile_and_fit(kind, options, targets):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    model = keras.Model(
        inputs, keras.layers.Dense(columns_of(kind), "softplus")(inputs)
    )
    model.compile(keras.optimizers.Adam(0.1), kind(**options))
    features = np.eye(6)[LABELS] + 0.1
    history = model.fit(features, targets, epochs=16, verbose=0).history["loss"]
    assert history[-1] < 0.8 * history[0]

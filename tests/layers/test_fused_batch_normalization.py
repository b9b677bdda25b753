import keras
import numpy as np
import pytest
import tensorflow as tf
from contracts import check_layer

from keras_fer.layers import FusedBatchNormalization


def maps(*shape):
    return np.random.default_rng(0).normal(3, 2, shape).astype("float32")


@pytest.mark.parametrize("shape", [(4, 6, 7, 3), (4, 1, 1, 3), (4, 5)])
def test_contract(shape, tmp_path):
    exports = len(shape) == 4 and shape[1] > 1
    check_layer(FusedBatchNormalization(), shape, shape, tmp_path, exports)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((8, 5, 6, 4), {}),
        ((8, 5, 6, 4), {"momentum": 0.6, "epsilon": 1e-2}),
        ((8, 5, 6, 4), {"scale": False, "center": False}),
        ((8, 5, 6, 4), {"axis": 1}),
        ((8, 5, 6, 4), {"renorm": True}),
        ((8, 5, 6, 4), {"trainable": False}),
        ((8, 5, 6, 4), {"dtype": "float64"}),
        ((8, 5, 6, 4), {"dtype": "float16"}),
        ((8, 5, 6, 4), {"dtype": "bfloat16"}),
        ((8, 4), {}),
    ],
)
def test_it_is_the_layer_of_keras(shape, options):
    layers = [
        make(**options)
        for make in (keras.layers.BatchNormalization, FusedBatchNormalization)
    ]
    draws = np.random.default_rng(1)
    found = []
    for layer in layers:
        layer.build(shape)
    for weight, other in zip(*(x.weights for x in layers), strict=True):
        value = draws.uniform(0.5, 2, weight.shape)
        weight.assign(value)
        other.assign(value)
    for layer in layers:
        inputs = tf.constant(maps(*shape), layer.compute_dtype)

        @tf.function(jit_compile=not options)
        def step(inputs, layer=layer):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                outputs = layer(inputs, training=True)
                loss = tf.reduce_sum(tf.sin(outputs))
            wanted = [inputs, *(v.value for v in layer.trainable_variables)]
            return outputs, *tape.gradient(loss, wanted)

        found.append(
            [*step(inputs), *layer.weights, layer(inputs, training=False)]
        )
    coarse = options.get("dtype") in ("float16", "bfloat16")
    close = 0.2 if coarse else 1e-4
    for one, other in zip(*found, strict=True):
        one, other = (np.asarray(x, "float32") for x in (one, other))
        np.testing.assert_allclose(one, other, rtol=close, atol=close)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float64"])
def test_other_kinds_of_numbers_are_left_to_keras(dtype):
    inputs = tf.constant(maps(4, 3, 3, 2), tf.as_dtype(dtype))
    layers = keras.layers.BatchNormalization, FusedBatchNormalization
    one, other = (
        make(autocast=False)(inputs, training=True) for make in layers
    )
    np.testing.assert_allclose(one, other)


def test_masked_places_do_not_count():
    inputs, mask = maps(2, 3, 3, 1), np.ones((2, 3, 3), bool)
    mask[:, 0] = False
    layers = keras.layers.BatchNormalization(), FusedBatchNormalization()
    one, other = (x(inputs, training=True, mask=mask) for x in layers)
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_training_step_is_one_operation():
    layer = FusedBatchNormalization()
    step = tf.function(lambda x: layer(x, training=True))
    graph = step.get_concrete_function(tf.TensorSpec((8, 5, 6, 4))).graph
    kinds = [operation.type for operation in graph.get_operations()]
    assert kinds.count("FusedBatchNormV3") == 1
    assert "SquaredDifference" not in kinds


@pytest.mark.parametrize("channels", [2, 16])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_normalized_in_float32(policy, channels):
    inputs = 300 * maps(16, 8, 8, channels)
    layers = keras.layers.BatchNormalization, FusedBatchNormalization
    one, other = (
        np.asarray(make(dtype=policy)(inputs, training=True), "float32")
        for make in layers
    )
    np.testing.assert_allclose(one, other, atol=0.02)
    assert abs(other.std() - 1) < 0.01

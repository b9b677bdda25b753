import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from keras_fer import analysis
from keras_fer import models


def convolution(kernel, **options):
    """A convolution of 3×3 without biases, as given, (3, 3, in, out)."""
    layer = keras.layers.Conv2D(
        kernel.shape[-1],
        3,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(kernel),
        **options,
    )
    return layer


class ReluInside(keras.layers.Layer):
    """A ReLU that no attribute of the layer tells of."""

    def call(self, inputs):
        return ops.relu(inputs)


KERNELS = [
    np.random.default_rng(seed).normal(size=shape).round(1)
    for seed, shape in enumerate([(3, 3, 1, 2), (3, 3, 2, 3), (3, 3, 3, 4)])
]


def build(relu, name="net"):
    """conv, ReLU, pool, conv, ReLU, pool, conv, ReLU: filters 2, 3, 4."""
    inputs = keras.Input((8, 8, 1))
    x = inputs
    for index, kernel in enumerate(KERNELS):
        options = {"activation": "relu"} if relu == "activation" else {}
        x = convolution(kernel, name=f"conv{index}", **options)(x)
        if relu != "activation":
            x = {
                "layer": keras.layers.ReLU,
                "Activation": lambda name: keras.layers.Activation(
                    "relu", name=name
                ),
                "inside": ReluInside,
            }[relu](name=f"relu{index}")(x)
        if index < 2:
            x = keras.layers.MaxPooling2D(name=f"pool{index}")(x)
    return keras.Model(inputs, x, name=name)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = build("activation", name="inner")
        self.head = keras.layers.Dense(2)

    def call(self, inputs):
        return self.head(ops.mean(self.inner(inputs / 2), axis=(1, 2)))


def nested():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Rescaling(0.5, name="half")(inputs)
    x = build("activation", name="inner")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(2)(x))


IMAGES = np.random.default_rng(9).normal(size=(5, 8, 8, 1)).round(1)


def by_loops(image, filter_, method):
    """Forward and back again with nothing but loops over pixels."""
    maps, switches, x = [], [], image
    for index, kernel in enumerate(KERNELS):
        height, width = x.shape[:2]
        y = np.zeros((height, width, kernel.shape[-1]))
        for r, c, o in np.ndindex(y.shape):
            for i, j, k in np.ndindex(kernel.shape[:3]):
                a, b = r + i - 1, c + j - 1
                if 0 <= a < height and 0 <= b < width:
                    y[r, c, o] += x[a, b, k] * kernel[i, j, k, o]
        maps.append(y)
        x = y * (y > 0)
        if index < 2:
            pooled = np.zeros((height // 2, width // 2, y.shape[2]))
            places = {}
            for r, c, o in np.ndindex(pooled.shape):
                window = x[2 * r : 2 * r + 2, 2 * c : 2 * c + 2, o]
                i, j = np.unravel_index(window.argmax(), (2, 2))
                places[r, c, o] = 2 * r + i, 2 * c + j
                pooled[r, c, o] = window[i, j]
            switches.append(places)
            x = pooled
    signal = np.zeros_like(x)
    place = np.unravel_index(x[..., filter_].argmax(), x.shape[:2])
    signal[(*place, filter_)] = x[(*place, filter_)]
    for index in (2, 1, 0):
        if index < 2:
            up = np.zeros_like(maps[index])
            for (r, c, o), (a, b) in switches[index].items():
                up[a, b, o] += signal[r, c, o]
            signal = up
        if method in ("guided", "backpropagation"):
            signal = signal * (maps[index] > 0)
        if method in ("guided", "deconvolution"):
            signal = signal * (signal > 0)
        kernel = KERNELS[index]
        down = np.zeros((*signal.shape[:2], kernel.shape[2]))
        for r, c, o in np.ndindex(signal.shape):
            for i, j, k in np.ndindex(kernel.shape[:3]):
                a, b = r + i - 1, c + j - 1
                if 0 <= a < down.shape[0] and 0 <= b < down.shape[1]:
                    down[a, b, k] += signal[r, c, o] * kernel[i, j, k, o]
        signal = down
    return signal


@pytest.mark.parametrize(
    "relu", ["activation", "layer", "Activation", "inside"]
)
@pytest.mark.parametrize(
    "method", ["guided", "deconvolution", "backpropagation"]
)
def test_against_loops(relu, method):
    model = build(relu)
    layer = "conv2" if relu == "activation" else "relu2"
    filters = [0, 1, 2, 3, 1]
    patterns = analysis.guided_backpropagation(
        model, IMAGES, layer, filters, method=method, batch_size=2
    )
    for image, filter_, pattern in zip(IMAGES, filters, patterns, strict=True):
        expected = by_loops(image, filter_, method)
        np.testing.assert_allclose(pattern, expected, atol=1e-4)
    assert np.abs(patterns).max() > 0.1


def test_by_hand():
    """One row of three pixels, two filters that see one pixel each.

    x = (2, -1, 3). The first layer gives u = relu(x) and v = relu(-x), the
    second y = relu(2u - v) = (4, 0, 6). The strongest is the third, 6: back
    through its ReLU to u and v at that place come 2·6 and -1·6. There u = 3
    was let through, v = 0 was not.
    """
    inputs = keras.Input((1, 3, 1))
    x = keras.layers.Conv2D(2, 1, use_bias=False, activation="relu")(inputs)
    x = keras.layers.Conv2D(
        1, 1, use_bias=False, activation="relu", name="top"
    )(x)
    model = keras.Model(inputs, x)
    model.set_weights(
        [
            np.array([1.0, -1.0]).reshape(1, 1, 1, 2),
            np.array([2.0, -1.0]).reshape(1, 1, 2, 1),
        ]
    )
    image = np.array([2.0, -1.0, 3.0]).reshape(1, 1, 3, 1)
    expected = {
        "guided": [0, 0, 12],  # v: stopped twice
        "deconvolution": [0, 0, 12],  # v: its signal is negative
        "backpropagation": [0, 0, 12],  # v: had let nothing through
    }
    for method, values in expected.items():
        found = analysis.guided_backpropagation(
            model, image, "top", 0, method=method
        )
        assert found.ravel().tolist() == values
    # With y = relu(2u + v), v's signal is positive although v was silent:
    # deconvolution passes it on (times -1), the others do not.
    model.layers[-1].set_weights([np.array([2.0, 1.0]).reshape(1, 1, 2, 1)])
    expected["deconvolution"] = [0, 0, 12 - 6]
    for method, values in expected.items():
        found = analysis.guided_backpropagation(
            model, image, "top", 0, method=method
        )
        assert found.ravel().tolist() == values
    responses = analysis.filter_responses(model, image, "top")
    assert responses.tolist() == [[6.0]]


def test_relu6_lets_nothing_through_where_it_saturates():
    inputs = keras.Input((1, 2, 1))
    x = keras.layers.ReLU(max_value=6)(inputs)
    x = keras.layers.Conv2D(1, (1, 2), use_bias=False, name="top")(x)
    model = keras.Model(inputs, x)
    model.set_weights([np.ones((1, 2, 1, 1))])
    image = np.array([4.0, 9.0]).reshape(1, 1, 2, 1)
    expected = {
        "guided": [10, 0],
        "deconvolution": [10, 10],
        "backpropagation": [10, 0],
    }
    for method, values in expected.items():
        found = analysis.guided_backpropagation(
            model, image, "top", 0, method=method
        )
        assert found.ravel().tolist() == values


def test_backpropagation_is_the_gradient_of_the_zero_bias_cnn():
    model = models.ZeroBiasCNN((24, 24, 1), 7, filters=(4, 6, 8))
    images = np.random.default_rng(0).uniform(0, 255, (3, 24, 24, 1))
    maps = keras.Model(model.input, model.get_layer("conv3").output)
    batch = tf.constant(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(batch)
        strongest = tf.reduce_max(maps(batch)[..., 5], axis=(1, 2))
        half_square = tf.reduce_sum(strongest**2) / 2
    found = analysis.guided_backpropagation(
        model, images, "conv3", 5, method="backpropagation"
    )
    expected = tape.gradient(half_square, batch)
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("make", [nested, Subclassed])
def test_layers_of_models_inside_models(make):
    model, alone = make(), build("activation")
    inside = analysis.guided_backpropagation(model, IMAGES, "conv2", 1)
    # The outer model halves the pixels: so do responses, and the signal is
    # halved once more on its way back.
    outside = analysis.guided_backpropagation(alone, IMAGES, "conv2", 1)
    np.testing.assert_allclose(inside, outside / 4, atol=1e-5)
    down_to = analysis.guided_backpropagation(
        model, IMAGES, "conv2", 1, down_to="conv0"
    )
    assert down_to.shape == (5, 8, 8, 2)
    np.testing.assert_allclose(
        analysis.filter_responses(model, IMAGES, "conv2"),
        analysis.filter_responses(alone, IMAGES, "conv2") / 2,
        rtol=1e-5,
    )


def test_nothing_of_it_stays_in_the_model():
    model = build("activation")
    before = model.predict(IMAGES, verbose=0)
    layer = model.get_layer("conv2")
    analysis.guided_backpropagation(model, IMAGES, layer, 0)
    assert "call" not in vars(layer)
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), before)
    with tf.GradientTape() as tape:  # gradients are the ordinary ones again
        batch = tf.constant(IMAGES, tf.float32)
        tape.watch(batch)
        total = tf.reduce_sum(model(batch))
    assert np.any(tape.gradient(total, batch).numpy() < 0)


def test_down_to_the_layer_itself_is_the_signal():
    model = build("activation")
    signal = analysis.guided_backpropagation(
        model, IMAGES, "conv2", 1, down_to="conv2"
    )
    responses = analysis.filter_responses(model, IMAGES, "conv2")
    np.testing.assert_allclose(signal.sum(axis=(1, 2, 3)), responses[:, 1])
    assert (signal != 0).sum() == len(IMAGES)


def test_a_dense_layer_has_units_for_filters():
    model = models.ZeroBiasCNN((24, 24, 1), 7, filters=(4, 6, 8))
    images = np.random.default_rng(0).uniform(0, 255, (3, 24, 24, 1))
    responses = analysis.filter_responses(model, images, "embedding")
    assert responses.shape == (3, 300)
    logits = analysis.filter_responses(model, images, "logits")
    np.testing.assert_allclose(logits, model.predict(images, verbose=0), 1e-4)
    patterns = analysis.guided_backpropagation(
        model, images, "embedding", 7, down_to="normalization"
    )
    assert patterns.shape == (3, 24, 24, 1)


def test_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build("activation")
    finally:
        keras.config.set_dtype_policy("float32")
    rough = analysis.guided_backpropagation(model, IMAGES, "conv2", 1)
    exact = analysis.guided_backpropagation(
        build("activation"), IMAGES, "conv2", 1
    )
    assert rough.dtype == np.float32
    assert np.corrcoef(rough.ravel(), exact.ravel())[0, 1] > 0.95


def test_the_strongest_images_of_each_filter():
    images = np.random.default_rng(3).normal(size=(20, 8, 8, 1))
    model = build("activation")
    responses = analysis.filter_responses(model, images, "conv2")
    found = analysis.filter_patterns(
        model, images, "conv2", filters=[3, 0], top=4
    )
    assert found.filters == (3, 0)
    assert (found.layer, found.method) == ("conv2", "guided")
    for filter_, rows, values, patterns in zip(
        (3, 0), found.rows, found.responses, found.patterns, strict=True
    ):
        assert values.tolist() == sorted(responses[:, filter_])[:-5:-1]
        assert responses[rows, filter_].tolist() == values.tolist()
        for row, pattern in zip(rows, patterns, strict=True):
            expected = by_loops(images[row], filter_, "guided")
            np.testing.assert_allclose(pattern, expected, atol=1e-4)
    every = analysis.filter_patterns(model, images, "conv2", top=1)
    assert every.rows[:, 0].tolist() == responses.argmax(axis=0).tolist()


def test_one_image_of_each_group():
    images = np.random.default_rng(3).normal(size=(20, 8, 8, 1))
    model = build("activation")
    people = np.arange(20) // 5
    found = analysis.filter_patterns(
        model, images, "conv2", filters=[1], top=4, groups=people
    )
    assert sorted(people[found.rows[0]]) == [0, 1, 2, 3]
    responses = analysis.filter_responses(model, images, "conv2")[:, 1]
    best = [responses[people == person].max() for person in range(4)]
    assert found.responses[0].tolist() == sorted(best, reverse=True)
    with pytest.raises(ValueError, match="1 to 4, the number of groups"):
        analysis.filter_patterns(model, images, "conv2", top=5, groups=people)


def test_refuses():
    model = build("activation")
    run = analysis.guided_backpropagation
    with pytest.raises(ValueError, match="called 'conv9'. There are: .*conv2"):
        run(model, IMAGES, "conv9", 0)
    for filters in (4, -1, [0, 1, 2, 3, 4]):
        with pytest.raises(ValueError, match="^conv2 has the filters 0 to 3"):
            run(model, IMAGES, "conv2", filters)
    with pytest.raises(ValueError, match="^conv2 has the filters 0 to 3"):
        analysis.filter_patterns(model, IMAGES, "conv2", filters=[4], top=1)
    with pytest.raises(ValueError, match=r"one index or 5.*Received: \(2,\)"):
        run(model, IMAGES, "conv2", [0, 1])
    with pytest.raises(ValueError, match="one of guided, .*'guide'"):
        run(model, IMAGES, "conv2", 0, method="guide")
    with pytest.raises(ValueError, match="conv0 does not depend on conv2"):
        run(model, IMAGES, "conv0", 0, down_to="conv2")
    shared = keras.layers.Conv2D(1, 1, name="shared")
    inputs = keras.Input((8, 8, 1))
    twice = keras.Model(inputs, shared(shared(inputs)))
    with pytest.raises(ValueError, match="one call of layer shared.*: 2"):
        run(twice, IMAGES, "shared", 0)
    assert "call" not in vars(shared)

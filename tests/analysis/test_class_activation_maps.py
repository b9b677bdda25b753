import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer import analysis

IMAGES = (
    np.random.default_rng(0).uniform(0, 1, (5, 10, 10, 1)).astype("float32")
)


def network():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((10, 10, 1))
    maps = keras.layers.Conv2D(6, 3, activation="relu", name="conv")(inputs)
    x = keras.layers.Conv2D(4, 3, activation="tanh")(maps)
    x = keras.layers.GlobalAveragePooling2D()(x)
    outputs = keras.layers.Dense(3, name="logits")(x)
    return keras.Model(inputs, outputs)


def test_by_the_definition():
    """Grad-CAM for each image alone, with the layers cut apart by hand."""
    model = network()
    classes = np.array([0, 2, 1, 1, 0])
    found = analysis.class_activation_maps(
        model, IMAGES, classes, "conv", batch_size=2
    )
    first = keras.Model(model.input, model.get_layer("conv").output)
    rest = keras.Model(model.get_layer("conv").output, model.output)
    for row, label in enumerate(classes):
        maps = tf.Variable(first(IMAGES[row : row + 1]))
        with tf.GradientTape() as tape:
            score = rest(maps)[0, label]
        gradient = tape.gradient(score, maps).numpy()[0]
        weights = gradient.mean(axis=(0, 1))
        expected = np.maximum((maps.numpy()[0] * weights).sum(axis=2), 0)
        np.testing.assert_allclose(found[row], expected, atol=1e-6)
    assert found.max() > 0


def test_for_and_against_a_class():
    """The logit is the mean of a corner, for one class, against the other."""
    inputs = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(1, 1, name="conv", use_bias=False)(inputs)
    corner = keras.layers.Cropping2D(((0, 5), (0, 5)))(maps)
    pooled = keras.layers.GlobalAveragePooling2D()(corner)
    outputs = keras.layers.Dense(2, name="logits", use_bias=False)(pooled)
    model = keras.Model(inputs, outputs)
    model.set_weights([np.ones((1, 1, 1, 1)), np.array([[1.0, -1.0]])])
    images = np.zeros((1, 8, 8, 1), "float32")
    images[0, 1, 1], images[0, 6, 6] = 1, 2
    found = analysis.class_activation_maps(model, images, 0, "conv")[0]
    # One weight a channel: what lights up elsewhere in it is mapped as well.
    assert found[1, 1] > 0 and found[6, 6] == 2 * found[1, 1]
    assert np.count_nonzero(found) == 2
    assert not analysis.class_activation_maps(model, images, 1, "conv").any()


def test_refuses():
    with pytest.raises(ValueError, match="`classes` must be one or 5"):
        analysis.class_activation_maps(network(), IMAGES, [0, 1], "conv")
    with pytest.raises(ValueError, match="no layer of"):
        analysis.class_activation_maps(network(), IMAGES, 0, "nothing")
    with pytest.raises(ValueError, match="logits has no part in conv"):
        analysis.class_activation_maps(
            network(), IMAGES, 0, "logits", logits="conv"
        )

"""What every layer and every model must do, whatever it computes."""

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter


def check_layer(layer, input_shape, output_shape, tmp_path, exports=True):
    """Shapes, config, `.keras`, mixed precision, one fit, exports."""
    inputs = np.random.default_rng(0).uniform(0, 255, input_shape)
    inputs = inputs.astype("float32")
    assert layer(inputs).shape == output_shape
    assert tuple(layer.compute_output_shape(input_shape)) == output_shape

    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config

    model = _model_around(layer, input_shape)
    path = tmp_path / "layer.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(
        model.predict(inputs, verbose=0), loaded.predict(inputs, verbose=0)
    )

    half = type(layer).from_config({**config, "dtype": "mixed_float16"})
    outputs = half(inputs / 255)
    assert np.isfinite(outputs).all()

    model.compile("sgd", "mse")
    targets = np.zeros((len(inputs), 1), "float32")
    model.fit(inputs / 255, targets, epochs=1, verbose=0)
    if exports:
        check_exports(model, inputs, tmp_path)


def check_model(model, images, labels, tmp_path, training=False):
    """Save and load, exports, and that one step lowers the loss.

    With batch normalization the loss is that of training: one step moves the
    averages, which inference uses, by next to nothing.
    """
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path, compile=False)
    np.testing.assert_array_equal(
        model.predict(images, verbose=0), loaded.predict(images, verbose=0)
    )
    check_exports(model, images, tmp_path)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-3), loss)
    before = float(loss(labels, model(images, training=training)))
    model.train_on_batch(images, labels)
    assert float(loss(labels, model(images, training=training))) < before


def check_metric(metric, reference, tmp_path):
    """A metric of `(num_classes)` equals its reference from scikit-learn.

    `reference` is a function of labels, predicted labels and weights.
    """
    draws = np.random.default_rng(0)
    labels, logits = draws.integers(0, 5, 200), draws.normal(size=(200, 5))
    weights, predicted = draws.uniform(size=200), logits.argmax(axis=1)

    value = metric.from_config(metric(5, name="measure").get_config())
    assert value.name == "measure"
    value.update_state(labels[::2], logits[::2])
    value.reset_state()
    for start in range(0, 200, 64):
        part = slice(start, start + 64)
        value.update_state(labels[part, None], logits[part])
    expected = reference(labels, predicted, None)
    np.testing.assert_allclose(value.result(), expected, atol=1e-6)

    value.reset_state()
    value.update_state(labels, logits, sample_weight=weights)
    expected = reference(labels, predicted, weights)
    np.testing.assert_allclose(value.result(), expected, atol=1e-5)

    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(5)])
    crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", crossentropy, metrics=[metric(5, name="measure")])
    model.fit(logits, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    predicted = loaded.predict(logits, verbose=0).argmax(axis=1)
    scores = loaded.evaluate(logits, labels, verbose=0, return_dict=True)
    expected = reference(labels, predicted, None)
    np.testing.assert_allclose(scores["measure"], expected, atol=1e-6)


def check_exports(model, inputs, tmp_path):
    """SavedModel and LiteRT answer as the model does, without Flex ops."""
    expected = model.predict(inputs, verbose=0)
    scale = max(1.0, float(np.abs(expected).max()))
    folder = tmp_path / "saved_model"
    model.export(folder, verbose=False)
    served = tf.saved_model.load(str(folder))
    np.testing.assert_allclose(
        served.serve(inputs), expected, atol=1e-5 * scale
    )

    path = tmp_path / "model.tflite"
    # Keras' exporter allows built-in operations only, and the interpreter has
    # no others: Flex operations fail here.
    model.export(path, format="litert", verbose=False)
    interpreter = Interpreter(str(path))
    run = interpreter.get_signature_runner()
    (name,) = run.get_input_details()
    rows = [next(iter(run(**{name: row[None]}).values()))[0] for row in inputs]
    np.testing.assert_allclose(rows, expected, atol=1e-4 * scale)


def _model_around(layer, input_shape):
    inputs = keras.Input(input_shape[1:])
    x = keras.layers.Flatten()(layer(inputs))
    return keras.Model(inputs, keras.layers.Dense(1)(x))

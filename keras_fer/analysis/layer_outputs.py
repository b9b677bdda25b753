"""What layers inside a model give, however deep they lie."""

import contextlib

import keras
import numpy as np
import tensorflow as tf


def find_layer(model: keras.Model, layer) -> keras.layers.Layer:
    """Find a layer by its name, in a model and the models nested in it.

    Raises:
        ValueError: there is no such layer; the message names those there are.

    Example:

    >>> from keras_fer import analysis, models
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> analysis.find_layer(model, "conv3").filters
    256
    """
    if isinstance(layer, keras.layers.Layer):
        return layer
    found, models = {}, [model]
    for nested in models:  # grows while it is read: outer models first
        for inner in nested.layers:
            found.setdefault(inner.name, inner)
            if hasattr(inner, "layers"):
                models.append(inner)
    if layer not in found:
        raise ValueError(
            f"no layer of {model.name} is called {layer!r}. There are: "
            f"{', '.join(found)}"
        )
    return found[layer]


def layer_outputs(model, batch, layers):
    """Run a model and return what some of its layers gave, wherever they are.

    A layer inside a nested or subclassed model has no symbolic output in the
    outer one, so the layers' `call` is listened to while the model runs.
    """
    if not model.built:  # which would call the layers once more
        model(batch, training=False)
    heard = {id(layer): [] for layer in layers}

    def listen(layer):
        call = layer.call

        def listening(*args, **kwargs):
            outputs = call(*args, **kwargs)
            heard[id(layer)].append(outputs)
            return outputs

        layer.call = listening

    with contextlib.ExitStack() as stack:
        for layer in {id(layer): layer for layer in layers}.values():
            listen(layer)
            stack.callback(delattr, layer, "call")
        model(batch, training=False)
    for layer in layers:
        if len(heard[id(layer)]) != 1:
            raise ValueError(
                f"expected one call of layer {layer.name} in {model.name}. "
                f"Received: {len(heard[id(layer)])}"
            )
    return [heard[id(layer)][0] for layer in layers]


def by_batches(function, batch_size, images, *others):
    """Apply a function, as a graph, to batches of images and other arrays."""
    if not hasattr(images, "shape"):
        images = np.asarray(images)
    compiled = tf.function(
        function,
        autograph=False,  # which would change the messages of errors
        input_signature=[
            tf.TensorSpec((None, *images.shape[1:]), tf.float32),
            *(tf.TensorSpec((None,), tf.int32) for _ in others),
        ],
    )
    parts = []
    for start in range(0, max(len(images), 1), batch_size):
        rows = slice(start, start + batch_size)
        batch = tf.constant(images[rows], tf.float32)
        parts.append(compiled(batch, *(other[rows] for other in others)))
    return np.concatenate([tf.cast(part, tf.float32) for part in parts])

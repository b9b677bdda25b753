"""Do two faces show the same expression?

"Facial Emotion Representation and Reconstruction with VAEs", section 2.2.
"""

import keras
from keras import ops

from keras_fer.models.heads import check_arguments

_COMPARED = ("difference", "stacked")


def ComparatorEncoder(
    input_shape: tuple[int, int, int] = (128, 128, 1),
    *,
    name: str = "comparator_encoder",
) -> keras.Model:
    """Build the published feature extractor: four convolutions, 18 features.

    Args:
        input_shape: `(height, width, channels)`; sides of at least 16 pixels.
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` to `(batch, 18)`: the
        largest response of each last filter.

    Raises:
        ValueError: `input_shape` is too small.

    Example:

    >>> from keras_fer import models
    >>> models.ComparatorEncoder((64, 64, 1)).output_shape
    (None, 18)

    Reference:
        - Barradas-Chacon et al., the published code.
    """
    check_arguments(input_shape, 16, 2, ("features",), ("features",))
    images = keras.Input(input_shape, name="images")
    x = keras.layers.Rescaling(1 / 255, dtype="float32", name="rescaling")(
        images
    )
    for number, (filters, size) in enumerate(
        ((6, 5), (10, 5), (14, 5), (18, 3)), start=1
    ):
        x = keras.layers.Conv2D(filters, size, name=f"conv{number}")(x)
        if number < 4:
            x = keras.layers.BatchNormalization(name=f"norm{number}")(x)
        x = keras.layers.ReLU(name=f"relu{number}")(x)
    features = keras.layers.GlobalMaxPooling2D(name="features")(x)
    return keras.Model(images, features, name=name)


def SiameseComparator(
    encoder: keras.Model,
    *,
    second_encoder: keras.Model | None = None,
    layer: str | None = None,
    compare: str = "difference",
    dropout_rate: float = 0.0,
    name: str = "siamese_comparator",
) -> keras.Model:
    """Build a network that tells whether two faces show the same expression.

    Args:
        encoder: network from images to features.
        second_encoder: another one for the second face, as the published code
            had; by default both faces go through one.
        layer: name of the layer that gives the features, by default the
            output.
        compare: `"difference"`, a dense layer on how far the directions of both
            are apart in each feature and on their cosine, whose answer does
            not depend on the order; or `"stacked"`, the published convolution
            over both side by side, whose answer does.
        dropout_rate: share of what is compared that is dropped in training.
        name: name of the model.

    Returns:
        A `keras.Model` from a dict of `"first"` and `"second"`, what the
        encoder takes, to logits `(batch, 1)`: positive for the same expression.
        Its layers `"encoder"` and `"comparison"` are models of their own.

    Raises:
        ValueError: `compare` is unknown, a layer gives no vectors, or the
            encoders do not fit.

    Example:

    >>> from keras_fer import models
    >>> encoder = models.ComparatorEncoder((64, 64, 1))
    >>> comparator = models.SiameseComparator(encoder)
    >>> sorted(comparator.input), comparator.output_shape
    (['first', 'second'], (None, 1))

    Reference:
        - Barradas-Chacon et al., section 2.2. The published code did not share
          the weights of its two encoders.
    """
    if compare not in _COMPARED:
        raise ValueError(
            f"`compare` must be one of {', '.join(_COMPARED)}. Received: "
            f"{compare!r}"
        )
    bodies = {"first": _body(encoder, layer, "encoder")}
    bodies["second"] = bodies["first"]
    if second_encoder is not None:
        bodies["second"] = _body(second_encoder, layer, "second_encoder")
    shapes = [of.input_shape + of.output_shape for of in bodies.values()]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "expected encoders of the same images to as many features. "
            f"Received: {shapes[0]} and {shapes[1]}"
        )
    inputs = {
        part: keras.Input(body.input_shape[1:], name=part)
        for part, body in bodies.items()
    }
    features = {part: bodies[part](inputs[part]) for part in inputs}
    comparison = _comparison(
        bodies["first"].output_shape[-1], compare, dropout_rate
    )
    return keras.Model(inputs, comparison(features), name=name)


def _comparison(size, compare, dropout_rate):
    """A network from the features of both faces to the logit."""
    inputs = {
        part: keras.Input((size,), name=part) for part in ("first", "second")
    }
    first, second = inputs.values()
    if compare == "difference":
        unit = keras.layers.UnitNormalization(dtype="float32", name="direction")
        first, second = unit(first), unit(second)
        apart = keras.layers.Subtract(dtype="float32", name="apart")(
            [first, second]
        )
        apart = ops.abs(apart)
        cosine = keras.layers.Dot(1, dtype="float32", name="cosine")(
            [first, second]
        )
        x = keras.layers.Concatenate(dtype="float32", name="compared")(
            [apart, cosine]
        )
    else:
        x = ops.expand_dims(ops.stack([first, second], axis=2), 3)
        x = keras.layers.Conv2D(10, (5, 2), activation="relu", name="conv")(x)
        x = keras.layers.MaxPooling2D((2, 1), name="pool")(x)
        x = keras.layers.Flatten(name="compared")(x)
    if dropout_rate:
        x = keras.layers.Dropout(dropout_rate, name="dropout")(x)
    logits = keras.layers.Dense(1, dtype="float32", name="same")(x)
    return keras.Model(inputs, logits, name="comparison")


def _body(encoder, layer, name):
    """An encoder up to a layer of vectors."""
    features = encoder.get_layer(layer).output if layer else encoder.outputs[0]
    if len(features.shape) != 2 or (not layer and len(encoder.outputs) > 1):
        raise ValueError(
            "expected an encoder that gives vectors, or the name of a layer "
            f"that does. Received: {tuple(features.shape)}"
        )
    return keras.Model(encoder.inputs[0], features, name=name)

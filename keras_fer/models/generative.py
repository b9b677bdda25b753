"""Encoders and decoders of generative models of expression.

"Facial Emotion Representation and Reconstruction with VAEs", sections 2.3 and
2.4. An encoder takes pixels and a decoder gives pixels, both 0 to 255, so that
each can be used alone.
"""

import keras
from keras import ops

from keras_fer.models.heads import check_arguments

NAMED = 0.5  # of a latent variable: halfway between 0 and what names a face
_STATISTICS = ("mean", "log_variance")


def Autoencoder(
    encoder: keras.Model,
    decoder: keras.Model,
    num_classes: int = 7,
    *,
    neutral: int | None = None,
    conditional: bool = False,
    name: str = "autoencoder",
) -> keras.Model:
    """Join an encoder and a decoder whose latent variables name expressions.

    Args:
        encoder: network from images, pixels in `[0, 255]`, to latent variables,
            or to a dict of which `"mean"` are they. The first latent variables
            are those of the expressions.
        decoder: network from latent variables to pixels in `[0, 255]`.
        num_classes: number of expressions.
        neutral: number of the expression that has no axis but lies at the
            origin; by default each has one.
        conditional: the decoder also takes which expression it shall show,
            `num_classes` numbers after the latent variables, as that of a
            conditional `trainers.FaderNetwork`: here the one that is named.
        name: name of the model.

    Returns:
        A `keras.Model` from images to a dict of `"logits"`
        `(batch, num_classes)`, `"latents"` and `"reconstruction"`; its layers
        `"encoder"` and `"decoder"` are models of their own. The logits are the
        latent variables of the expressions, and for one without an axis the
        constant .5, halfway to what names the others.

    Raises:
        ValueError: `neutral` is no class, encoder and decoder do not fit, or
            there are fewer latent variables than expressions with an axis.

    Example:

    >>> from keras_fer import models
    >>> network = models.Autoencoder(
    ...     models.VAEEncoder((16, 16, 1), 9), models.VAEDecoder(9, (16, 16, 1))
    ... )
    >>> {name: tuple(of.shape[1:]) for name, of in network.output.items()}
    {'logits': (7,), 'latents': (9,), 'reconstruction': (16, 16, 1)}

    Reference:
        - Barradas-Chacon et al., sections 2.3 and 2.4.
    """
    axes = expression_axes(num_classes, neutral)
    encoder = keras.Model(encoder.input, encoder.output, name="encoder")
    decoder = keras.Model(decoder.input, decoder.output, name="decoder")
    images = keras.Input(encoder.input_shape[1:], name="images")
    latents = encoder(images)
    if isinstance(latents, dict):
        latents = latents["mean"]
    given = decoder.input_shape[-1] - num_classes * conditional
    if latents.shape[-1] != given or given < len(axes):
        raise ValueError(
            f"expected at least {len(axes)} latent variables, as many of the "
            f"encoder as of the decoder. Received: {latents.shape[-1]} and "
            f"{given}"
        )
    latents = keras.layers.Identity(dtype="float32", name="latents")(latents)
    logits = name_by_axes(latents, num_classes, neutral)
    places = latents
    if conditional:
        shown = ops.one_hot(ops.argmax(logits, axis=1), num_classes)
        places = ops.concatenate([latents, shown], axis=1)
    outputs = {
        "logits": logits,
        "latents": latents,
        "reconstruction": decoder(places),
    }
    return keras.Model(images, outputs, name=name)


def expression_axes(num_classes: int, neutral: int | None) -> list[int]:
    """Numbers of the expressions that have a latent variable, in their order.

    Raises:
        ValueError: `neutral` is no class.
    """
    if neutral is not None and neutral not in range(num_classes):
        raise ValueError(
            f"`neutral` must be a class, 0 to {num_classes - 1}. Received: "
            f"{neutral}"
        )
    return [k for k in range(num_classes) if k != neutral]


def name_by_axes(latents, num_classes: int, neutral: int | None):
    """Logits of latent variables; of an expression without an axis NAMED."""
    axes = len(expression_axes(num_classes, neutral))
    named = latents[:, :axes]
    if neutral is None:
        return named
    constant = ops.full_like(named[:, :1], NAMED)
    parts = named[:, :neutral], constant, named[:, neutral:]
    return ops.concatenate(parts, axis=1)


def VAEEncoder(
    input_shape: tuple[int, int, int] = (128, 128, 1),
    latents: int = 7,
    *,
    name: str = "vae_encoder",
) -> keras.Model:
    """Build the encoder of the semi-supervised β-VAE.

    Args:
        input_shape: `(height, width, channels)`; sides of at least 8 pixels,
            multiples of 4.
        latents: number of latent variables, at least 2.
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` to a dict of `"mean"`
        and `"log_variance"`, each `(batch, latents)`.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.VAEEncoder((64, 64, 1)).count_params()
    248206

    Reference:
        - Barradas-Chacon et al., section 2.4 and its published code.
    """
    _check(input_shape, 4, latents)
    images = keras.Input(input_shape, name="images")
    x = keras.layers.Rescaling(1 / 255, dtype="float32", name="rescaling")(
        images
    )
    for number, filters in enumerate((32, 64), start=1):
        x = keras.layers.Conv2D(
            filters,
            3,
            strides=2,
            padding="same",
            activation="relu",
            name=f"conv{number}",
        )(x)
    x = keras.layers.Flatten(name="flatten")(x)
    statistics = {
        head: keras.layers.Dense(latents, dtype="float32", name=head)(x)
        for head in _STATISTICS
    }
    return keras.Model(images, statistics, name=name)


def VAEDecoder(
    latents: int = 7,
    output_shape: tuple[int, int, int] = (128, 128, 1),
    *,
    dense_output: bool = False,
    name: str = "vae_decoder",
) -> keras.Model:
    """Build the decoder of the semi-supervised β-VAE.

    Args:
        latents: number of latent variables.
        output_shape: `(height, width, channels)`; sides of at least 8 pixels,
            multiples of 4.
        dense_output: end in a dense layer of a unit a pixel, as an early
            version of the published code; by default in the last convolution,
            as its newest does. At 128×128 it has 268 million parameters.
        name: name of the model.

    Returns:
        A `keras.Model` from `(batch, latents)` to float pixels in `[0, 255]`.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.VAEDecoder(7, (64, 64, 1)).output_shape
    (None, 64, 64, 1)

    Reference:
        - Barradas-Chacon et al., section 2.4 and its published code.
    """
    _check(output_shape, 4, latents)
    return _decoder(
        latents,
        output_shape,
        base=(output_shape[0] // 4, output_shape[1] // 4, 64),
        filters=(64, 32),
        activation=None,
        dense_output=dense_output,
        name=name,
    )


def FaderDecoder(
    latents: int = 7,
    output_shape: tuple[int, int, int] = (128, 128, 1),
    *,
    dense_output: bool = False,
    name: str = "fader_decoder",
) -> keras.Model:
    """Build the decoder of the Fader network: 8192, 18, 12, 6, 1.

    Args:
        latents: number of latent variables, attributes included.
        output_shape: `(height, width, channels)`; sides of at least 8 pixels,
            multiples of 8. At 128×128 the first map has 16×16×32 = 8192
            numbers, as printed.
        dense_output: end in the printed dense layer of a unit a pixel, 268
            million parameters at 128×128; by default the last convolution is
            the picture.
        name: name of the model.

    Returns:
        A `keras.Model` from `(batch, latents)` to float pixels in `[0, 255]`.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.FaderDecoder(7, (128, 128, 1)).count_params()
    73355

    Reference:
        - Barradas-Chacon et al., section 2.3. By default the last convolution
          has a sigmoid, where the printed one has ReLU.
    """
    _check(output_shape, 8, latents)
    return _decoder(
        latents,
        output_shape,
        base=(output_shape[0] // 8, output_shape[1] // 8, 32),
        filters=(18, 12, 6),
        activation="relu",
        dense_output=dense_output,
        name=name,
    )


def _check(shape, multiple, latents):
    if latents < 2:
        raise ValueError(f"`latents` must be at least 2. Received: {latents}")
    check_arguments(shape, 8, latents, ("latents",), ("latents",))
    if shape[0] % multiple or shape[1] % multiple:
        raise ValueError(
            f"sides must be multiples of {multiple} pixels. Received: {shape}"
        )


def _decoder(latents, shape, base, filters, activation, dense_output, name):
    inputs = keras.Input((latents,), name="latents")
    x = keras.layers.Dense(
        base[0] * base[1] * base[2], activation, name="hidden"
    )(inputs)
    x = keras.layers.Reshape(base, name="reshape")(x)
    for number, count in enumerate(filters, start=1):
        x = keras.layers.Conv2DTranspose(
            count,
            3,
            strides=2,
            padding="same",
            activation="relu",
            name=f"conv{number}",
        )(x)
    # The picture stays in float32 under mixed precision.
    x = keras.layers.Conv2DTranspose(
        shape[2],
        1,
        activation="relu" if dense_output else "sigmoid",
        dtype="float32",
        name=f"conv{len(filters) + 1}",
    )(x)
    if dense_output:
        x = keras.layers.Flatten(name="flatten")(x)
        x = keras.layers.Dense(
            shape[0] * shape[1] * shape[2],
            "sigmoid",
            dtype="float32",
            name="pixels",
        )(x)
        x = keras.layers.Reshape(shape, name="picture")(x)
    x = keras.layers.Rescaling(255, dtype="float32", name="rescaling")(x)
    return keras.Model(inputs, x, name=name)

"""Walks through the latent variables of a generative model."""

from collections.abc import Sequence

import keras
import numpy as np

_BATCH = 256


def encode(encoder: keras.Model, images) -> np.ndarray:
    """Latent variables of pictures.

    Args:
        encoder: network from images, pixels in `[0, 255]`, to latent variables,
            or to a dict of which `"mean"` are they.
        images: `(N, height, width, channels)`.

    Returns:
        float32 `(N, latents)`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> encoder = models.VAEEncoder((16, 16, 1), 7)
    >>> analysis.encode(encoder, np.zeros((2, 16, 16, 1))).shape
    (2, 7)
    """
    found = encoder.predict(np.asarray(images), batch_size=_BATCH, verbose=0)
    found = found["mean"] if isinstance(found, dict) else found
    return np.asarray(found, np.float32)


def decode(decoder: keras.Model, latents) -> np.ndarray:
    """Pictures of latent variables.

    Args:
        decoder: network from latent variables to pixels in `[0, 255]`.
        latents: `(..., latents)`.

    Returns:
        uint8 `(..., height, width, channels)`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> decoder = models.VAEDecoder(7, (16, 16, 1))
    >>> analysis.decode(decoder, np.zeros((2, 3, 7))).shape
    (2, 3, 16, 16, 1)
    """
    latents = np.asarray(latents, np.float32)
    flat = latents.reshape(-1, latents.shape[-1])
    pixels = decoder.predict(flat, batch_size=_BATCH, verbose=0)
    pixels = np.rint(pixels).clip(0, 255).astype(np.uint8)
    return pixels.reshape(*latents.shape[:-1], *pixels.shape[1:])


def traverse(latents, axis: int, values) -> np.ndarray:
    """Walk along one latent variable, all others as they are.

    Args:
        latents: `(N, latents)`, where the walks start.
        axis: the latent variable.
        values: what it is set to, one after the other, `(steps,)`; see
            `traversal_values`.

    Returns:
        float32 `(N, steps, latents)`, for `decode`.

    Raises:
        ValueError: there is no such latent variable.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> analysis.traverse(np.zeros((1, 3)), 1, [-1, 1])[0].tolist()
    [[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]

    Reference:
        - Barradas-Chacon et al., section 3.3 and figures 8 and 11.
    """
    latents = np.asarray(latents, np.float32)
    if axis not in range(latents.shape[-1]):
        raise ValueError(
            f"`axis` must be 0 to {latents.shape[-1] - 1}. Received: {axis}"
        )
    values = np.asarray(values, np.float32)
    walks = np.repeat(latents[:, None], len(values), axis=1)
    walks[:, :, axis] = values
    return walks


def traversal_values(
    latents, axis: int, count: int = 6, beyond: float = 0.0
) -> np.ndarray:
    """Equally spaced values between the least and the largest observed.

    Args:
        latents: `(N, latents)` that were observed.
        axis: the latent variable.
        count: number of values, at least 2.
        beyond: how far to go past both ends, as a share of the span.

    Returns:
        float64 `(count,)`.

    Raises:
        ValueError: `count` is below 2.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> observed = np.array([[0.0, -1.0], [0.0, 4.0]])
    >>> analysis.traversal_values(observed, 1).tolist()
    [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]

    Reference:
        - Barradas-Chacon et al., section 3.3: "six equally spaced values from
          within the maximum and minimum values found".
    """
    if count < 2:
        raise ValueError(f"`count` must be at least 2. Received: {count}")
    observed = np.asarray(latents)[:, axis]
    low, high = observed.min(), observed.max()
    past = beyond * (high - low)
    return np.linspace(low - past, high + past, count)


def interpolate(first, second, steps: int = 6) -> np.ndarray:
    """Walk straight from one face to another.

    Args:
        first: `(N, latents)`.
        second: `(N, latents)`.
        steps: number of places, both ends included, at least 2.

    Returns:
        float32 `(N, steps, latents)`, for `decode`.

    Raises:
        ValueError: `steps` is below 2, or the shapes differ.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> analysis.interpolate([[0.0, 2.0]], [[4.0, 0.0]], 3)[0].tolist()
    [[0.0, 2.0], [2.0, 1.0], [4.0, 0.0]]
    """
    first, second = (np.asarray(one, np.float32) for one in (first, second))
    if steps < 2 or first.shape != second.shape:
        raise ValueError(
            "expected latent variables of one shape and at least two steps. "
            f"Received: {first.shape}, {second.shape} and {steps}"
        )
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * first[:, None] + share * second[:, None]


def change_expression(
    latents, axis: int | None, value: float, axes: Sequence[int]
) -> np.ndarray:
    """Give faces another expression, and leave all else as it is.

    Args:
        latents: `(N, latents)`.
        axis: the latent variable of the new expression; `None` for an
            expression at the origin.
        value: what it is set to.
        axes: the latent variables of all expressions, which are set to 0.

    Returns:
        float32 `(N, latents)`, for `decode`.

    Raises:
        ValueError: `axis` is none of `axes`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> face = np.array([[3.0, 0.0, 0.7]])  # the last is not an expression
    >>> analysis.change_expression(face, 1, 2.0, axes=(0, 1)).round(1).tolist()
    [[0.0, 2.0, 0.699999988079071]]
    """
    if axis is not None and axis not in axes:
        raise ValueError(f"`axis` must be one of {axes}. Received: {axis}")
    changed = np.array(latents, np.float32)
    changed[:, list(axes)] = 0
    if axis is not None:
        changed[:, axis] = value
    return changed

"""What a filter looks for: its strongest images and the patterns in them."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from keras_fer.analysis.layer_outputs import by_batches
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.layer_outputs import layer_outputs

METHODS = ("guided", "deconvolution", "backpropagation")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FilterPatterns:
    """The strongest images of some filters and what drives the filters there.

    Args:
        layer: name of the layer.
        method: how the patterns were found.
        filters: F indices of filters.
        rows: `(F, top)`, indices of the images, strongest first.
        responses: `(F, top)`, the strongest response of the filter in them.
        patterns: `(F, top, height, width, channels)`, signed.
    """

    layer: str
    method: str
    filters: tuple[int, ...]
    rows: np.ndarray
    responses: np.ndarray
    patterns: np.ndarray


def filter_responses(
    model: keras.Model, images, layer, *, batch_size: int = 256
) -> np.ndarray:
    """Find the strongest response of each filter of a layer to each image.

    Args:
        model: any Keras model of one input.
        images: `(N, height, width, channels)`, as the model takes them.
        layer: name of a layer, also of one inside a nested model, or the
            layer itself.
        batch_size: images a batch.

    Returns:
        float32 `(N, filters)`: the maximum over all positions, F_ℓi(x) of the
        paper's section 4.4.

    Raises:
        ValueError: there is no such layer, or not one call of it.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> images = np.zeros((2, 48, 48, 1), "uint8")
    >>> analysis.filter_responses(model, images, "conv3").shape
    (2, 256)

    Reference:
        - [Khorrami et al., 2015, section 4.4](https://arxiv.org/abs/1510.02969)
    """
    layer = find_layer(model, layer)

    def strongest(batch):
        (maps,) = layer_outputs(model, batch, [layer])
        return tf.reduce_max(_positions_first(maps), axis=1)

    return by_batches(strongest, batch_size, images)


def guided_backpropagation(
    model: keras.Model,
    images,
    layer,
    filters,
    *,
    method: str = "guided",
    down_to=None,
    batch_size: int = 64,
) -> np.ndarray:
    """Reconstruct what in an image drives the strongest unit of a filter.

    All units of the layer but the strongest one of the filter are set to zero;
    its response is sent back to the image. Convolutions are transposed, max
    pooling returns a signal to the place of the maximum, and at a ReLU passes

    - `"guided"`: what is positive, where the ReLU had let something through;
    - `"deconvolution"`: what is positive;
    - `"backpropagation"`: what the ReLU had let through (the gradient).

    Every ReLU and ReLU6 is treated so, wherever it stands (a layer, an
    activation, `keras.ops.relu` in a layer's code, also in what is built of
    two ReLUs, such as `PReLU`); of everything else the gradient is taken.

    Args:
        model: any Keras model of one input, run as in inference.
        images: `(N, height, width, channels)`, as the model takes them.
        layer: name of a layer, also of one inside a nested model, or the
            layer itself.
        filters: index of the filter for each image, `(N,)`, or one for all.
        method: `"guided"`, `"deconvolution"` or `"backpropagation"`.
        down_to: layer whose output is reconstructed, by default the input. The
            paper's networks were fed with normalized images; ours normalize
            inside, so `"normalization"` gives the same picture.
        batch_size: images a batch.

    Returns:
        float32 `(N, …)`, of the shape of the input or of `down_to`.

    Raises:
        ValueError: there is no such layer, not one call of it, no such
            filter, not a filter for each image, or the layer does not depend
            on `down_to`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> faces = np.random.default_rng(0).uniform(0, 255, (3, 48, 48, 1))
    >>> analysis.guided_backpropagation(model, faces, "conv3", 17).shape
    (3, 48, 48, 1)

    Reference:
        - [Khorrami et al., 2015, section 4.3](https://arxiv.org/abs/1510.02969)
        - [Springenberg et al., 2015](https://arxiv.org/abs/1412.6806), guided
        - [Zeiler and Fergus, 2014](https://arxiv.org/abs/1311.2901),
          deconvolution
    """
    if method not in METHODS:
        raise ValueError(
            f"`method` must be one of {', '.join(METHODS)}. Received: "
            f"method={method!r}"
        )
    layer = find_layer(model, layer)
    layers = [layer]
    if down_to is not None:
        layers.append(find_layer(model, down_to))
    filters = np.asarray(filters, np.int32)
    if filters.shape not in ((), (len(images),)):
        raise ValueError(
            f"`filters` must be one index or {len(images)}, one an image. "
            f"Received: {filters.shape}"
        )
    filters = np.broadcast_to(filters, len(images))
    overridden = {
        "Relu": f"keras_fer_{method}_relu",
        "Relu6": f"keras_fer_{method}_relu6",
    }

    def reconstruct(batch, chosen):
        graph = tf.compat.v1.get_default_graph()
        with graph.gradient_override_map(overridden):
            maps, *below = layer_outputs(model, batch, layers)
        source = below[0] if below else batch
        _check_filters(layer, filters, maps.shape[-1])
        units = _positions_first(maps)
        units = tf.gather(units, chosen, axis=2, batch_dims=1)
        strongest = tf.argmax(units, axis=1)
        # The signal is the unit's own response, all others are zero.
        signal = tf.gather(units, strongest, axis=1, batch_dims=1)
        (pattern,) = tf.gradients(
            signal, source, tf.stop_gradient(tf.identity(signal))
        )
        if pattern is None:
            raise ValueError(f"{layer.name} does not depend on {down_to}")
        return pattern

    return by_batches(reconstruct, batch_size, images, filters)


def filter_patterns(
    model: keras.Model,
    images,
    layer,
    *,
    filters=None,
    top: int = 10,
    groups=None,
    method: str = "guided",
    down_to=None,
    responses=None,
) -> FilterPatterns:
    """Find the strongest images of filters and the patterns in them.

    Args:
        model: any Keras model of one input.
        images: `(N, height, width, channels)`, as the model takes them.
        layer: name of a layer, or the layer itself.
        filters: indices of filters, by default all of the layer.
        top: number of images a filter (paper: 10).
        groups: `(N,)`, such as the sequence or the person of an image: of a
            group only the strongest image is taken. By default each image is
            a group of its own.
        method: as in `guided_backpropagation`.
        down_to: as in `guided_backpropagation`.
        responses: what `filter_responses` gives for these images, where it is
            known already.

    Raises:
        ValueError: there are fewer groups than `top`, and as
            `guided_backpropagation`.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> faces = np.random.default_rng(0).uniform(0, 255, (8, 48, 48, 1))
    >>> found = analysis.filter_patterns(
    ...     model, faces, "conv3", filters=[3, 5], top=4
    ... )
    >>> found.rows.shape, found.patterns.shape
    ((2, 4), (2, 4, 48, 48, 1))

    Reference:
        - [Khorrami et al., 2015, figures 1, 3 and 4](
          https://arxiv.org/abs/1510.02969)
    """
    layer = find_layer(model, layer)
    if responses is None:
        responses = filter_responses(model, images, layer)
    count = responses.shape[1]
    filters = np.arange(count) if filters is None else np.asarray(filters)
    _check_filters(layer, filters, count)
    groups = np.arange(len(images)) if groups is None else np.asarray(groups)
    available = len(np.unique(groups))
    if not 1 <= top <= available:
        raise ValueError(
            f"`top` must be 1 to {available}, the number of groups of images. "
            f"Received: top={top}"
        )
    rows = np.array([_strongest(responses[:, f], groups, top) for f in filters])
    patterns = guided_backpropagation(
        model,
        np.stack([images[row] for row in rows.ravel()]),
        layer,
        np.repeat(filters, top),
        method=method,
        down_to=down_to,
    )
    return FilterPatterns(
        layer=layer.name,
        method=method,
        filters=tuple(filters.tolist()),
        rows=rows,
        responses=responses[rows, filters[:, None]],
        patterns=patterns.reshape(*rows.shape, *patterns.shape[1:]),
    )


def _check_filters(layer, filters, count):
    if not np.isin(filters, range(count)).all():
        raise ValueError(
            f"{layer.name} has the filters 0 to {count - 1}. Received: "
            f"{np.min(filters)} to {np.max(filters)}"
        )


def _strongest(responses, groups, top):
    order = np.argsort(-responses, kind="stable")
    _, first = np.unique(groups[order], return_index=True)
    return order[np.sort(first)[:top]]


def _positions_first(maps):
    """(batch, …, filters) to (batch, positions, filters)."""
    return tf.reshape(maps, (tf.shape(maps)[0], -1, maps.shape[-1]))


def _register(method, six):
    """Register what `method` lets through a ReLU, under a name of ours."""

    def gradient(op, signal):
        output = op.outputs[0]
        passes = tf.ones_like(output, tf.bool)
        if method != "deconvolution":
            passes &= output > 0
            if six:
                passes &= output < 6
        if method != "backpropagation":
            passes &= signal > 0
        return tf.where(passes, signal, tf.zeros_like(signal))

    name = f"keras_fer_{method}_relu{'6' if six else ''}"
    tf.RegisterGradient(name)(gradient)


for _method in METHODS:
    _register(_method, six=False)
    _register(_method, six=True)

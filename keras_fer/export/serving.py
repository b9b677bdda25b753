"""The network as it is served: uint8 pixels in, probabilities out."""

import hashlib

import keras

from keras_fer import layers
from keras_fer.inference.metadata import NetworkInfo

_NORMALIZATION = (
    keras.layers.Normalization,
    keras.layers.Rescaling,
    layers.LocalContrastNormalization,
)


def serving_model(model: keras.Model) -> keras.Model:
    """Wrap a network for deployment.

    Args:
        model: network from float pixels in `[0, 255]` to logits, or to a dict
            of heads with `"logits"` among them.

    Returns:
        A `keras.Model` from uint8 pixels, input `images`, to a dict:
        `"probabilities"`, float32 `(batch, classes)`, in place of the logits,
        and the other heads as they are.

    Raises:
        ValueError: there is no head of logits.

    Example:

    >>> import numpy as np
    >>> from keras_fer import export, models
    >>> served = export.serving_model(models.ZeroBiasCNN((48, 48, 1), 7))
    >>> answer = served(np.zeros((1, 48, 48, 1), "uint8"))
    >>> round(float(answer["probabilities"].numpy().sum()), 4)
    1.0
    """
    images = keras.Input(model.input_shape[1:], dtype="uint8", name="images")
    outputs = model(keras.ops.cast(images, "float32"))
    if not isinstance(outputs, dict):
        outputs = {"logits": outputs}
    if "logits" not in outputs:
        raise ValueError(
            "the network needs a head 'logits' to be served. Received: "
            f"{', '.join(outputs)}"
        )
    softmax = keras.layers.Softmax(dtype="float32", name="probabilities")
    return keras.Model(
        images, {"probabilities": softmax(outputs.pop("logits")), **outputs}
    )


def network_info(
    model: keras.Model, classes, *, name: str | None, quantize: str = "none"
) -> NetworkInfo:
    """Describe a network for the metadata of its file."""
    return NetworkInfo(
        name=name or model.name,
        classes=tuple(classes),
        input_shape=tuple(model.input_shape[1:]),
        normalization=tuple(
            {"layer": type(layer).__name__, **_settings(layer)}
            for layer in normalization_layers(model)
        ),
        quantize=quantize,
        weights_sha256=weights_sha256(model),
    )


def normalization_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers of a network that bring pixels into range, also in backbones."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += normalization_layers(layer)
        elif isinstance(layer, _NORMALIZATION):
            found.append(layer)
    return found


def weights_sha256(model: keras.Model) -> str:
    """Hash of all weights, in their order: equal for equal networks.

    Example:

    >>> import keras
    >>> from keras_fer import export
    >>> layers = [keras.Input((2,)), keras.layers.Dense(1)]
    >>> len(export.weights_sha256(keras.Sequential(layers)))
    64
    """
    digest = hashlib.sha256()
    for values in model.get_weights():
        digest.update(values.tobytes())
    return digest.hexdigest()


def _settings(layer):
    config = layer.get_config()
    return {k: v for k, v in config.items() if k not in ("dtype", "trainable")}

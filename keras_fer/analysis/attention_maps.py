"""Where a network with spatial attention looks."""

import keras
import numpy as np

from keras_fer.analysis.layer_outputs import by_batches
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.layer_outputs import layer_outputs
from keras_fer.layers import ChannelSpatialAttention


def attention_maps(
    model: keras.Model,
    images,
    layer="attention",
    *,
    batch_size: int = 256,
) -> np.ndarray:
    """Find the spatial attention that a network pays to each image.

    Args:
        model: any Keras model of one input with a `ChannelSpatialAttention`.
        images: `(N, height, width, channels)`, as the model takes them.
        layer: name of that layer, also of one inside a nested model, or the
            layer itself.
        batch_size: images a batch.

    Returns:
        float32 `(N, rows, columns)`, in (0, 1), of the size of the map that is
        attended.

    Raises:
        ValueError: there is no such layer, it is another, or is called more
            than once.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.DAFCNN((48, 48, 1), width=0.125)
    >>> faces = np.zeros((2, 48, 48, 1), "uint8")
    >>> analysis.attention_maps(model, faces).shape
    (2, 6, 6)

    Reference:
        - DAF-CNN, equation 3.
    """
    layer = find_layer(model, layer)
    if not isinstance(layer, ChannelSpatialAttention):
        raise ValueError(
            "expected a layer ChannelSpatialAttention. Received: "
            f"{type(layer).__name__} {layer.name}"
        )

    def places(batch):
        return layer_outputs(model, batch, [layer.places])[0][..., 0]

    return by_batches(places, batch_size, images)

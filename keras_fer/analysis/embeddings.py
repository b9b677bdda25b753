"""What a layer of vectors gives for each image."""

import keras
import numpy as np

from keras_fer.analysis.layer_outputs import by_batches
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.layer_outputs import layer_outputs


def embeddings(
    model: keras.Model,
    images,
    layer="embedding",
    *,
    batch_size: int = 256,
) -> np.ndarray:
    """Run images through a network up to a layer of vectors.

    Args:
        model: any Keras model of one input.
        images: `(N, height, width, channels)`, as the model takes them.
        layer: name of a layer, also of one inside a nested model, or the layer
            itself.
        batch_size: images a batch.

    Returns:
        float32 `(N, dimensions)`.

    Raises:
        ValueError: there is no such layer, it gives other than vectors, or is
            called more than once.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.DAFCNN((48, 48, 1), width=0.125)
    >>> faces = np.zeros((2, 48, 48, 1), "uint8")
    >>> analysis.embeddings(model, faces).shape
    (2, 512)
    """
    layer = find_layer(model, layer)

    def embed(batch):
        (vectors,) = layer_outputs(model, batch, [layer])
        if len(vectors.shape) != 2:
            raise ValueError(
                f"expected a layer of vectors. Received: {layer.name}, which "
                f"gives {tuple(vectors.shape)}"
            )
        return vectors

    return by_batches(embed, batch_size, images)

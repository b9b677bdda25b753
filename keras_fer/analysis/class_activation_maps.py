"""Which places speak for a class."""

import keras
import numpy as np
import tensorflow as tf

from keras_fer.analysis.layer_outputs import by_batches
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.layer_outputs import layer_outputs


def class_activation_maps(
    model: keras.Model,
    images,
    classes,
    layer,
    *,
    logits="logits",
    batch_size: int = 256,
) -> np.ndarray:
    """Find the places of a feature map that speak for a class (Grad-CAM).

    The maps of a layer are summed, each weighted by the mean gradient of the
    class' logit over its places; what speaks against the class is cut.

    Args:
        model: any Keras model of one input.
        images: `(N, height, width, channels)`, as the model takes them.
        classes: one class, or one for each image.
        layer: name of a layer with feature maps, also of one inside a nested
            model, or the layer itself.
        logits: the layer whose outputs are the scores of the classes.
        batch_size: images a batch.

    Returns:
        float32 `(N, rows, columns)`, at least 0, of the size of the layer's
        maps. Scales differ between images.

    Raises:
        ValueError: there is no such layer, it has no part in the logits, or
            there is not one class for each image.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.DAFCNN((48, 48, 1), width=0.125)
    >>> faces = np.zeros((2, 48, 48, 1), "uint8")
    >>> analysis.class_activation_maps(model, faces, 3, "attention").shape
    (2, 6, 6)

    Reference:
        - [Selvaraju et al., 2017](https://arxiv.org/abs/1610.02391)
    """
    classes = np.asarray(classes, np.int32)
    if classes.shape not in ((), (len(images),)):
        raise ValueError(
            f"`classes` must be one or {len(images)}, one an image. Received: "
            f"shape {classes.shape}"
        )
    layers = [find_layer(model, layer), find_layer(model, logits)]

    def speaking(batch, wanted):
        with tf.GradientTape() as tape:
            # Else nothing is recorded of a network without trainable weights.
            tape.watch(batch)
            maps, scores = layer_outputs(model, batch, layers)
            score = tf.gather(scores, wanted, batch_dims=1)
        gradients = tape.gradient(score, maps)
        if gradients is None:
            raise ValueError(
                f"layer {layers[0].name} has no part in {layers[1].name}"
            )
        gradients = tf.cast(gradients, tf.float32)
        weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        maps = tf.cast(maps, tf.float32)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=3))

    return by_batches(
        speaking, batch_size, images, np.broadcast_to(classes, len(images))
    )

"""The small classifier whose last hidden layer is looked at by t-SNE.

"Facial Emotion Representation and Reconstruction with VAEs", section 2.1. It is
the encoder of the Fader network as well.
"""

import keras

from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import with_heads

_HEADS = ("logits", "embedding")


def ExpressionCNN(
    input_shape: tuple[int, int, int] = (128, 128, 1),
    num_classes: int = 7,
    *,
    pool_strides: int = 2,
    dropout_rate: float = 0.5,
    heads: tuple[str, ...] = ("logits",),
    name: str = "expression_cnn",
) -> keras.Model:
    """Build two convolutions and three dense layers.

    8,417,687 parameters by default; 134,246,807 with pools of stride 1, as the
    paper prints them (its published code has stride 2).

    Args:
        input_shape: `(height, width, channels)`; sides of at least 8 pixels.
        num_classes: number of expressions, at least 2.
        pool_strides: 2, or 1 as printed.
        dropout_rate: share of the last hidden units dropped in training.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax) and
            `"embedding"` (`(batch, 100)`, the last hidden units).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.ExpressionCNN((64, 64, 1)).count_params()
    2126231

    Reference:
        - Barradas-Chacon et al., section 2.1.
    """
    check_arguments(input_shape, 8, num_classes, heads, _HEADS)
    if pool_strides not in (1, 2):
        raise ValueError(
            f"`pool_strides` must be 1 or 2. Received: {pool_strides}"
        )
    images = keras.Input(input_shape, name="images")
    # Pixels stay in float32 under mixed precision: bfloat16 has 8 bits.
    x = keras.layers.Rescaling(1 / 255, dtype="float32", name="rescaling")(
        images
    )
    for number, filters in enumerate((8, 32), start=1):
        x = keras.layers.Conv2D(
            filters, 3, padding="same", name=f"conv{number}"
        )(x)
        # In the order of the text: pooled, then rectified.
        x = keras.layers.MaxPooling2D(
            2, pool_strides, padding="same", name=f"pool{number}"
        )(x)
        x = keras.layers.ReLU(name=f"relu{number}")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(256, "relu", name="hidden")(x)
    embedding = keras.layers.Dense(100, "relu", name="embedding")(x)
    x = keras.layers.Dropout(dropout_rate, name="dropout")(embedding)
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    outputs = {"logits": logits, "embedding": embedding}
    return with_heads(images, outputs, heads, name)

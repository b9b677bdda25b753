"""The zero-bias CNN of Khorrami, Paine and Huang.

"Do Deep Neural Networks Learn Facial Action Units When Doing Expression
Recognition?", ICCV Workshops 2015. https://arxiv.org/abs/1510.02969

Figure 2 of the paper, left to right. Departures:
- the deviation of the initial weights is k / sqrt(fan_in), as in the published
  code; in the paper's text the root is missing. The code's hidden layer also
  counts the batch into fan_in, which is not copied here;
- dropout stands on the pooled features, as in the code (the text can also be
  read as on the hidden units: `dropout_on`);
- the local deviation is divided by, as the text says (`divide_std`).
"""

import random

import keras

from keras_fer import layers
from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import with_heads

_HEADS = ("logits", "embedding")


def ZeroBiasCNN(
    input_shape: tuple[int, int, int] = (96, 96, 1),
    num_classes: int = 8,
    *,
    filters: tuple[int, int, int] = (64, 128, 256),
    hidden_dim: int = 300,
    divide_std: bool = True,
    dropout_rate: float = 0.5,
    dropout_on: str = "pooled",
    k: float | None = None,
    heads: tuple[str, ...] = ("logits",),
    name: str = "zero_bias_cnn",
) -> keras.Model:
    """Build the zero-bias CNN: three 5×5 convolutions, quadrants, two dense.

    1,335,508 parameters for 8 classes, 1,335,207 for 7, 1,334,906 for 6,
    whatever the size of the images. Pixels are scaled to `[0, 2]` and
    normalized by local contrast inside the network.

    Args:
        input_shape: `(height, width, channels)`; sides of at least 8 pixels,
            odd and unequal ones too. The paper uses 96, FER2013 has 48.
        num_classes: number of expressions, at least 2.
        filters: channels of the three convolutions.
        hidden_dim: units of the hidden dense layer.
        divide_std: divide by the local deviation (paper) or only subtract the
            local mean (published runs).
        dropout_rate: share of features dropped in training; 0 leaves the
            layer out (the paper's rows without "D").
        dropout_on: `"pooled"`, the 1024 pooled features (code), or
            `"hidden"`, the 300 hidden units (text).
        k: spread of the initial weights, one number for the whole network.
            By default drawn from U(0.2, 1.2), as in the paper;
            `keras.utils.set_random_seed` makes the draw repeatable.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax) and
            `"embedding"` (`(batch, hidden_dim)`, the hidden units).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.ZeroBiasCNN((96, 96, 1), num_classes=8).count_params()
    1335508

    Reference:
        - [Khorrami et al., 2015](https://arxiv.org/abs/1510.02969)
    """
    check_arguments(input_shape, 8, num_classes, heads, _HEADS)
    if dropout_on not in ("pooled", "hidden"):
        raise ValueError(
            "`dropout_on` must be 'pooled' or 'hidden'. Received: "
            f"dropout_on={dropout_on!r}"
        )
    if k is None:
        k = random.uniform(0.2, 1.2)

    def normal():
        # sigma = k / sqrt(fan_in), section 3.2
        return keras.initializers.VarianceScaling(
            k**2, "fan_in", "untruncated_normal"
        )

    images = keras.Input(input_shape, name="images")
    # Pixels stay in float32 under mixed precision: bfloat16 has 8 bits.
    x = keras.layers.Rescaling(2 / 255, dtype="float32", name="rescaling")(
        images
    )
    x = layers.LocalContrastNormalization(
        divide_std=divide_std, dtype="float32", name="normalization"
    )(x)
    for index, width in enumerate(filters, start=1):
        x = layers.ZeroBiasConv2D(
            width, 5, kernel_initializer=normal(), name=f"conv{index}"
        )(x)
        if index < len(filters):
            x = keras.layers.MaxPooling2D(name=f"pool{index}")(x)
    x = layers.QuadrantPooling2D(name="quadrants")(x)  # (B, 2, 2, C)
    x = keras.layers.Flatten(name="pooled")(x)
    if dropout_rate and dropout_on == "pooled":
        x = keras.layers.Dropout(dropout_rate, name="dropout")(x)
    embedding = keras.layers.Dense(
        hidden_dim,
        activation="relu",
        kernel_initializer=normal(),
        bias_initializer="ones",  # as in the published code
        name="embedding",
    )(x)
    x = embedding
    if dropout_rate and dropout_on == "hidden":
        x = keras.layers.Dropout(dropout_rate, name="dropout")(x)
    logits = keras.layers.Dense(
        num_classes, kernel_initializer=normal(), dtype="float32", name="logits"
    )(x)
    outputs = {"logits": logits, "embedding": embedding}
    return with_heads(images, outputs, heads, name)

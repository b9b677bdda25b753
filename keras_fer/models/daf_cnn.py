"""DAF-CNN, a VGG with channel-spatial attention and class centers.

"Discriminative attention-augmented feature learning for facial expression
recognition in the wild", section 3. What the paper leaves open, and what is
done here:
- widths: 64, 128, 256, 512, 512 channels, as in VGG, times `width`; kernels of
  3×3, batch normalization before ReLU, max pooling of 2×2 after each block;
- the size of the first dense layer: 512, with ReLU. Its output is the embedding
  that the centers live in; dropout stands before both dense layers;
- where attention sits: see `attention_after`.
"""

import keras

from keras_fer import layers
from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import with_heads

_CONVOLUTIONS = (3, 3, 4, 4, 4)
_CHANNELS = (64, 128, 256, 512, 512)
_SMALLEST = 6  # pixels a side of a map on which places can differ
_HEADS = ("logits", "embedding", "distances")


def DAFCNN(
    input_shape: tuple[int, int, int] = (96, 96, 1),
    num_classes: int = 7,
    *,
    width: float = 1.0,
    attention: bool = True,
    attention_after: str | None = None,
    embedding_dim: int = 512,
    dropout_rate: float = 0.5,
    classifier: str = "softmax",
    heads: tuple[str, ...] = ("logits",),
    name: str = "daf_cnn",
) -> keras.Model:
    """Build DAF-CNN: 18 convolutions, attention, two dense layers.

    22,654,441 parameters by default (the paper gives no number), 1.3 million
    at width .25 for images of 48 pixels. Pixels are divided by 255 inside the
    network.

    Args:
        input_shape: `(height, width, channels)`; sides of at least 32 pixels,
            since five pools halve them.
        num_classes: number of expressions, at least 2.
        width: what the numbers of channels are multiplied by; they are
            rounded to multiples of 16, and at least 8.
        attention: refine the feature map; `False` is the paper's ablation
            without the attention module.
        attention_after: `"block1"` to `"block5"`, after the convolutions of
            that block and before its pool, or `"pool5"`, after all of them, the
            paper's place: 3×3 at 96 pixels, and one pixel at 48, where there is
            no place to choose. By default after the last block whose map is at
            least 6×6: block 5 at 96 pixels, block 4 at 48.
        embedding_dim: units of the first dense layer.
        dropout_rate: share of units dropped before each dense layer.
        classifier: `"softmax"`, a dense layer makes the logits, or
            `"centers"`, they are the negative distances, so that the nearest
            center names the class.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax),
            `"embedding"` (`(batch, embedding_dim)`) and `"distances"`
            (`(batch, num_classes)`, to the centers of the classes).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> model = models.DAFCNN(
    ...     (48, 48, 1), width=0.125, heads=("logits", "distances")
    ... )
    >>> sorted(model.output)
    ['distances', 'logits']
    >>> model.get_layer("attention").output.shape
    (None, 6, 6, 64)

    Reference:
        - DAF-CNN, section 3.1 and figure 1.
    """
    check_arguments(input_shape, 32, num_classes, heads, _HEADS)
    if classifier not in ("softmax", "centers"):
        raise ValueError(
            "`classifier` must be 'softmax' or 'centers'. Received: "
            f"{classifier!r}"
        )
    if attention_after is None:
        attention_after = _last_block(input_shape)
    places = [f"block{n}" for n in range(1, 6)] + ["pool5"]
    if attention_after not in places:
        raise ValueError(
            f"`attention_after` must be one of {', '.join(places)} or None. "
            f"Received: {attention_after!r}"
        )

    def attend(x, place):
        if not attention or place != attention_after:
            return x
        return layers.ChannelSpatialAttention(name="attention")(x)

    images = keras.Input(input_shape, name="images")
    x = keras.layers.Rescaling(1 / 255, dtype="float32", name="rescaling")(
        images
    )
    for block, count in enumerate(_CONVOLUTIONS, start=1):
        # Whole vectors: other numbers have slow kernels in half precision.
        channels = max(8, 16 * round(width * _CHANNELS[block - 1] / 16))
        for number in range(1, count + 1):
            stem = f"block{block}_conv{number}"
            x = keras.layers.Conv2D(
                channels,
                3,
                padding="same",
                use_bias=False,  # the normalization has one
                kernel_initializer="he_normal",
                name=stem,
            )(x)
            x = layers.FusedBatchNormalization(name=f"{stem}_norm")(x)
            x = keras.layers.ReLU(name=f"{stem}_relu")(x)
        x = attend(x, f"block{block}")
        x = keras.layers.MaxPooling2D(name=f"pool{block}")(x)
    x = attend(x, "pool5")
    x = keras.layers.Flatten(name="features")(x)
    x = keras.layers.Dropout(dropout_rate, name="features_dropout")(x)
    embedding = keras.layers.Dense(
        embedding_dim,
        activation="relu",
        kernel_initializer="he_normal",
        name="embedding",
    )(x)
    x = keras.layers.Dropout(dropout_rate, name="embedding_dropout")(embedding)
    outputs = {"embedding": embedding}
    if "distances" in heads or classifier == "centers":
        outputs["distances"] = layers.ClassCenters(
            num_classes, name="distances"
        )(embedding)
    if "logits" in heads and classifier == "centers":
        outputs["logits"] = keras.layers.Rescaling(
            -1.0, dtype="float32", name="logits"
        )(outputs["distances"])
    elif "logits" in heads:
        outputs["logits"] = keras.layers.Dense(
            num_classes, dtype="float32", name="logits"
        )(x)
    return with_heads(images, outputs, heads, name)


def _last_block(input_shape):
    side = min(input_shape[:2])
    block = 1
    while block < 5 and side // 2**block >= _SMALLEST:
        block += 1
    return f"block{block}"

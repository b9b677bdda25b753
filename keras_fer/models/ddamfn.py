"""DDAMFN: mixed depthwise kernels, and attention along rows and columns.

"A Dual-Direction Attention Mixed Feature Network for Facial Expression
Recognition", https://doi.org/10.3390/electronics12173595, as in the published
code, https://github.com/SainingZhang/DDAMFN, without the parts that it builds
and never uses.
"""

import keras
from keras import ops

from keras_fer import layers
from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import imagenet_normalization
from keras_fer.models.heads import torch_uniform
from keras_fer.models.heads import with_heads

_HEADS = ("logits", "embedding", "attention")

# Name, channels in between, channels after, channels of each kernel size,
# strides, repetitions.
_BLOCKS = (
    ("conv_23", 128, 64, {3: 64, 5: 32, 7: 32}, 2, 1),
    ("conv_3", 128, 64, {3: 96, 5: 32}, 1, 9),
    ("conv_34", 256, 128, {3: 128, 5: 64, 7: 64}, 2, 1),
    ("conv_4", 256, 128, {3: 192, 5: 64}, 1, 16),
    ("conv_45", 1024, 256, {3: 256, 5: 256, 7: 256, 9: 256}, 2, 1),
    ("conv_5", 512, 256, {3: 172, 5: 170, 7: 170}, 1, 6),
)


def DDAMFN(
    input_shape: tuple[int, int, int] = (112, 112, 3),
    num_classes: int = 7,
    *,
    num_heads: int = 2,
    heads: tuple[str, ...] = ("logits",),
    name: str = "ddamfn",
) -> keras.Model:
    """Build DDAMFN: 4,105,999 trainable parameters as published.

    MobileFaceNet with mixed depthwise convolutions and coordinate attention;
    on its last map two heads that weigh rows and columns, of which the larger
    weight counts at each place. Kernels of the heads and of the last depthwise
    convolution span the map, so their parameters follow the size of the
    images.
    Pixels are normalized by ImageNet's mean and deviation inside the network.

    Trained as published, with the loss of the heads at a tenth, and a tenth of
    the rate after each 10 of 40 epochs:

        model.compile(
            trainers.CoupledSGD(0.01, momentum=0.9, coupled_weight_decay=1e-4),
            {
                "logits": SparseCategoricalCrossentropy(from_logits=True),
                "attention": losses.AttentionLoss(),
            },
            loss_weights={"logits": 1.0, "attention": 0.1},
        )
        batches = train.to_dataset(
            256,
            shuffle=True,
            augment=augmentation.DANAugmentation(
                rotation_degrees=5, shift=8 / 112
            ),
            heads=model.output_names,
        )
        model.fit(batches, shuffle=False)

    Args:
        input_shape: `(height, width, channels)` with 1 or 3 channels; sides of
            at least 48 pixels. The paper has 112.
        num_classes: number of expressions, at least 2.
        num_heads: number of attention heads, at least 1.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax),
            `"embedding"` (`(batch, 512)`) and `"attention"` (`(batch,
            num_heads, height, width, 512)`, what each head weighs).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> model = models.DDAMFN((48, 48, 1), heads=("logits", "attention"))
    >>> model.output["attention"].shape
    (None, 2, 3, 3, 512)

    Reference:
        - [Zhang et al., 2023](https://doi.org/10.3390/electronics12173595)
        - EMMA, section 4, whose backbone it is.
    """
    check_arguments(input_shape, 48, num_classes, heads, _HEADS)
    if num_heads < 1:
        raise ValueError(
            f"`num_heads` must be at least 1. Received: {num_heads}"
        )
    images = keras.Input(input_shape, name="images")
    x = imagenet_normalization(images)
    x = keras.layers.ZeroPadding2D(1, name="conv1_pad")(x)
    x = _convolution(x, 64, 3, 2, "conv1", padding="valid")
    x = _activation(_normalization(x, "conv1"), "conv1")
    x = _depthwise(x, (3, 3), "conv2_dw", padding="same")
    x = _activation(_normalization(x, "conv2_dw"), "conv2_dw")
    for stem, between, after, splits, strides, count in _BLOCKS:
        for number in range(1, count + 1):
            block = stem if count == 1 else f"{stem}_{number}"
            x = _mixed(x, between, after, splits, strides, block)
    x = _convolution(x, 512, 1, 1, "conv_6_sep")
    x = _activation(_normalization(x, "conv_6_sep"), "conv_6_sep")

    weights = [
        layers.DualDirectionAttention(name=f"head{number}")(x)
        for number in range(1, num_heads + 1)
    ]
    strongest = (
        keras.layers.Maximum(name="strongest")(weights)
        if num_heads > 1
        else weights[0]
    )
    x = keras.layers.Multiply(name="attended")([x, strongest])
    x = _depthwise(x, x.shape[1:3], "last")
    x = _normalization(x, "last")
    embedding = keras.layers.Flatten(dtype="float32", name="embedding")(x)
    outputs = {"embedding": embedding}
    if "attention" in heads:
        outputs["attention"] = keras.layers.Identity(
            dtype="float32", name="attention"
        )(ops.stack(weights, axis=1))
    if "logits" in heads:
        outputs["logits"] = keras.layers.Dense(
            num_classes,
            kernel_initializer=torch_uniform(512),
            bias_initializer=torch_uniform(512),
            dtype="float32",
            name="logits",
        )(embedding)
    return with_heads(images, outputs, heads, name)


def _mixed(x, between, after, splits, strides, name):
    """Expand, convolve by several kernels, attend, project."""
    before = x
    x = _convolution(x, between, 1, 1, f"{name}_expand")
    x = _activation(_normalization(x, f"{name}_expand"), f"{name}_expand")
    x = layers.MixedDepthwiseConv2D(splits, strides, name=f"{name}_mixed")(x)
    x = layers.CoordinateAttention(name=f"{name}_attention")(x)
    x = _convolution(x, after, 1, 1, f"{name}_project")
    x = _normalization(x, f"{name}_project")
    if strides == 1:
        x = keras.layers.Add(name=f"{name}_add")([before, x])
    return x


def _convolution(x, filters, size, strides, name, padding="same"):
    return keras.layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding=padding,
        use_bias=False,
        kernel_initializer=torch_uniform(x.shape[-1] * size**2),
        name=name,
    )(x)


def _depthwise(x, size, name, padding="valid"):
    return keras.layers.DepthwiseConv2D(
        size,
        padding=padding,
        use_bias=False,
        depthwise_initializer=torch_uniform(size[0] * size[1]),
        name=name,
    )(x)


def _normalization(x, name):
    return layers.FusedBatchNormalization(
        momentum=0.9, epsilon=1e-5, name=f"{name}_norm"
    )(x)


def _activation(x, name):
    return keras.layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=(1, 2),
        name=f"{name}_prelu",
    )(x)

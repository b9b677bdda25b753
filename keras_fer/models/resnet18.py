"""ResNet-18, the feature extractor of CAKE, EMMA and DAN."""

import functools

import keras

from keras_fer import layers
from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import imagenet_normalization
from keras_fer.models.heads import with_heads

_HEADS = ("logits", "valence_arousal", "embedding")


def ResNet18(
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 7,
    *,
    dropout_rate: float = 0.5,
    preset: str | None = None,
    heads: tuple[str, ...] = ("logits",),
    name: str = "resnet18",
) -> keras.Model:
    """Build ResNet-18 with heads for expressions and for valence and arousal.

    KerasHub's `ResNetBackbone` with fused batch normalization, as a plain model
    `backbone` inside this one, which loads without KerasHub: 11,176,512
    trainable parameters at three channels, without heads. Its 512 features are
    the means over the last map.
    Pixels are normalized by ImageNet's mean and deviation inside the network.

    Args:
        input_shape: `(height, width, channels)` with 1 or 3 channels; sides of
            at least 48 pixels. CAKE has 224.
        num_classes: number of expressions, at least 2.
        dropout_rate: share of features dropped before the heads.
        preset: weights of the backbone to start from, such as
            `"resnet_18_imagenet"`, which KerasHub downloads; 3 channels only.
            By default they are random.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax),
            `"valence_arousal"` (`(batch, 2)`, in that order, linear) and
            `"embedding"` (`(batch, 512)`).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> model = models.ResNet18((48, 48, 1), heads=("logits", "embedding"))
    >>> model.output["embedding"].shape
    (None, 512)

    Reference:
        - [He et al., 2016](https://arxiv.org/abs/1512.03385)
        - CAKE, section 2.2. What it leaves open: dropout stands on the 512
          features, with rate .5.
    """
    check_arguments(input_shape, 48, num_classes, heads, _HEADS)
    images = keras.Input(input_shape, name="images")
    x = resnet18_maps(imagenet_normalization(images), preset)
    embedding = keras.layers.GlobalAveragePooling2D(
        dtype="float32", name="embedding"
    )(x)
    x = keras.layers.Dropout(dropout_rate, name="dropout")(embedding)
    outputs = {"embedding": embedding}
    if "logits" in heads:
        outputs["logits"] = keras.layers.Dense(
            num_classes, dtype="float32", name="logits"
        )(x)
    if "valence_arousal" in heads:
        outputs["valence_arousal"] = keras.layers.Dense(
            2, dtype="float32", name="valence_arousal"
        )(x)
    return with_heads(images, outputs, heads, name)


def resnet18_maps(images, preset: str | None = None, *, he: bool = False):
    """The last map of ResNet-18, as a model `backbone` that is called.

    Args:
        images: tensor of normalized pixels, 1 or 3 channels.
        preset: weights to start from, of images with 3 channels.
        he: draw random kernels as He et al. do, by the fan out; else as
            KerasHub does, by Glorot.

    Raises:
        ValueError: a preset is wanted of other than 3 channels.
    """
    input_shape = images.shape[1:]
    if preset and input_shape[-1] != 3:
        raise ValueError(
            "`input_shape` must have 3 channels with a preset. Received: "
            f"input_shape={tuple(input_shape)}, preset={preset!r}"
        )
    # Takes seconds to import, and loading what was saved does not need it.
    import keras_hub

    if preset is None:
        backbone = keras_hub.models.ResNetBackbone(
            input_conv_filters=[64],
            input_conv_kernel_sizes=[7],
            stackwise_num_filters=[64, 128, 256, 512],
            stackwise_num_blocks=[2, 2, 2, 2],
            stackwise_num_strides=[1, 2, 2, 2],
            block_type="basic_block",
            image_shape=input_shape,
        )
    else:
        backbone = keras_hub.models.ResNetBackbone.from_preset(
            preset, image_shape=input_shape
        )
    maps = keras.models.clone_model(
        keras.Model(backbone.input, backbone.output, name="backbone"),
        clone_function=functools.partial(_fused, he=he),
    )
    if preset is not None:
        maps.set_weights(backbone.get_weights())
    return maps(images)


def _fused(layer, he):
    config = layer.get_config()
    if type(layer) is keras.layers.BatchNormalization:
        return layers.FusedBatchNormalization.from_config(config)
    if he and isinstance(layer, keras.layers.Conv2D):
        config["kernel_initializer"] = keras.initializers.VarianceScaling(
            2.0, "fan_out", "untruncated_normal"
        )
    return layer.from_config(config)

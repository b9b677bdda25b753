"""DAN: several heads that attend to different places of a face.

"Distract Your Attention: Multi-head Cross Attention Network for Facial
Expression Recognition", https://arxiv.org/abs/2109.07270, as in the published
code, https://github.com/yaoing/DAN.
"""

import keras
from keras import ops

from keras_fer import layers
from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import imagenet_normalization
from keras_fer.models.heads import torch_uniform
from keras_fer.models.heads import with_heads
from keras_fer.models.resnet18 import resnet18_maps

_HEADS = ("logits", "embedding", "affinity", "attention")


def DAN(
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 7,
    *,
    num_heads: int = 4,
    preset: str | None = None,
    heads: tuple[str, ...] = ("logits",),
    name: str = "dan",
) -> keras.Model:
    """Build DAN on ResNet-18: 19,723,733 trainable parameters as published.

    Each head weighs places and channels of the last map on its own. Their
    outputs compete: a log-softmax over the heads, whose sum is the embedding.
    So every number of it is at most -heads · log(heads), and with four heads it
    is at least 125 long. The logits are batch normalized.
    Pixels are normalized by ImageNet's mean and deviation inside the network.

    Trained as published, with one term for each head, and a tenth of the rate
    after each 10 of 40 epochs:

        model.compile(
            trainers.CoupledSGD(0.1, momentum=0.9, coupled_weight_decay=1e-4),
            {
                "logits": SparseCategoricalCrossentropy(from_logits=True),
                "affinity": losses.AffinityLoss(),
                "attention": losses.PartitionLoss(),
            },
        )
        batches = train.to_dataset(
            256,
            shuffle=True,
            augment=augmentation.DANAugmentation(),
            heads=model.output_names,
        )
        model.fit(batches, shuffle=False)

    Args:
        input_shape: `(height, width, channels)` with 1 or 3 channels; sides of
            at least 48 pixels. The paper has 224.
        num_classes: number of expressions, at least 2.
        num_heads: number of attention heads, at least 1.
        preset: weights of the backbone to start from, as in `ResNet18`.
        heads: any of `"logits"` (`(batch, num_classes)`, before softmax),
            `"embedding"` (`(batch, 512)`), `"affinity"` (`(batch,
            num_classes)`, see `layers.AffinityCenters`) and `"attention"`
            (`(batch, num_heads, 512)`, the heads after the log-softmax).
        name: name of the model.

    Returns:
        A `keras.Model` from float pixels in `[0, 255]` (uint8 arrays are
        accepted) to the tensor of the one head, or to a dict by head.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> model = models.DAN((48, 48, 1), heads=("logits", "attention"))
    >>> model.output["attention"].shape
    (None, 4, 512)

    Reference:
        - [Wen et al., 2023](https://arxiv.org/abs/2109.07270)
        - EMMA, section 4, whose backbone it is.
    """
    check_arguments(input_shape, 48, num_classes, heads, _HEADS)
    if num_heads < 1:
        raise ValueError(
            f"`num_heads` must be at least 1. Received: {num_heads}"
        )
    images = keras.Input(input_shape, name="images")
    maps = resnet18_maps(imagenet_normalization(images), preset, he=True)
    attended = [
        layers.CrossAttentionHead(name=f"head{number}")(maps)
        for number in range(1, num_heads + 1)
    ]
    x = ops.stack(attended, axis=1)
    if num_heads > 1:
        x = ops.log_softmax(x, axis=1)
    x = keras.layers.Identity(dtype="float32", name="attention")(x)
    embedding = keras.layers.Identity(dtype="float32", name="embedding")(
        ops.sum(x, axis=1)
    )
    outputs = {"attention": x, "embedding": embedding}
    if "logits" in heads:
        x = keras.layers.Dense(
            num_classes,
            kernel_initializer=torch_uniform(512),
            bias_initializer=torch_uniform(512),
            dtype="float32",
            name="scores",
        )(embedding)
        outputs["logits"] = keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, dtype="float32", name="logits"
        )(x)
    if "affinity" in heads:
        pooled = keras.layers.GlobalAveragePooling2D(
            dtype="float32", name="features"
        )(maps)
        outputs["affinity"] = layers.AffinityCenters(
            num_classes, name="affinity"
        )(pooled)
    return with_heads(images, outputs, heads, name)

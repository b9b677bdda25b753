"""What all builders have in common: their checks, and their heads."""

import keras

# Mean and deviation of ImageNet's pixels, which presets expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


def check_arguments(input_shape, smallest, num_classes, heads, known):
    """Refuse shapes, numbers and heads that no network is built for.

    Args:
        input_shape: `(height, width, channels)`.
        smallest: least side in pixels.
        num_classes: number of expressions.
        heads: names of the outputs.
        known: names that there are.

    Raises:
        ValueError: one of them is out of its range.
    """
    whole = len(input_shape) == 3 and None not in input_shape
    if not whole or min(input_shape[:2]) < smallest:
        raise ValueError(
            "`input_shape` must be (height, width, channels) with sides of at "
            f"least {smallest} pixels. Received: input_shape={input_shape}"
        )
    check_heads(num_classes, heads, known)


def check_heads(num_classes, heads, known):
    """Refuse numbers of classes and heads that no network is built for.

    Args:
        num_classes: number of expressions.
        heads: names of the outputs.
        known: names that there are.

    Raises:
        ValueError: one of them is out of its range.
    """
    if num_classes < 2:
        raise ValueError(
            f"`num_classes` must be at least 2. Received: {num_classes}"
        )
    if isinstance(heads, str) or not heads or not set(heads) <= set(known):
        raise ValueError(
            f"`heads` must be a tuple of any of {', '.join(known)}. Received: "
            f"heads={heads!r}"
        )


def imagenet_normalization(images):
    """Bring pixels of 1 or 3 channels, 0 to 255, to where presets expect them.

    Raises:
        ValueError: there are other channels.
    """
    channels = images.shape[-1]
    if channels not in (1, 3):
        raise ValueError(
            "`input_shape` must have 1 or 3 channels. Received: "
            f"input_shape={tuple(images.shape[1:])}"
        )
    mean, std = (
        values if channels == 3 else (sum(values) / 3,)
        for values in (_MEAN, _STD)
    )
    return keras.layers.Rescaling(
        [1 / (255 * value) for value in std],
        [-m / s for m, s in zip(mean, std, strict=True)],
        dtype="float32",
        name="rescaling",
    )(images)


def torch_uniform(fan: int):
    """A new initializer as PyTorch's default: within 1 / √fan.

    Keras' give the same numbers each time one and the same is used.
    """
    return keras.initializers.RandomUniform(-(fan**-0.5), fan**-0.5)


def with_heads(images, outputs, heads, name) -> keras.Model:
    """Make the model: of one head its tensor, of several a dict."""
    if len(heads) == 1:
        return keras.Model(images, outputs[heads[0]], name=name)
    return keras.Model(
        images, {head: outputs[head] for head in heads}, name=name
    )

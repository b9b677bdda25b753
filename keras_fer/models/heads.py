"""What all builders have in common: their checks, and their heads."""

import keras


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
    if num_classes < 2:
        raise ValueError(
            f"`num_classes` must be at least 2. Received: {num_classes}"
        )
    if isinstance(heads, str) or not heads or not set(heads) <= set(known):
        raise ValueError(
            f"`heads` must be a tuple of any of {', '.join(known)}. Received: "
            f"heads={heads!r}"
        )


def with_heads(images, outputs, heads, name) -> keras.Model:
    """Make the model: of one head its tensor, of several a dict."""
    if len(heads) == 1:
        return keras.Model(images, outputs[heads[0]], name=name)
    return keras.Model(
        images, {head: outputs[head] for head in heads}, name=name
    )

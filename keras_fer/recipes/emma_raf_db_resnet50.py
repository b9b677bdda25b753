"""EMMA on RAF-DB with ResNet-50, as published: table 1.

Everything else as in `emma_raf_db_dan`; pixels are brought to where
`keras.applications` expects them.
"""

import dataclasses
from functools import partial

import keras

from keras_fer.recipes import emma_raf_db_dan

_DAN = emma_raf_db_dan.RECIPE


def resnet50(weights=None):
    """Build the network up to its 2,048 features.

    Args:
        weights: as of `keras.applications.ResNet50`; `"imagenet"` downloads.

    Returns:
        A `keras.Model` from RGB pixels in `[0, 255]` to `(batch, 2048)`.

    Example:

    >>> from keras_fer.recipes import emma_raf_db_resnet50
    >>> emma_raf_db_resnet50.resnet50().output_shape
    (None, 2048)
    """
    images = keras.Input((224, 224, 3), name="images")
    body = keras.applications.ResNet50(
        include_top=False, weights=weights, pooling="avg"
    )
    pixels = keras.applications.resnet50.preprocess_input(images)
    return keras.Model(images, body(pixels), name="resnet50")


RECIPE = dataclasses.replace(
    _DAN,
    name="emma_raf_db_resnet50",
    cost="up to 100 × 7,799 images at 224×224: 16 h on 2 cores in "
    "bfloat16, more in float32 (estimate)",
    paper="accuracy 42.9 %, UAR 39.1 % (compounds, table 1)",
    model=partial(_DAN.model, backbone=resnet50, layer=None),
)

ABLATIONS = emma_raf_db_dan.other_rows(
    RECIPE,
    ce="accuracy 43.6 %, UAR 40.7 % (compounds, table 1)",
    general="accuracy 43.4 %, UAR 27.1 %",
    transfer="accuracy 48.7 %, UAR 32.9 %",
    ce_transfer="accuracy 48.4 %, UAR 32.5 %",
)

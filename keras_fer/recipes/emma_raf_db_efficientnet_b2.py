"""EMMA on RAF-DB with EfficientNet-B2, as published: table 1.

Everything else as in `emma_raf_db_dan`; the network normalizes pixels itself.
"""

import dataclasses
from functools import partial

import keras

from keras_fer.recipes import emma_raf_db_dan

_DAN = emma_raf_db_dan.RECIPE

RECIPE = dataclasses.replace(
    _DAN,
    name="emma_raf_db_efficientnet_b2",
    cost="up to 100 × 7,799 images at 224×224: 18 h on 2 cores in "
    "bfloat16, more in float32 (estimate)",
    paper="accuracy 43.4 %, UAR 42.2 % (compounds, table 1)",
    model=partial(
        _DAN.model,
        backbone=partial(
            keras.applications.EfficientNetB2,
            include_top=False,
            weights=None,
            input_shape=(224, 224, 3),
            pooling="avg",
        ),
        layer=None,
    ),
)

ABLATIONS = emma_raf_db_dan.other_rows(
    RECIPE,
    ce="accuracy 44.7 %, UAR 41.9 % (compounds, table 1)",
    general="accuracy 50.5 %, UAR 32.8 %",
    transfer="accuracy 57.8 %, UAR 40.8 %",
    ce_transfer="accuracy 56.3 %, UAR 39.8 %",
)

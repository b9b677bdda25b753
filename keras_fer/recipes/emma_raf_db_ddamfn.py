"""EMMA on RAF-DB with DDAMFN, as published: table 1.

112×112 pixels, augmentation as DDAMFN's on RAF-DB; everything else as in
`emma_raf_db_dan`.
"""

import dataclasses
from functools import partial

from keras_fer import augmentation
from keras_fer import models
from keras_fer.recipes import emma_raf_db_dan

_DAN = emma_raf_db_dan.RECIPE

RECIPE = dataclasses.replace(
    _DAN,
    name="emma_raf_db_ddamfn",
    paper="accuracy 61.7 %, UAR 55.9 % (compounds, table 1)",
    cost="up to 100 × 7,799 images at 112×112: 6 h on 2 cores "
    "in bfloat16, more in float32 (estimate)",
    corpus=partial(_DAN.corpus, size=112),
    compounds=partial(_DAN.compounds, size=112),
    model=partial(
        _DAN.model, backbone=partial(models.DDAMFN, heads=("embedding",))
    ),
    augmentation=partial(
        augmentation.DANAugmentation, rotation_degrees=5, shift=8 / 112
    ),
)

ABLATIONS = emma_raf_db_dan.other_rows(
    RECIPE,
    ce="accuracy 61.5 %, UAR 53.0 % (compounds, table 1)",
    general="accuracy 64.6 %, UAR 49.2 %",
    transfer="accuracy 65.9 %, UAR 55.9 %",
    ce_transfer="accuracy 65.3 %, UAR 52.8 %",
)

"""The zero-bias CNN on TFD: table 1.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. Five official folds.
Everything but the corpus as in `zero_bias_cnn_ck_plus`.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import tfd
from keras_fer.recipes import zero_bias_cnn_ck_plus
from keras_fer.recipes.zero_bias_cnn_ck_plus import ablations

RECIPE = dataclasses.replace(
    zero_bias_cnn_ck_plus.RECIPE,
    name="zero_bias_cnn_tfd",
    paper="88.6 ± 1.5 % (7 classes, 5 folds)",
    corpus=tfd.load_data,
    folds=tfd.FOLDS,
    model=partial(
        zero_bias_cnn_ck_plus.RECIPE.model, num_classes=len(tfd.INFO.classes)
    ),
)

ABLATIONS = ablations(
    RECIPE, none="79.0 ± 1.1 %", d="81.8 ± 2.1 %", a="88.4 ± 1.7 %"
)

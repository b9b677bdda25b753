"""The zero-bias CNN on the 48×48 crops of CK+: table 3, six expressions.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. Contempt is left out,
as there. Differences to the paper as in `zero_bias_cnn_ck_plus_seven`.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import expressions
from keras_fer.recipes import zero_bias_cnn_ck_plus_seven
from keras_fer.recipes.zero_bias_cnn_ck_plus import ablations

_SEVEN = zero_bias_cnn_ck_plus_seven.RECIPE

RECIPE = dataclasses.replace(
    _SEVEN,
    name="zero_bias_cnn_ck_plus_six",
    paper="98.3 ± 1.6 % (6 classes, 10 folds)",
    corpus=partial(_SEVEN.corpus, classes=expressions.BASIC),
    model=partial(_SEVEN.model, num_classes=len(expressions.BASIC)),
)

ABLATIONS = ablations(RECIPE)

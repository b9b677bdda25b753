"""A baseline for the compound expressions of FER+, see `datasets.ferplus`.

The zero-bias CNN starts from what it learned on the seven expressions of
FER2013, whose epoch was chosen on all of PublicTest, and learns the 11 pairs of
Training. Faces are sampled as often as they occur, although the measure is UAR.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import ferplus
from keras_fer.recipes import zero_bias_cnn_sfew

RECIPE = dataclasses.replace(
    zero_bias_cnn_sfew.RECIPE,
    name="zero_bias_cnn_ferplus_compound",
    corpus=partial(ferplus.load_data, target="compound"),
    folds=None,
    model=partial(
        zero_bias_cnn_sfew.RECIPE.model,
        num_classes=len(ferplus.COMPOUND_INFO.classes),
    ),
    monitor="val_balanced_accuracy",
    init="zero_bias_cnn_fer2013",
)

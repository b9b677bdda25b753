"""The zero-bias CNN on SFEW, starting from what it learned on FER2013.

Everything else as in `zero_bias_cnn_sfew`.
"""

import dataclasses

from keras_fer.recipes import zero_bias_cnn_sfew

RECIPE = dataclasses.replace(
    zero_bias_cnn_sfew.RECIPE,
    name="zero_bias_cnn_sfew_fine_tuned",
    init="zero_bias_cnn_fer2013",
)

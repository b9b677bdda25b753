"""DAF-CNN on SFEW as in the paper: FER2013 first, then the joint loss.

It starts from the first seed of `daf_cnn_fer2013_small_attention`: attention
and softmax, the paper's first phase. Everything else as in `daf_cnn_sfew`.
"""

import dataclasses

from keras_fer.recipes import daf_cnn_sfew

RECIPE = dataclasses.replace(
    daf_cnn_sfew.RECIPE,
    name="daf_cnn_sfew_fine_tuned",
    paper="52.98 % (validation split, at 96×96)",
    init="daf_cnn_fer2013_small_attention/seed_0",
)

"""DAF-CNN on SFEW: FER2013 first, then the joint loss of equation 13.

It starts from the first seed of `daf_cnn_fer2013_small_attention`: attention
and softmax, the paper's first phase. Everything else as in `daf_cnn_sfew`. The
paper describes its second phase twice, see `daf_cnn_sfew_centers`; its figure
may be of either.
"""

import dataclasses

from keras_fer.recipes import daf_cnn_sfew

RECIPE = dataclasses.replace(
    daf_cnn_sfew.RECIPE,
    name="daf_cnn_sfew_fine_tuned",
    paper="52.98 % (validation split, at 96×96)",
    init="daf_cnn_fer2013_small_attention/seed_0",
)

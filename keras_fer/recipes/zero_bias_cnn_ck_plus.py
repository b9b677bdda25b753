"""The zero-bias CNN on CK+: table 2, row "Zero-bias CNN+AD".

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. The figure is the mean
of ten folds; this recipe is the first of them. It needs the sequences of CK+
in `ck_plus/`.
"""

from functools import partial

from keras_fer import augmentation
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import ck_plus
from keras_fer.recipes.recipe import Recipe

RECIPE = Recipe(
    name="zero_bias_cnn_ck_plus",
    paper="96.4 ± 3.1 % (8 classes, 10 folds)",
    cost="31,000 steps of 64 at 96×96: about a day a fold (estimate)",
    corpus=partial(ck_plus.load_data, layout="frames", fold=0),
    model=partial(models.ZeroBiasCNN, input_shape=(96, 96, 1), num_classes=8),
    augmentation=augmentation.ZeroBiasAugmentation,
    optimizer=partial(  # section 3.2
        trainers.CoupledSGD,
        learning_rate=0.01,
        momentum=0.9,
        coupled_weight_decay=1e-5,
    ),
    # 31 checkpoints of 1,000 steps, drawn with replacement, as in the code.
    epochs=31,
    steps_per_epoch=1000,
)

"""The zero-bias CNN on CK+: table 2.

Khorrami et al., 2015, https://arxiv.org/abs/1510.02969. Ten folds, neutral and
contempt included. It needs the sequences of CK+ in `ck_plus/`.
"""

import dataclasses
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
    corpus=partial(ck_plus.load_data, layout="frames"),
    folds=ck_plus.FOLDS,
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


def ablations(recipe: Recipe, **papers: str) -> tuple[Recipe, ...]:
    """Take augmentation (A), dropout (D) or both from a recipe that has both.

    Args:
        recipe: the paper's row "AD".
        papers: the paper's figures for `none`, `d` and `a`, where it has any.
    """
    augmented, dropped = recipe.augmentation, recipe.model
    plain = partial(recipe.model, dropout_rate=0.0)
    return tuple(
        dataclasses.replace(
            recipe,
            name=f"{recipe.name}_{kept}",
            paper=papers.get(kept, "no figure"),
            augmentation=augmentation,
            model=model,
        )
        for kept, augmentation, model in (
            ("none", None, plain),
            ("d", None, dropped),
            ("a", augmented, plain),
        )
    )


ABLATIONS = ablations(
    RECIPE, none="81.8 ± 4.8 %", d="85.6 ± 4.6 %", a="96.3 ± 2.8 %"
)

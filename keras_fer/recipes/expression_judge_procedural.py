"""A classifier that names what generative models draw, on procedural faces.

It is trained apart from them, and its network is none of theirs: DAF-CNN's with
a quarter of its channels. Every other face is blurred, since decoders draw
softly.
"""

from functools import partial

from keras_fer import models
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes import action_units_procedural
from keras_fer.recipes.generative_recipes import load_half_blurred
from keras_fer.recipes.recipe import Recipe

_READER = action_units_procedural.RECIPE

RECIPE = Recipe(
    name="expression_judge_procedural",
    paper="no figure",
    cost=_READER.cost,
    corpus=partial(
        load_half_blurred,
        load=procedural.load_data,
        classes=fer2013.INFO.classes,
        size=64,
    ),
    model=partial(models.DAFCNN, (64, 64, 1), width=0.25, dropout_rate=0.2),
    optimizer=_READER.optimizer,
    epochs=_READER.epochs,
    batch_size=_READER.batch_size,
    monitor="val_accuracy",
    precision=_READER.precision,
)

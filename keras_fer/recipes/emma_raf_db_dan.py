"""EMMA on RAF-DB with DAN, as published: table 1.

224×224 pixels, six basic expressions, every fifth training image of a class
for validation, SGD with rate 1e-3, batches of 64; the training ends when the
validation loss has risen five epochs in a row, and the best epoch is kept. What
the paper leaves open: momentum .9; gradients cut to length 1, all together,
since DAN's features are at least 125 long; augmentation as DAN's; random
initial weights, where the backbones' authors start from networks of face
recognition. `--init RUN` starts from those of a run, and
`callbacks=(partial(keras.callbacks.EarlyStopping, patience=5),)` ends five
epochs after the best, as the paper's "patience" can be read as well.
"""

from functools import partial

import keras

from keras_fer import augmentation
from keras_fer import losses
from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets import ferplus
from keras_fer.datasets import raf_db
from keras_fer.recipes import emma_recipes
from keras_fer.recipes.compound_recipe import CompoundRecipe


def load_data(split="train", *, size=224, **options):
    """Read the six basic expressions of RAF-DB."""
    faces = raf_db.load_data(split, val_every=5, size=size, **options)
    return faces.map_classes(classes=ferplus.BASIC)


RECIPE = CompoundRecipe(
    name="emma_raf_db_dan",
    paper="accuracy 57.8 %, UAR 52.7 % (compounds, table 1)",
    cost="up to 100 × 7,799 images at 224×224: 5 h on 2 cores "
    "in bfloat16, more in float32 (estimate)",
    corpus=load_data,
    compounds=partial(raf_db.load_data, part="compound", val_every=5, size=224),
    model=partial(
        emma_recipes.emma_network,
        backbone=partial(models.DAN, heads=("embedding",)),
        num_classes=len(ferplus.BASIC),
    ),
    augmentation=augmentation.DANAugmentation,
    optimizer=partial(
        keras.optimizers.SGD,
        learning_rate=1e-3,
        momentum=0.9,
        global_clipnorm=1.0,
    ),
    loss=losses.ConstrainedAngleLoss(),
    callbacks=(partial(trainers.StopOnRises, rises=5),),
    epochs=100,
    monitor="val_loss",
    mode="min",
)

other_rows = partial(
    emma_recipes.table_1,
    num_compounds=len(raf_db.COMPOUND_INFO.classes),
    compound_settings={
        "cost": "up to 100 × 2,529 images: a third of that (estimate)"
    },
    transfer_settings={
        "cost": "up to 100 × 2,529 images: less than a third of that (estimate)"
    },
)

ABLATIONS = other_rows(
    RECIPE,
    ce="accuracy 53.9 %, UAR 50.2 % (compounds, table 1)",
    general="accuracy 60.6 %, UAR 44.0 %",
    transfer="accuracy 65.9 %, UAR 54.2 %",
    ce_transfer="accuracy 62.1 %, UAR 49.5 %",
)

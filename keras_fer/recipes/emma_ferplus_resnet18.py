"""EMMA on real faces: compounds of FER+, of which none was seen in training.

ResNet-18 at 48×48 learns the six basic expressions of Training, as annotators
agreed on them by majority and as often as they occur, without faces that are
compound as well or look like one (`ferplus`, target `"basic"`). All compounds
of Training and PublicTest are named then. Differences to the paper, besides the
corpus: random initial weights; Adam with a rate that falls along a half cosine
from 1e-3, and a fixed number of epochs of which the last is kept, so that
nothing is chosen; no dropout, under which the cosines of training are others
than those of inference.
"""

from functools import partial

from keras_fer import augmentation
from keras_fer import losses
from keras_fer import models
from keras_fer.datasets import ferplus
from keras_fer.recipes import emma_recipes
from keras_fer.recipes.compound_recipe import CompoundRecipe
from keras_fer.recipes.recipe import adam

EPOCHS = 15
STEPS_PER_EPOCH = 228  # 14,596 training images in whole batches of 64

RECIPE = CompoundRecipe(
    name="emma_ferplus_resnet18",
    paper="no figure",
    cost="15 × 14,596 images at 48×48, bfloat16: 0.2 h a seed on one core",
    corpus=partial(ferplus.load_data, target="basic"),
    compounds=partial(ferplus.load_data, target="compound"),
    compound_splits=("train", "val"),
    model=partial(
        emma_recipes.emma_network,
        backbone=partial(
            models.ResNet18, input_shape=(48, 48, 1), heads=("embedding",)
        ),
        num_classes=len(ferplus.BASIC),
        dropout_rate=0.0,
    ),
    augmentation=augmentation.DANAugmentation,
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    loss=losses.ConstrainedAngleLoss(),
    epochs=EPOCHS,
    monitor=None,
    precision="mixed_bfloat16",
    seeds=3,
)

ABLATIONS = (emma_recipes.by_softmax(RECIPE, f"{RECIPE.name}_ce"),)

"""ResNet-18 on procedural faces: the features of CAKE where all is known.

CAKE, section 2.2. Faces of the domain "web", the largest of `cake_procedural`,
as AffectNet is the largest of the paper's. The paper's images have 224 pixels;
here they have 48. The rate falls along a half cosine from 1e-3, which the paper
leaves open as it does batch size and epochs.
"""

from functools import partial

from keras_fer import augmentation
from keras_fer import models
from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.recipe import adam

EPOCHS = 6
IMAGES = 16_000

RECIPE = Recipe(
    name="resnet18_procedural",
    paper="no figure",
    cost="6 × 16,000 images at 48×48, bfloat16: 0.2 h on one core",
    corpus=partial(
        procedural.load_data, domain="web", classes=fer2013.INFO.classes
    ),
    model=partial(models.ResNet18, input_shape=(48, 48, 1), num_classes=7),
    augmentation=augmentation.CAKEAugmentation,
    optimizer=adam(EPOCHS * IMAGES // 64),
    epochs=EPOCHS,
    precision="mixed_bfloat16",
)

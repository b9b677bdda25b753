"""A tiny DAF-CNN on drawn faces."""

import dataclasses
import functools

from keras_fer import recipes

_FULL = recipes.get("daf_cnn_procedural")

RECIPE = dataclasses.replace(
    _FULL,
    corpus=functools.partial(_FULL.corpus, images=70),
    model=functools.partial(_FULL.model, width=0.05, embedding_dim=16),
    batch_size=16,
    augmentation=None,
    epochs=1,
    steps_per_epoch=2,
)

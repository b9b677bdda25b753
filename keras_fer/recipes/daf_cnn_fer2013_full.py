"""DAF-CNN on FER2013 at the paper's size of images: table 1.

96×96 pixels, all channels, the rate lowered on plateaus from the best weights
(section 4.2); for how long the paper does not say. Faces are enlarged from
48×48, without the MTCNN that the paper puts before. What the paper leaves open
is as in `models.DAFCNN` (channels, embedding), in
`trainers.TripletCenterTrainer` (rate of the centers; the triplet-center loss is
a mean over the batch as that of softmax is, where equation 9 is a sum), and in
`augmentation.DAFCNNAugmentation`.
"""

import dataclasses
from functools import partial

import keras

from keras_fer import trainers
from keras_fer.recipes import daf_cnn_fer2013_small

_SMALL = daf_cnn_fer2013_small.RECIPE

RECIPE = dataclasses.replace(
    _SMALL,
    name="daf_cnn_fer2013_full",
    paper="72.39 % (attention and TC loss)",
    cost="up to 150 × 28,359 images at 96×96: weeks on 2 cores (estimate)",
    corpus=partial(_SMALL.corpus, size=96),
    model=partial(
        _SMALL.model,
        input_shape=(96, 96, 1),
        width=1.0,
        dropout_rate=0.5,
        attention_after="pool5",
    ),
    optimizer=partial(keras.optimizers.Adam, 1e-3),
    callbacks=(trainers.ReloadOnPlateau,),
    epochs=150,
    monitor="val_accuracy",
    precision="float32",
    seeds=None,
)

ABLATIONS = daf_cnn_fer2013_small.ablations(
    RECIPE, none="70.41 %", tc="71.38 %", attention="71.80 %"
)

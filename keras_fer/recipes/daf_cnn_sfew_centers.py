"""DAF-CNN on SFEW where the triplet-center loss replaces softmax.

The text of section 4.3.2 has it so, equation 13 and the weight for SFEW have it
otherwise (`daf_cnn_sfew_fine_tuned`). The nearest center names the class.
Everything else as there.
"""

import dataclasses
from functools import partial

from keras_fer.recipes import daf_cnn_sfew_fine_tuned

_JOINT = daf_cnn_sfew_fine_tuned.RECIPE

RECIPE = dataclasses.replace(
    _JOINT,
    name="daf_cnn_sfew_centers",
    paper=_JOINT.paper,
    model=partial(_JOINT.model, classifier="centers"),
    trainer=partial(_JOINT.trainer, softmax=False),
)

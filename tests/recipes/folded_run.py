"""Train a small recipe fold by fold; on request the process is killed."""

import dataclasses
import functools
import sys

from recipes.killed_run import RECIPE as SINGLE
from recipes.killed_run import kill_in

from keras_fer.datasets import ck_plus
from keras_fer.recipes.cross_validation import cross_validate

RECIPE = dataclasses.replace(
    SINGLE,
    name="zero_bias_cnn_ck_plus_seven",
    corpus=functools.partial(ck_plus.load_data, layout="crops"),
    folds=10,
    epochs=3,
)

if __name__ == "__main__":
    data_dir, folder, place = sys.argv[1:]
    if place == "second fold":
        train = cross_validate.__globals__["run"].train

        def train_and_prepare(*arguments, **options):
            train(*arguments, **options)
            kill_in("epoch")

        cross_validate.__globals__["run"].train = train_and_prepare
    cross_validate(
        RECIPE,
        folder,
        folds=[0, 2],
        resume=True,
        data_dir=data_dir,
        verbose=0,
    )

"""Learn six basic expressions by angles, and name compounds never seen.

"EMMA: EMotion Mixing Algorithm for compound expression recognition using
angle-based metric learning", written out to be copied and changed:

    python examples/emma.py --data DIR

DIR holds fer2013/ with FER+'s votes in it. An epoch takes two to three minutes
on two CPU cores.
"""

import argparse

import keras

from keras_fer import augmentation
from keras_fer import datasets
from keras_fer import evaluation
from keras_fer import export
from keras_fer import losses
from keras_fer import models


def main(arguments=None):
    """Train on basic expressions, compose, evaluate, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder that holds fer2013/")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", default="emma.tflite")
    options = parser.parse_args(arguments)

    # Faces of the six basic expressions; none of them looks like a compound.
    load = datasets.ferplus.load_data
    train, val = (
        load(split, data_dir=options.data, target="basic")
        for split in ("train", "val")
    )
    compounds = load("val", data_dir=options.data, target="compound")
    print(train.class_counts(), train.notes)

    keras.utils.set_random_seed(0)
    backbone = models.ResNet18((48, 48, 1), heads=("embedding",))
    # Under dropout the cosines of training are others than those of inference.
    network = models.EMMA(backbone, len(train.info.classes), dropout_rate=0.0)
    batches = len(train) // 64
    network.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(
                1e-3, options.epochs * batches, alpha=0.01
            )
        ),
        losses.ConstrainedAngleLoss(),
        metrics=["accuracy"],
    )
    network.fit(
        train.to_dataset(
            64, shuffle=True, augment=augmentation.DANAugmentation()
        ),
        validation_data=val.to_dataset(256),
        epochs=options.epochs,
        shuffle=False,
    )

    # The eleven pairs of FER+, without a label of them; any mixture will do.
    composed = models.compose(
        network, compounds.info.classes, train.info.classes
    )
    report = evaluation.evaluate_classifier(composed, compounds, verbose=0)
    print(f"UAR {report.uar:.3f}, accuracy {report.accuracy:.3f} on PublicTest")
    for name, recall in zip(report.classes, report.recall, strict=True):
        print(f"  {name}: {recall:.2f}")
    mixtures = {
        "nostalgia": {"happiness": 0.5, "sadness": 0.5},
        "awe": {"fear": 0.25, "surprise": 0.75},
    }
    own = models.compose(network, mixtures, train.info.classes)
    scores = own.predict(val.images[:4].astype("float32"), verbose=0)
    print(dict(zip(mixtures, scores.T.round(2).tolist(), strict=True)))
    proof = export.export_litert(composed, options.out, compounds)
    print(f"{options.out}: {100 * proof.agreement:.2f} % same answer")


if __name__ == "__main__":
    main()

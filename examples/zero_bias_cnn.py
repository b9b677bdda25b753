"""Train the zero-bias CNN with `model.fit` on a `tf.data` pipeline.

Khorrami et al., "Do Deep Neural Networks Learn Facial Action Units When Doing
Expression Recognition?", 2015, with the settings of the paper. The recipe
`zero_bias_cnn_fer2013` does the same in one command, with a falling rate,
milder augmentation and the best epoch kept. To be copied and changed:

    python examples/zero_bias_cnn.py --data DIR --epochs 3

DIR holds fer2013/. 28,359 images an epoch: some minutes on two CPU cores.
"""

import argparse

import keras
import tensorflow as tf

from keras_fer import augmentation
from keras_fer import datasets
from keras_fer import evaluation
from keras_fer import metrics
from keras_fer import models
from keras_fer import trainers


def batches(corpus, batch_size, augment=None):
    """A pipeline of one's own: nothing in it is particular to keras_fer.

    `corpus.to_dataset()` does the same and repeats exactly after a stop.
    """
    images, labels = corpus.images, corpus.labels["expression"]
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    if augment is None:
        return dataset.batch(batch_size).prefetch(2)
    return (
        dataset.shuffle(len(corpus), seed=0)
        .batch(batch_size, drop_remainder=True)
        .map(lambda x, y: (augment(x), y), num_parallel_calls=1)
        .prefetch(2)
    )


def main(arguments=None):
    """Read, train, evaluate, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder that holds fer2013/")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--out", default="zero_bias_cnn.keras")
    options = parser.parse_args(arguments)

    # Training images that occur in a later split are left out; the notes say
    # how many.
    train = datasets.fer2013.load_data("train", data_dir=options.data)
    val = datasets.fer2013.load_data("val", data_dir=options.data)
    print(*train.notes, sep="\n")
    print(train.class_counts())

    # One spread k is drawn for all layers: the seed makes it repeatable.
    keras.utils.set_random_seed(0)
    classes = len(train.info.classes)
    model = models.ZeroBiasCNN((48, 48, 1), num_classes=classes)

    # Section 3.2: classical momentum, weight decay inside the gradient.
    # Accuracy hides the rare expressions, the two other metrics do not.
    model.compile(
        trainers.CoupledSGD(0.01, momentum=0.9, coupled_weight_decay=1e-5),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            "accuracy",
            metrics.BalancedAccuracy(classes),
            metrics.MacroF1(classes),
        ],
    )
    model.fit(
        batches(
            train,
            options.batch_size,
            augmentation.ZeroBiasAugmentation(seed=0),
        ),
        validation_data=batches(val, 256),
        epochs=options.epochs,
        shuffle=False,  # the pipeline shuffles
    )

    # Accuracy with its interval, recall of each expression, calibration.
    report = evaluation.evaluate_classifier(model, val)
    low, high = report.accuracy_interval
    print(f"accuracy {report.accuracy:.3f} [{low:.3f}, {high:.3f}]")
    for name, recall in zip(report.classes, report.recall, strict=True):
        print(f"  {name:10s} {recall:.3f}")
    model.save(options.out)


if __name__ == "__main__":
    main()

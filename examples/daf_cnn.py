"""Train DAF-CNN with the triplet-center loss, and see where it looks.

"Discriminative attention-augmented feature learning for facial expression
recognition in the wild": the network of the recipe `daf_cnn_fer2013_small` and
the paper's own schedule, written out to be copied and changed:

    python examples/daf_cnn.py --data DIR --epochs 60

DIR holds fer2013/. 28,359 images an epoch: a minute and a half on two CPU
cores. The schedule looks back 13 epochs; three show that all works.
"""

import argparse
import functools

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import augmentation
from keras_fer import datasets
from keras_fer import evaluation
from keras_fer import metrics
from keras_fer import models
from keras_fer import trainers
from keras_fer import visualization


def main(arguments=None):
    """Read, train, evaluate, save, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder that holds fer2013/")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--out", default="daf_cnn.keras")
    options = parser.parse_args(arguments)

    train = datasets.fer2013.load_data("train", data_dir=options.data)
    val = datasets.fer2013.load_data("val", data_dir=options.data)
    classes = train.info.classes

    # The network alone is saved and computes in float32; what is trained may
    # compute in halves.
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_bfloat16")
    heads = "logits", "embedding", "distances"
    build = functools.partial(
        models.DAFCNN,
        (48, 48, 1),
        len(classes),
        width=options.width,
        dropout_rate=0.2,  # half is too much for a quarter of the channels
        heads=heads,
    )
    network = build()

    # Softmax plus λ times the triplet-center loss; the centers move by the
    # paper's equation 12. Without a trainer, where the optimizer moves them:
    #   network.compile(
    #       "adam",
    #       {"logits": SparseCategoricalCrossentropy(from_logits=True),
    #        "distances": losses.TripletCenterLoss(margin=11.0)},
    #       loss_weights={"logits": 1.0, "distances": 0.007},
    #   )
    #   network.fit(train.to_dataset(128, heads=network.output_names))
    trainer = trainers.TripletCenterTrainer(
        network, margin=11.0, loss_weight=0.007
    )
    trainer.compile(
        keras.optimizers.Adam(1e-3),
        metrics=[
            keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            metrics.BalancedAccuracy(len(classes)),
        ],
    )
    # Section 4.2: lower the rate where nothing gets better, and go back to the
    # best weights. Its plateaus choose on validation.
    trainer.fit(
        train.to_dataset(
            options.batch_size,
            shuffle=True,
            augment=augmentation.DAFCNNAugmentation(),
        ),
        validation_data=val.to_dataset(256),
        epochs=options.epochs,
        callbacks=[trainers.ReloadOnPlateau()],
        shuffle=False,  # the pipeline shuffles
    )

    keras.config.set_dtype_policy("float32")
    final = build()
    final.set_weights(network.get_weights())
    report = evaluation.evaluate_classifier(final, val)
    low, high = report.accuracy_interval
    print(f"accuracy {report.accuracy:.3f} [{low:.3f}, {high:.3f}]")
    final.save(options.out)

    # Where the network looks, and what speaks for the expression there.
    rows = [
        int(np.flatnonzero(val.labels["expression"] == label)[0])
        for label in range(len(classes))
    ]
    faces = val.images[rows]
    maps = {
        "attention": analysis.attention_maps(final, faces),
        "for the expression": analysis.class_activation_maps(
            final, faces, np.arange(len(classes)), "attention"
        ),
    }
    visualization.plot_attention(
        faces, list(maps.values()), classes, list(maps), "Where it looks"
    ).savefig(f"{options.out}.png")


if __name__ == "__main__":
    main()

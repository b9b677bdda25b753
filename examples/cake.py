"""Learn an embedding of two numbers over two corpora, and draw its map.

"CAKE: Compact and Accurate K-dimensional representation of Emotion", written
out to be copied and changed, on the features of a network that comes with the
package:

    python examples/cake.py --data DIR

DIR holds fer2013/ and sfew/. Features take a minute on two CPU cores, all else
seconds.
"""

import argparse

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import datasets
from keras_fer import evaluation
from keras_fer import export
from keras_fer import inference
from keras_fer import losses
from keras_fer import models
from keras_fer import visualization

BACKBONE = "daf_cnn_fer2013_small_attention/seed_0/model.keras"


def main(arguments=None):
    """Compute features, train the head, evaluate, draw, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder that holds fer2013/ and sfew/")
    parser.add_argument("--k", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", default="cake")
    options = parser.parse_args(arguments)

    fer2013, sfew = datasets.fer2013.load_data, datasets.sfew.load_data
    gray = {"size": 48, "channels": 1, "data_dir": options.data}
    train = {
        "fer2013": fer2013("train", data_dir=options.data),
        "sfew": sfew("train", fold=0, **gray),
    }
    test = {
        "fer2013": fer2013("val", data_dir=options.data),
        "sfew": sfew("test", fold=0, **gray),
    }
    classes = train["fer2013"].info.classes
    # The corpora list the expressions in orders of their own.
    train, test = (
        {name: c.map_classes(classes=classes) for name, c in of.items()}
        for of in (train, test)
    )

    # The backbone is frozen, so each picture goes through it once.
    backbone = keras.models.load_model(
        inference.saved_models() / BACKBONE, compile=False
    )
    features, tested = (
        {
            name: analysis.embeddings(backbone, c.images)
            for name, c in of.items()
        }
        for of in (train, test)
    )

    # One batch mixes the corpora; a target is the number of the corpus and
    # that of the expression, and each sample trains its own classifier.
    keras.utils.set_random_seed(0)
    cake = models.CAKE(
        options.k,
        dict.fromkeys(train, len(classes)),
        features_dim=features["fer2013"].shape[1],
        heads=("logits", "embedding", *train),
    )
    targets = [
        np.stack([np.full(len(c), number), c.labels["expression"]], axis=1)
        for number, c in enumerate(train.values())
    ]
    counts = {
        name: list(c.class_counts().values()) for name, c in train.items()
    }
    head = keras.Model(cake.input, cake.output["logits"])
    head.compile(
        keras.optimizers.Adam(1e-3), losses.MultiDomainCrossentropy(counts)
    )
    head.fit(
        np.concatenate(list(features.values())),
        np.concatenate(targets),
        batch_size=128,
        epochs=options.epochs,
        verbose=2,
    )

    answers = {
        name: cake.predict(vectors, verbose=0)
        for name, vectors in tested.items()
    }
    for name, found in answers.items():
        report = evaluation.report_on(
            test[name], keras.ops.softmax(found[name]).numpy()
        )
        low, high = report.accuracy_interval
        print(f"{name}: accuracy {report.accuracy:.3f} [{low:.3f}, {high:.3f}]")

    if options.k == 2:
        found = analysis.emotion_map(
            cake, "fer2013", answers["fer2013"]["embedding"]
        )
        visualization.plot_emotion_map(
            found, classes, "CAKE-2, FER2013"
        ).figure.savefig(f"{options.out}.png")

    # From pictures to expressions and numbers, for phones and for
    # `keras-fer embed PHOTOS --model cake.tflite`.
    network = models.CAKENetwork(
        backbone,
        keras.Model(
            cake.input,
            {
                "logits": cake.output["fer2013"],
                "embedding": cake.output["embedding"],
            },
        ),
    )
    export.export_litert(network, f"{options.out}.tflite", test["fer2013"])


if __name__ == "__main__":
    main()

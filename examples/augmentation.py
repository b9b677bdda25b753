"""Look at each paper's augmentation, and at balancing.

    python examples/augmentation.py --out sheets

Draws two figures from procedural faces: what each layer makes of the same six
faces, and how many images of each expression there are before and after
balancing.
"""

import argparse
from pathlib import Path

import numpy as np

from keras_fer import augmentation
from keras_fer import visualization
from keras_fer.datasets import procedural

SIZE = 128
# As skewed as CK+ (figure 1 of the paper on facial-emotion VAEs).
COUNTS = {
    "anger": 45,
    "contempt": 18,
    "disgust": 59,
    "fear": 25,
    "happiness": 69,
    "sadness": 28,
}


def augmentations():
    """The same faces as they are, by each layer, and mixed."""
    faces = procedural.load_data("val", images=6, size=SIZE, channels=3)
    layers = {
        "zero-bias CNN": augmentation.ZeroBiasAugmentation(),
        "CAKE": augmentation.CAKEAugmentation(),
        "DAN, DDAMFN": augmentation.DANAugmentation(move_rate=0.7),
        "DAF-CNN": augmentation.DAFCNNAugmentation(),
        "VAEs": augmentation.FacialEmotionVAEAugmentation(),
    }
    rows = [faces.images]
    for layer in layers.values():
        rows.append(layer(faces.images, seed=(1, 2)).numpy())
    # Mixtures close to one half are the ones worth looking at.
    mix = augmentation.Mixup(alpha=4.0)
    targets = np.eye(len(faces))
    rows.append(mix(faces.images, targets, seed=(1, 2))[0].numpy())
    names = [faces.info.classes[k] for k in faces.labels["expression"]]
    return visualization.plot_faces(
        np.array(rows).round().clip(0, 255).astype("uint8"),
        ["as they are", *layers, "mixup"],
        names,
        "Each paper's augmentation of the same faces",
    )


def balancing():
    """Images of each expression before and after."""
    faces = procedural.load_data(classes=tuple(COUNTS), counts=COUNTS, size=48)
    balanced = faces.balance(max(COUNTS.values()))
    ax = visualization.plot_class_counts(
        {
            "before": tuple(faces.class_counts().values()),
            "balanced": tuple(balanced.class_counts().values()),
        },
        faces.info.classes,
        "Training images of each expression, before and after balancing",
    )
    return ax.figure


def main(arguments=None):
    """Write the two figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("sheets"))
    out = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    for sheet in (augmentations, balancing):
        path = out / f"{sheet.__name__}.png"
        sheet().savefig(path, dpi=110)
        print(f"Written {path}")


if __name__ == "__main__":
    main()

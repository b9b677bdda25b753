"""Give each expression an axis of its own, and walk along it.

The semi-supervised β-VAE of "Facial Emotion Representation and Reconstruction
with VAEs", written out to be copied and changed. It draws its faces itself:

    python examples/facial_emotion_vae.py

An epoch takes a minute on two CPU cores.
"""

import argparse
from pathlib import Path

import keras

from keras_fer import analysis
from keras_fer import datasets
from keras_fer import export
from keras_fer import models
from keras_fer import trainers
from keras_fer import visualization

OTHERS = 26  # latent variables that are not expressions


def main(arguments=None):
    """Train, measure the axes, draw walks, change a face, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=16_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", default="facial_emotion_vae")
    options = parser.parse_args(arguments)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)

    classes = datasets.fer2013.INFO.classes
    train, val = (
        datasets.procedural.load_data(
            split, images=count, size=64, classes=classes
        )
        for split, count in (
            ("train", options.images),
            ("val", options.images // 8),
        )
    )

    # Neutral has no axis but lies at the origin; so there are six. The paper
    # has no other latent variables, β = 2 and γ = 10, and so one mean face;
    # with others, and less of both, who it is has a place as well.
    keras.utils.set_random_seed(0)
    neutral = classes.index("neutral")
    axes = [k for k in range(len(classes)) if k != neutral]
    vae = trainers.SemiSupervisedVAE(
        models.VAEEncoder((64, 64, 1), len(axes) + OTHERS),
        models.VAEDecoder(len(axes) + OTHERS, (64, 64, 1)),
        len(classes),
        alpha=1.0,
        beta=0.001,
        gamma=0.1,
        neutral=neutral,
        seed=0,
    )
    vae.compile(keras.optimizers.Adam(1e-3), metrics=["accuracy"])
    vae.fit(
        train.to_dataset(64, shuffle=True),
        validation_data=val.to_dataset(256),
        epochs=options.epochs,
        shuffle=False,
    )

    latents = analysis.encode(vae.encoder, val.images)
    labels = val.labels["expression"]
    found = analysis.axis_statistics(latents, labels, axes)
    names = [classes[k] for k in axes]
    for name, chance in zip(names, found.separability, strict=True):
        print(f"{name}: ahead of others on its axis in {100 * chance:.0f} %")
    figure = visualization.plot_latents(
        latents[:, : len(axes)],
        labels,
        classes,
        names,
        "Where validation faces lie",
    )
    figure.savefig(out / "latents.png")

    # From the origin, which is neutral, both ways along sadness.
    axis = names.index("sadness")
    values = analysis.traversal_values(latents, axis, 24, beyond=0.2)
    origin = latents[:1] * 0
    walk = analysis.traverse(origin, axis, values)[0]
    pictures = analysis.decode(vae.decoder, walk)
    visualization.write_gif(pictures, out / "sadness.gif")

    axis = names.index("happiness")
    own = latents[labels == classes.index("happiness"), axis].mean()
    happy = analysis.change_expression(latents[:4], axis, own, range(len(axes)))
    sheet = visualization.plot_faces(
        analysis.decode(vae.decoder, happy)[:, None],
        [classes[k] for k in labels[:4]],
        ["now happy"],
        "Four faces",
    )
    sheet.savefig(out / "changed.png")

    for name, part, inputs in (
        ("encoder", vae.encoder, val.images),
        ("decoder", vae.decoder, latents),
    ):
        path = out / f"{name}.tflite"
        report = export.export_part(part, path, inputs, format="tflite")
        shares = [of["share"] for of in report["differences"].values()]
        print(f"{path}: differs by {max(shares):.0e} at most")


if __name__ == "__main__":
    main()

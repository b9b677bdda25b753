"""SavedModel: for TensorFlow Serving, and to load without this package."""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_fer.datasets.corpus import Corpus
from keras_fer.export import parity
from keras_fer.export import serving

_BATCH = 256


def export_saved_model(
    model: keras.Model,
    path: str | Path,
    corpus: Corpus,
    *,
    name: str | None = None,
) -> parity.ParityReport:
    """Export a network as SavedModel, and prove that it answers the same.

    Endpoints, each with a dict of outputs, `"probabilities"` among them:

    - `serve(images)`: uint8 `(batch, height, width, channels)`, `[0, 255]`;
    - `serve_images(images)`: `(batch,)` strings, encoded JPEG or PNG face
      crops of any size and color; transparency is dropped. No face is
      detected.

    Class names and normalization lie in `assets.extra/keras_fer.json`.

    Args:
        model: network from pixels to logits, float32.
        path: folder to make; one that is there is replaced.
        corpus: the split on which it is proved, all of it.
        name: name in the metadata, by default the model's.

    Returns:
        The report, which `<path>.parity.json` and `.png` hold too.

    Raises:
        ExportError: a probability differs by more than 1e-5; nothing is
            written.
        ValueError: the network and the corpus do not fit.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> from keras_fer import datasets, export, models
    >>> val = datasets.Corpus(
    ...     info=datasets.fer2013.INFO,
    ...     split="val",
    ...     images=np.zeros((8, 48, 48, 1), "uint8"),
    ...     labels={"expression": np.arange(8) % 7},
    ...     names=[str(row) for row in range(8)],
    ... )
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = export.export_saved_model(model, f"{folder}/mine", val)
    >>> report.max_difference <= 1e-5
    True
    """
    path = Path(path)
    parity.check_fit(model, corpus)
    with parity.staging(path) as work:
        made = work / "saved_model"
        write_archive(model, made)
        extra = made / "assets.extra"
        extra.mkdir()
        info = serving.network_info(model, corpus.info.classes, name=name)
        text = json.dumps(info.to_json(), indent=1, ensure_ascii=False)
        (extra / "keras_fer.json").write_text(text + "\n", encoding="utf-8")

        served = tf.saved_model.load(str(made))
        answers = _in_batches(served.serve, corpus.images)
        report = parity.compare(
            model,
            answers,
            corpus,
            file=made,
            path=path,
            format="saved-model",
            encoded=_compare_encoded(served, corpus.images, answers),
        )
        parity.publish(made, path, report)
    return report


def write_archive(model: keras.Model, folder: Path):
    """Write both endpoints of a network."""
    served = serving.serving_model(model)
    height, width, channels = model.input_shape[1:]

    def decode(encoded):
        pixels = tf.io.decode_image(
            encoded, channels=3, expand_animations=False
        )
        pixels = tf.cast(pixels, "float32")
        if channels == 1:
            # The weights that OpenCV uses.
            gray = tf.constant([0.299, 0.587, 0.114])
            pixels = tf.tensordot(pixels, gray, 1)[..., None]
        pixels = tf.image.resize(pixels, (height, width), antialias=True)
        return tf.cast(tf.round(pixels), "uint8")

    def serve_images(images):
        pixels = tf.map_fn(
            decode,
            images,
            fn_output_signature=tf.TensorSpec(
                (height, width, channels), "uint8"
            ),
        )
        return served(pixels, training=False)

    # Endpoints bring their variables with them; `track` would write the
    # weights a second time.
    archive = keras.export.ExportArchive()
    archive.add_endpoint(
        "serve",
        lambda images: served(images, training=False),
        [tf.TensorSpec((None, height, width, channels), "uint8", "images")],
    )
    archive.add_endpoint(
        "serve_images",
        serve_images,
        [tf.TensorSpec((None,), "string", "images")],
    )
    archive.write_out(folder, verbose=False)


def _in_batches(endpoint, inputs):
    return np.concatenate(
        [
            endpoint(tf.constant(inputs[start : start + _BATCH]))[
                "probabilities"
            ]
            for start in range(0, len(inputs), _BATCH)
        ]
    )


def _compare_encoded(served, images, answers):
    """Largest difference between files and pixels, by format."""
    import cv2

    png, jpeg = (
        [cv2.imencode(suffix, _bgr(image))[1] for image in images]
        for suffix in (".png", ".jpeg")
    )
    # What OpenCV reads from the same files, so that only decoders differ.
    decoded = [_bgr(cv2.imdecode(e, cv2.IMREAD_UNCHANGED)) for e in jpeg]
    decoded = np.reshape(decoded, images.shape)
    expected = {"png": answers, "jpeg": _in_batches(served.serve, decoded)}
    differences = {}
    for kind, encoded in (("png", png), ("jpeg", jpeg)):
        files = np.array([e.tobytes() for e in encoded], dtype=object)
        got = _in_batches(served.serve_images, files)
        differences[kind] = float(np.abs(got - expected[kind]).max())
    return differences


def _bgr(image):
    """Color channels in OpenCV's order, or back."""
    return image[..., ::-1] if image.shape[-1] == 3 else image

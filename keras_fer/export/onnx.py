"""ONNX files: for ONNX Runtime. Needs the extra `onnx`."""

import importlib.util
import json
import warnings
from pathlib import Path

import keras
import numpy as np

from keras_fer.datasets.corpus import Corpus
from keras_fer.export import parity
from keras_fer.export import serving

_BATCH = 256


def export_onnx(
    model: keras.Model,
    path: str | Path,
    corpus: Corpus,
    *,
    name: str | None = None,
) -> parity.ParityReport:
    """Export a network as ONNX file, and prove that it answers the same.

    The input `images` is uint8 `(batch, height, width, channels)`, `[0,
    255]`; the outputs are those of `serving_model`. Class names and
    normalization lie in the file's metadata under `keras_fer`.

    Args:
        model: network from pixels to logits, float32.
        path: the `.onnx` file to make.
        corpus: the split on which it is proved, all of it, by ONNX Runtime.
        name: name in the metadata, by default the model's.

    Returns:
        The report, which `<path>.parity.json` and `.png` hold too.

    Raises:
        ExportError: a probability differs by more than 1e-4, and nothing is
            left; or the extra is not installed.
        ValueError: the network and the corpus do not fit.

    Example:

    >>> from keras_fer import datasets, export, models
    >>> model = models.ZeroBiasCNN((48, 48, 1), num_classes=7)
    >>> val = datasets.fer2013.load_data("val")  # doctest: +SKIP
    >>> export.export_onnx(model, "mine.onnx", val)  # doctest: +SKIP
    """
    path = Path(path)
    if path.suffix != ".onnx":
        raise ValueError(f"`path` must end in .onnx. Received: {path}")
    for package in ("tf2onnx", "onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise parity.ExportError(
                f"ONNX needs the package {package}: pip install "
                "'keras_fer[onnx]'"
            )
    import onnx
    import onnxruntime

    parity.check_fit(model, corpus)
    with parity.staging(path) as work:
        made = work / path.name
        with warnings.catch_warnings():
            # Keras asks NumPy for names that are gone, for tf2onnx's sake.
            warnings.simplefilter("ignore", FutureWarning)
            serving.serving_model(model).export(
                made,
                format="onnx",
                verbose=False,
                input_signature=[
                    keras.InputSpec(
                        dtype="uint8",
                        shape=(None, *model.input_shape[1:]),
                        name="images",
                    )
                ],
            )
        content = onnx.load(made)
        info = serving.network_info(model, corpus.info.classes, name=name)
        text = json.dumps(info.to_json(), ensure_ascii=False)
        content.metadata_props.add(key="keras_fer", value=text)
        onnx.save(content, made)
        session = onnxruntime.InferenceSession(made)

        answers = [
            session.run(
                ["probabilities"],
                {"images": corpus.images[start : start + _BATCH]},
            )[0]
            for start in range(0, len(corpus), _BATCH)
        ]
        report = parity.compare(
            model,
            np.concatenate(answers),
            corpus,
            file=made,
            path=path,
            format="onnx",
        )
        parity.publish(made, path, report)
    return report

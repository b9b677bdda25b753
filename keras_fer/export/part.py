"""Encoders and decoders as files of their own, proved equal to the original."""

import json
import os
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_fer.export import parity
from keras_fer.export.serving import weights_sha256

_MAX_DIFFERENCE = {"saved-model": 1e-5, "tflite": 1e-4}
_BATCH = 256


def export_part(
    model: keras.Model, path: str | Path, inputs, *, format: str
) -> dict:
    """Export a network that names nothing, such as an encoder or a decoder.

    Args:
        model: network of one input, float32, to a tensor or a dict of them.
        path: where it goes; what is there is replaced.
            `<path>.comparison.json` is written beside it.
        inputs: what the network takes, on which it is proved, `(N, …)`.
        format: `"saved-model"`, a folder with the endpoint `serve`, or
            `"tflite"`, a file with the signature `serving_default`, float32
            with built-in operations alone.

    Returns:
        The report: file, format, bytes, number of inputs, hash of the weights,
        and for each output the largest difference, and its share of the
        largest value (which is what is bounded).

    Raises:
        ExportError: an output differs by more than 1e-5 of its largest value,
            of TFLite 1e-4; nothing is written.
        ValueError: the format is unknown, or the network has several inputs.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> from keras_fer import export, models
    >>> decoder = models.VAEDecoder(7, (16, 16, 1))
    >>> latents = np.random.default_rng(0).normal(size=(5, 7))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = export.export_part(
    ...         decoder, f"{folder}/decoder.tflite", latents, format="tflite"
    ...     )
    >>> report["inputs"], list(report["differences"])
    (5, ['output'])
    """
    if format not in _MAX_DIFFERENCE:
        raise ValueError(
            f"`format` must be one of {', '.join(_MAX_DIFFERENCE)}. Received: "
            f"{format}"
        )
    if len(model.inputs) != 1:
        raise ValueError(
            f"expected a network of one input. Received: {len(model.inputs)}"
        )
    path, inputs = Path(path), np.asarray(inputs, np.float32)
    expected = _named(model.predict(inputs, batch_size=_BATCH, verbose=0))
    with parity.staging(path) as work:
        made = work / path.name
        if format == "saved-model":
            model.export(made, verbose=False)
            served = tf.saved_model.load(str(made))
            answers = _in_batches(served.serve, inputs)
        else:
            model.export(made, format="litert", verbose=False)
            answers = _in_batches(_litert(made), inputs)
        report = {
            "file": path.name,
            "format": format,
            "bytes": parity.size_of(made),
            "inputs": len(inputs),
            "weights_sha256": weights_sha256(model),
            "allowed_share": _MAX_DIFFERENCE[format],
            "differences": {
                name: _difference(answers[name], values)
                for name, values in expected.items()
            },
        }
        for name, of in report["differences"].items():
            if not of["share"] <= _MAX_DIFFERENCE[format]:
                raise parity.ExportError(
                    f"{path.name}: {name} differs by up to {of['largest']:.2g},"
                    f" {of['share']:.1e} of its largest value; "
                    f"{_MAX_DIFFERENCE[format]:.0e} is allowed"
                )
        written = work / "comparison.json"
        written.write_text(json.dumps(report, indent=1) + "\n")
        if path.is_dir():
            os.replace(path, work / "before")
        os.replace(made, path)
        os.replace(written, path.with_name(f"{path.name}.comparison.json"))
    return report


def _named(outputs):
    return outputs if isinstance(outputs, dict) else {"output": outputs}


def _in_batches(answer, inputs):
    parts = [
        _named(answer(inputs[start : start + _BATCH]))
        for start in range(0, len(inputs), _BATCH)
    ]
    return {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }


def _litert(path):
    """A function from inputs to outputs, named only where there are several."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=os.cpu_count())
    runner = interpreter.get_signature_runner()
    (name,) = runner.get_input_details()

    def answer(inputs):
        outputs = runner(**{name: inputs})
        return outputs if len(outputs) > 1 else next(iter(outputs.values()))

    return answer


def _difference(answers, expected):
    largest = float(np.abs(answers - expected).max())
    scale = max(float(np.abs(expected).max()), 1e-6)
    return {"largest": largest, "share": largest / scale}

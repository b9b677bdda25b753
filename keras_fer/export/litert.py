"""TFLite files: for phones and boards, and for `keras_fer.inference`."""

import re
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_fer.datasets.corpus import Corpus
from keras_fer.export import parity
from keras_fer.export import saved_model
from keras_fer.export import serving
from keras_fer.inference.metadata import write_info
from keras_fer.inference.network import LiteRTNetwork

QUANTIZE = ("none", "float16", "dynamic", "int8")

_CALIBRATION_IMAGES = 512


def export_litert(
    model: keras.Model,
    path: str | Path,
    corpus: Corpus,
    *,
    quantize: str = "none",
    representative: Corpus | None = None,
    name: str | None = None,
) -> parity.ParityReport:
    """Export a network as TFLite file, and prove that it answers the same.

    The signature `serve` takes uint8 `images` `(batch, height, width,
    channels)`, `[0, 255]`, of any batch size, and gives `probabilities`, by
    built-in operations alone. Class names and normalization lie in the file's
    metadata, see `keras_fer.inference.read_info`.

    Args:
        model: network from pixels to logits, float32.
        path: the `.tflite` file to make.
        corpus: the split on which it is proved, all of it.
        quantize: `"none"`; `"float16"` halves the weights; `"dynamic"` has
            8-bit weights; `"int8"` has 8-bit weights and activations, except
            for the layers that normalize pixels and for the softmax, which
            stay float32.
        representative: images from which `"int8"` takes the range of the
            activations, the training split as a rule; 512 of them are drawn.
        name: name in the metadata, by default the model's.

    Returns:
        The report, which `<path>.parity.json` and `.png` hold too.

    Raises:
        ExportError: beyond the threshold (a difference of 1e-4 in a
            probability; with rounded weights 0.2, 0.5 or 1.0 points of
            accuracy), or the network needs operations that LiteRT lacks;
            nothing is written.
        ValueError: the network and the corpus do not fit, `quantize` is
            unknown, `"int8"` without `representative`.

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
    ...     report = export.export_litert(model, f"{folder}/mine.tflite", val)
    >>> report.max_difference <= 1e-4
    True
    """
    path = Path(path)
    if quantize not in QUANTIZE:
        raise ValueError(
            f"`quantize` must be one of {', '.join(QUANTIZE)}. Received: "
            f"{quantize!r}"
        )
    if path.suffix != ".tflite":
        raise ValueError(f"`path` must end in .tflite. Received: {path}")
    if quantize == "int8" and representative is None:
        raise ValueError(
            "`quantize='int8'` needs `representative`, images from which the "
            "range of the activations is taken"
        )
    parity.check_fit(model, corpus)
    if representative is not None:
        parity.check_fit(model, representative)
    with parity.staging(path) as work:
        archive = work / "saved_model"
        saved_model.write_archive(model, archive)
        try:
            content = _convert(archive, model, quantize, representative)
        except Exception as error:  # the converter's own has no public name
            missing = re.search(r"(?:Custom|Flex) ops: (.*)", str(error))
            if missing is None:
                raise
            raise parity.ExportError(
                f"{path.name}: the network needs operations that LiteRT "
                f"lacks: {missing[1].strip()}"
            ) from error
        info = serving.network_info(
            model, corpus.info.classes, name=name, quantize=quantize
        )
        made = work / path.name
        made.write_bytes(write_info(content, info))
        network = LiteRTNetwork(made)
        report = parity.compare(
            model,
            network.predict(corpus.images)["probabilities"],
            corpus,
            file=made,
            path=path,
            format="tflite",
            quantize=quantize,
        )
        parity.publish(made, path, report)
    return report


def _convert(archive, model, quantize, representative):
    # Flex operations are not among the default set: a network that needs them
    # fails here.
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(archive), signature_keys=["serve"]
    )
    if quantize == "none":
        return converter.convert()
    if quantize == "int8":
        # Tensors, by which operations are kept float, are named as in the
        # float file.
        names = _float_tensors(converter.convert(), model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantize != "int8":
        return converter.convert()
    draws = np.random.default_rng(0).permutation(len(representative))
    images = representative.images[draws[:_CALIBRATION_IMAGES]]
    converter.representative_dataset = lambda: (
        {"images": image[None]} for image in images
    )
    options = tf.lite.experimental.QuantizationDebugOptions(
        denylisted_nodes=names
    )
    with warnings.catch_warnings():
        # The debugger uses the interpreter that TensorFlow wants to drop.
        warnings.filterwarnings("ignore", r"\s*Warning: tf.lite.Interpreter")
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=lambda: ([image[None]] for image in images),
            debug_options=options,
        )
        return debugger.get_nondebug_quantized_model()


def _float_tensors(content, model):
    """Outputs of the operations that normalize pixels, and of the softmax."""
    from ai_edge_litert.interpreter import Interpreter

    names = "|".join(
        re.escape(layer.name) for layer in serving.normalization_layers(model)
    )
    # Keras numbers a layer anew when its model is called again.
    within = re.compile(rf"/(?:{names})(?:_\d+)?/")
    interpreter = Interpreter(model_content=content)
    outputs = interpreter.get_signature_runner("serve").get_output_details()
    return [outputs["probabilities"]["name"]] + [
        tensor["name"]
        for tensor in interpreter.get_tensor_details()
        if names and within.search(tensor["name"])
    ]

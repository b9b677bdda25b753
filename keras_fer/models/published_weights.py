"""Weights of DAN and DDAMFN as their authors published them."""

import os
from pathlib import Path

import keras
import numpy as np

_NORM = ("weight", "bias", "running_mean", "running_var")


def load_published_weights(model: keras.Model, path: str | Path):
    """Read the weights of a `DAN` or a `DDAMFN` from PyTorch's names.

    The authors' files are pickles, which may run any code and are not opened
    here. Whoever trusts one turns it into safetensors, with PyTorch:

        import torch, safetensors.torch
        kept = torch.load("rafdb.pth", map_location="cpu")["model_state_dict"]
        safetensors.torch.save_file(kept, "rafdb.safetensors")

    or into an `.npz` of arrays by the same names.

    Args:
        model: a network of the published size: `DAN((224, 224, 3))` or
            `DDAMFN((112, 112, 3))`, with as many classes; a DAN may be of any
            size. Its weights are set.
        path: the `.safetensors` or `.npz` file.

    Raises:
        ValueError: the file is of another kind, or its arrays are not those of
            the network; nothing is set.
        ImportError: safetensors is not installed.

    Example:

    >>> from keras_fer import models
    >>> model = models.DAN()
    >>> models.load_published_weights(
    ...     model, "rafdb.safetensors"
    ... )  # doctest: +SKIP

    Reference:
        - https://github.com/yaoing/DAN, whose classes are surprise, fear,
          disgust, happiness, sadness, anger, neutral (RAF-DB).
        - https://github.com/SainingZhang/DDAMFN, whose classes are neutral,
          happiness, sadness, surprise, fear, disgust, anger (RAF-DB).
    """
    path = Path(path)
    arrays = {
        # Networks that were trained on several GPUs have a prefix.
        name.removeprefix("module."): values
        for name, values in _read(path).items()
    }
    layers = {layer.name for layer in model.layers}
    places = _dan(model) if "backbone" in layers else _ddamfn(model)
    found, wrong = [], []
    for variable, name, turn in places:
        if name not in arrays:
            wrong.append(f"{name} is missing")
            continue
        values = turn(arrays.pop(name))
        if values.shape != variable.shape:
            wrong.append(
                f"{name} has shape {values.shape}, not {tuple(variable.shape)}"
            )
        found.append((variable, values))
    wrong += [f"{name} is not known" for name in arrays if not _unused(name)]
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        raise ValueError(
            f"{path}: expected the weights of {model.name}. Received: "
            f"{'; '.join(wrong[:3])}{more}"
        )
    for variable, values in found:
        variable.assign(values)


def _read(path):
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return dict(arrays)
    if path.suffix != ".safetensors":
        raise ValueError(
            f"{path}: expected a .safetensors or .npz file; pickles are not "
            "opened, see models.load_published_weights"
        )
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            f"{path} needs safetensors: pip install 'keras_fer[safetensors]'"
        ) from error
    try:
        return safetensors.numpy.load_file(os.fspath(path))
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def _unused(name):
    """Counters, and modules that the published code builds and never calls."""
    return (
        name.endswith("num_batches_tracked")
        or ".conv_dw.bn." in name
        or ".conv_dw.prelu." in name
        or ".CoordAtt.Linear." in name
        or name.startswith("bn.")
    )


def _convolution(layer, name):
    """Also of kernels that have a bias, and of depthwise ones."""
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
    yield layer.kernel, f"{name}.weight", lambda w: w.transpose(axes)
    if layer.use_bias:
        yield layer.bias, f"{name}.bias", np.asarray


def _dense(layer, name):
    yield layer.kernel, f"{name}.weight", np.transpose
    yield layer.bias, f"{name}.bias", np.asarray


def _normalization(layer, name):
    variables = (
        layer.gamma,
        layer.beta,
        layer.moving_mean,
        layer.moving_variance,
    )
    for variable, part in zip(variables, _NORM, strict=True):
        yield variable, f"{name}.{part}", np.asarray


def _dan(model):
    maps = model.get_layer("backbone")

    def pair(stem, convolution, normalization):
        yield from _convolution(maps.get_layer(f"{stem}_conv"), convolution)
        yield from _normalization(maps.get_layer(f"{stem}_bn"), normalization)

    yield from pair("conv1", "features.0", "features.1")
    for stage in range(4):
        for block in range(2):
            stem = f"stack{stage}_block{block}"
            name = f"features.{4 + stage}.{block}"
            for k in (1, 2):
                parts = f"{name}.conv{k}", f"{name}.bn{k}"
                yield from pair(f"{stem}_{k}", *parts)
            if stage and not block:
                yield from pair(
                    f"{stem}_0", f"{name}.downsample.0", f"{name}.downsample.1"
                )
    number = 0
    while f"head{number + 1}" in {layer.name for layer in model.layers}:
        head, name = model.get_layer(f"head{number + 1}"), f"cat_head{number}"
        for own, published in (
            ("reduce", "conv1x1"),
            ("square", "conv_3x3"),
            ("row", "conv_1x3"),
            ("column", "conv_3x1"),
        ):
            stem = f"{name}.sa.{published}"
            yield from _convolution(head.convolutions[own], f"{stem}.0")
            yield from _normalization(head.normalizations[own], f"{stem}.1")
        stem = f"{name}.ca.attention"
        yield from _dense(head.squeeze, f"{stem}.0")
        yield from _normalization(head.squeeze_normalization, f"{stem}.1")
        yield from _dense(head.excite, f"{stem}.3")
        number += 1
    yield from _dense(model.get_layer("scores"), "fc")
    yield from _normalization(model.get_layer("logits"), "bn")


def _ddamfn(model):
    get = model.get_layer

    def block(stem, name, activation=True):
        yield from _convolution(get(stem), f"{name}.conv")
        yield from _normalization(get(f"{stem}_norm"), f"{name}.bn")
        if activation:
            alpha = get(f"{stem}_prelu").alpha
            yield alpha, f"{name}.prelu.weight", lambda w: w[None, None]

    def attention(layer, name):
        for own, published in (
            ("squeeze", "conv1"),
            ("excite_rows", "conv2"),
            ("excite_columns", "conv3"),
        ):
            yield from _convolution(getattr(layer, own), f"{name}.{published}")
        yield from _normalization(layer.normalization, f"{name}.bn1")

    def mixed(stem, name):
        yield from block(f"{stem}_expand", f"{name}.conv")
        kernels = get(f"{stem}_mixed").convolutions
        for k, convolution in enumerate(kernels):
            yield from _convolution(
                convolution, f"{name}.conv_dw.mixed_depthwise_conv.{k}"
            )
        yield from attention(get(f"{stem}_attention"), f"{name}.CA")
        yield from block(f"{stem}_project", f"{name}.project", False)

    layers = {layer.name for layer in model.layers}
    yield from block("conv1", "features.0")
    yield from block("conv2_dw", "features.1")
    for number, stem in enumerate(
        ("conv_23", "conv_3", "conv_34", "conv_4", "conv_45", "conv_5"), start=2
    ):
        name, repetition = f"features.{number}", 1
        if f"{stem}_mixed" in layers:
            yield from mixed(stem, name)
        while f"{stem}_{repetition}_mixed" in layers:
            yield from mixed(
                f"{stem}_{repetition}", f"{name}.model.{repetition - 1}"
            )
            repetition += 1
    yield from block("conv_6_sep", "features.8")
    number = 0
    while f"head{number + 1}" in layers:
        head, name = get(f"head{number + 1}"), f"cat_head{number}.CoordAtt"
        for own, published in (("rows", "Linear_h"), ("columns", "Linear_w")):
            yield from _convolution(
                getattr(head, own), f"{name}.{published}.conv"
            )
            yield from _normalization(
                getattr(head, f"{own}_normalization"), f"{name}.{published}.bn"
            )
        yield from attention(head, name)
        number += 1
    yield from block("last", "Linear", False)
    yield from _dense(get("logits"), "fc")

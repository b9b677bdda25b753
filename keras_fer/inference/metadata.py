"""What a `.tflite` file says about the network in it."""

import dataclasses
import json

import numpy as np

import keras_fer

_ENTRY = b"keras_fer"
_VERSION = 1
_IDENTIFIER = b"TFL3"


class ModelError(ValueError):
    """A file does not hold a network that can be used here."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkInfo:
    """Names and conventions of an exported network.

    Written as JSON into the `Metadata` entry `keras_fer` of the file, so that
    nobody has to guess what the numbers mean.

    Args:
        name: name of the network, or of the recipe that trained it.
        classes: expressions in the order of the probabilities.
        input_shape: height, width, channels in pixels. What goes in is uint8,
            `[0, 255]`: gray for one channel, RGB for three.
        normalization: layers inside the network that bring pixels into range,
            with their settings, in order. Nothing is left to the caller.
        quantize: `"none"`, `"float16"`, `"dynamic"` or `"int8"`.
        weights_sha256: hash of the weights it was exported from.
        keras_fer: version of the package that wrote it.

    Example:

    >>> from keras_fer import inference
    >>> inference.NetworkInfo(
    ...     name="mine", classes=("anger", "fear"), input_shape=(48, 48, 1)
    ... ).quantize
    'none'
    """

    name: str
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    normalization: tuple[dict, ...] = ()
    quantize: str = "none"
    weights_sha256: str | None = None
    keras_fer: str = keras_fer.__version__

    def to_json(self) -> dict:
        """The entry as it is written."""
        return {"metadata_version": _VERSION, **dataclasses.asdict(self)}


def write_info(content: bytes, info: NetworkInfo) -> bytes:
    """Put the entry into a TFLite file.

    Args:
        content: the file's bytes, without such an entry.
        info: what to write.

    Returns:
        The bytes of the new file. Weights stay at multiples of 16 bytes, as
        kernels want them.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    class AlignedBuilder(flatbuffers.Builder):
        """The schema says `force_align: 16`, which Python does not heed."""

        def CreateNumpyVector(self, x):
            self.Prep(16, x.nbytes)
            return super().CreateNumpyVector(x)

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    text = json.dumps(info.to_json(), ensure_ascii=False).encode()
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(text, np.uint8)
    entry = schema.MetadataT()
    entry.name, entry.buffer = _ENTRY, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = AlignedBuilder(len(content))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def read_info(content: bytes) -> NetworkInfo:
    """Read the entry of a TFLite file that an interpreter has accepted.

    Raises:
        ModelError: there is none, or another version of this package wrote
            one that this version does not know.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(content)
    for index in range(model.MetadataLength()):
        entry = model.Metadata(index)
        if entry.Name() == _ENTRY:
            buffer = model.Buffers(entry.Buffer()).DataAsNumpy()
            return _parse(buffer.tobytes())
    raise ModelError(
        "it names no classes: there is no metadata of keras_fer in it. Write "
        "it with `keras-fer export` or keras_fer.export.export_litert"
    )


def _parse(text):
    try:
        entry = json.loads(text)
        version = entry.pop("metadata_version")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"its metadata cannot be read: {error!r}") from error
    if version != _VERSION:
        raise ModelError(
            f"its metadata has version {version}, written by keras_fer "
            f"{entry.get('keras_fer')}; keras_fer {keras_fer.__version__} "
            f"reads version {_VERSION}. Export the network again"
        )
    try:
        for name in ("classes", "input_shape", "normalization"):
            entry[name] = tuple(entry[name])
        return NetworkInfo(**entry)
    except (KeyError, TypeError) as error:
        raise ModelError(f"its metadata is incomplete: {error!r}") from error

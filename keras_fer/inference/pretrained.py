"""Networks that come with the package."""

import importlib.util
from pathlib import Path

import keras_fer
from keras_fer.inference.metadata import ModelError

DEFAULT = "zero_bias_cnn_fer2013"

# The most exact first.
_FILES = (
    "model.tflite",
    "model_float16.tflite",
    "model_dynamic.tflite",
    "model_int8.tflite",
)


def saved_models() -> Path:
    """Folder of the runs that are reported.

    Example:

    >>> from keras_fer import inference
    >>> inference.saved_models().name
    'saved_models'
    """
    package = Path(keras_fer.__file__).parent
    # In an installed package it lies inside, in a checkout beside it.
    inside = package / "saved_models"
    return inside if inside.is_dir() else package.parent / "saved_models"


def pretrained_names() -> list[str]:
    """Names of the networks that are installed with the package.

    Example:

    >>> from keras_fer import inference
    >>> "zero_bias_cnn_fer2013" in inference.pretrained_names()
    True
    """
    found = saved_models().glob("*/*.tflite")
    return sorted({path.parent.name for path in found})


def find_pretrained(name_or_path: str | Path) -> Path:
    """Find the `.tflite` file of a network.

    Args:
        name_or_path: a name, the folder of a run, or the file itself. A name
            means the network in the package, from whatever folder; a folder
            of the same name is `./name`. Of several files in a folder the
            most exact is taken: float32, float16, dynamic, int8.

    Raises:
        ModelError: there is none; the message says what there is.

    Example:

    >>> from keras_fer import inference
    >>> inference.find_pretrained("zero_bias_cnn_fer2013").suffix
    '.tflite'
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if str(name_or_path) in pretrained_names():
        path = saved_models() / name_or_path
    for name in _FILES:
        if (path / name).is_file():
            return path / name
    if (path / "model.keras").is_file():
        raise ModelError(
            f"{name_or_path} is not exported yet. Run `keras-fer export "
            f"{name_or_path} --format tflite`"
        )
    raise ModelError(
        f"no network is called {name_or_path!r}: there is "
        f"{', '.join(pretrained_names())}, or name the folder of a run or a "
        ".tflite file"
    )


def sample_picture() -> Path:
    """A portrait in the public domain that comes with matplotlib.

    Example:

    >>> from keras_fer import inference
    >>> inference.sample_picture().name
    'grace_hopper.jpg'
    """
    # Found without importing it, which would take longer than the answer.
    package = Path(importlib.util.find_spec("matplotlib").origin).parent
    return package / "mpl-data" / "sample_data" / "grace_hopper.jpg"

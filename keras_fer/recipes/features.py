"""What a frozen network gives for a corpus, computed once."""

import hashlib
import os
import zipfile
from pathlib import Path

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import export as exports
from keras_fer.datasets import Corpus


def frozen_features(
    network: keras.Model,
    corpus: Corpus,
    cache: str | Path,
    layer: str = "embedding",
) -> np.ndarray:
    """Run a corpus through a network up to a layer, or read it from the cache.

    Args:
        network: the network, which is not trained any more.
        corpus: one split.
        cache: folder in which the vectors are kept. They are computed anew
            where the weights, the layer or the images are others than they
            were made of.
        layer: name of a layer of vectors.

    Returns:
        float32 `(N, dimensions)`, in the order of the images.

    Raises:
        ValueError: there is no such layer, or it gives maps.

    Example:

    >>> import tempfile
    >>> from keras_fer import models
    >>> from keras_fer.datasets import procedural
    >>> from keras_fer.recipes.features import frozen_features
    >>> network = models.DAFCNN((48, 48, 1), width=0.125)
    >>> faces = procedural.load_data("val", images=16)
    >>> with tempfile.TemporaryDirectory() as cache:
    ...     frozen_features(network, faces, cache).shape
    (16, 512)
    """
    images = corpus.sha256()
    weights = exports.weights_sha256(network)
    parts = weights, network.to_json(), layer, images
    made_of = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    # Folds are other images of one corpus and split.
    name = (
        f"{corpus.info.name}_{corpus.split}_{images[:8]}_{weights[:8]}_"
        f"{layer}.npz"
    )
    path = Path(cache) / name
    try:
        with open(path, "rb") as file, np.load(file) as kept:
            if str(kept["made_of"]) == made_of:
                return kept["features"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # there is none, or it was damaged
    features = analysis.embeddings(network, corpus.images, layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with open(part, "wb") as file:
        np.savez(file, features=features, made_of=made_of)
    os.replace(part, path)
    return features

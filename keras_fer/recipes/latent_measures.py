"""Numbers behind the pictures of a generative model."""

import dataclasses

import keras
import numpy as np

from keras_fer import analysis
from keras_fer.datasets import procedural

_PEOPLE = 200
_STARTS = 100
_STEPS = 6
_SHOWN = "expression", "intensity"


def procedural_factors(corpus, faces: procedural.Faces) -> dict:
    """What varies from one procedural face to the next.

    Args:
        corpus: the faces.
        faces: how they were drawn, in the same order.

    Returns:
        Values by name, `(N,)` each; whole numbers are classes.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> from keras_fer.recipes import latent_measures
    >>> faces = procedural.load_data("val", images=8, size=32)
    >>> drawn = procedural.draw_split("val", images=8)
    >>> found = latent_measures.procedural_factors(faces, drawn)
    >>> found["yaw"].shape, found["glasses"].dtype.kind
    ((8,), 'i')
    """
    return {
        "expression": corpus.labels["shown"],
        "intensity": corpus.labels["intensity"],
        "yaw": faces.pose[:, 0],
        "pitch": faces.pose[:, 1],
        "roll": faces.pose[:, 2],
        "zoom": faces.zoom,
        "shift right": faces.shift[:, 0],
        "shift down": faces.shift[:, 1],
        "skin": faces.skin.mean(axis=1),
        "hair": faces.hair.mean(axis=1),
        "hair style": np.asarray(faces.hair_style, np.int64),
        "beard": np.asarray(faces.beard, np.int64),
        "glasses": np.asarray(faces.glasses, np.int64),
        "age": faces.age,
        "light": faces.light[:, 0],
        "level": faces.level,
        "background": faces.background.mean(axis=(1, 2)),
    }


def disentanglement(latents, factors: dict) -> dict:
    """MIG and DCI as plain numbers, and where expression and intensity lie.

    Args:
        latents: `(N, L)`.
        factors: of `procedural_factors`; those that do not vary are left out.

    Returns:
        A dict of the four figures, and under `"importance"` the row of each
        latent variable for expression and intensity.
    """
    varying = {k: v for k, v in factors.items() if len(np.unique(v)) > 1}
    found = analysis.measure_disentanglement(latents, varying)
    figures = dataclasses.asdict(found)
    importance = figures.pop("importance")
    columns = [list(varying).index(name) for name in _SHOWN if name in varying]
    return {**figures, "importance": importance[:, columns].round(4).tolist()}


def principal_components(images, train_images, count: int) -> np.ndarray:
    """The first principal components of pictures: a null model of latents.

    Args:
        images: `(N, height, width, channels)`, N at least `count`.
        train_images: pictures of which the components are those.
        count: number of components.

    Returns:
        float64 `(N, count)`.
    """
    import sklearn.decomposition

    components = sklearn.decomposition.PCA(count, random_state=0)
    components.fit(train_images.reshape(len(train_images), -1) / 255)
    return components.transform(images.reshape(len(images), -1) / 255)


def identity_kept(network: keras.Model, latents, people, axes: int) -> dict:
    """Do walks along the expressions end at the person they began with?

    Up to 200 faces, each of another person, are walked along each axis of an
    expression, and each picture is compared with the reconstructions of all:
    is that of its own person the nearest?

    Args:
        network: a `models.Autoencoder`.
        latents: `(N, L)`, of faces.
        people: `(N,)`, who they are.
        axes: number of expressions with a latent variable.

    Returns:
        `"kept"`, the share of pictures nearest to their own person, the same
        by axis, `"people"`, and `"chance"`.
    """
    first = np.unique(people, return_index=True)[1]
    draws = np.random.default_rng(0)
    chosen = draws.permutation(first)[:_PEOPLE]
    start = latents[chosen]
    decoder = network.get_layer("decoder")
    known = _flat(analysis.decode(decoder, start))
    shares = []
    for axis in range(axes):
        values = analysis.traversal_values(latents, axis, _STEPS)
        walks = analysis.traverse(start, axis, values)
        flat = walks.reshape(-1, walks.shape[-1])
        pictures = _flat(analysis.decode(decoder, flat))
        distances = np.square(known).sum(axis=1) - 2 * pictures @ known.T
        nearest = distances.argmin(axis=1)
        own = np.repeat(np.arange(len(start)), _STEPS)
        shares.append(float((nearest == own).mean()))
    return {
        "people": len(start),
        "chance": 1 / len(start),
        "kept": float(np.mean(shares)),
        "by_axis": shares,
    }


def _flat(pictures):
    return pictures.reshape(len(pictures), -1).astype(np.float64)


def ends_of_axes(network: keras.Model, answer, latents, axes: int) -> list:
    """What a network says of the faces at both ends of each axis, and at 0.

    Up to 100 faces are walked along each axis of an expression, from its least
    observed value over 0 to its largest.

    Args:
        network: a `models.Autoencoder`.
        answer: function from pictures to numbers `(N, columns)`.
        latents: `(N, L)`, observed, in random order.
        axes: number of expressions with a latent variable.

    Returns:
        For each axis the values, `(3,)`, and `(3, columns)`: the `"mean"` of
        the answers, and the standard `"error"` of its difference from that at
        0.
    """
    starts = latents[:_STARTS]
    decoder = network.get_layer("decoder")
    found = []
    for axis in range(axes):
        low, high = analysis.traversal_values(latents, axis, 2)
        values = np.array([low, 0.0, high])
        walks = analysis.traverse(starts, axis, values)
        pictures = analysis.decode(decoder, walks.reshape(-1, walks.shape[-1]))
        said = answer(pictures).reshape(len(starts), 3, -1)
        changes = said - said[:, 1:2]
        error = changes.std(axis=0, ddof=1) / np.sqrt(len(starts))
        found.append(
            {
                "values": values.round(3).tolist(),
                "mean": said.mean(axis=0).round(4).tolist(),
                "error": error.round(4).tolist(),
            }
        )
    return found

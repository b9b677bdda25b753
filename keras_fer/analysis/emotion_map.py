"""Which expression a classifier names at each place of a compact embedding."""

import dataclasses

import keras
import numpy as np

from keras_fer.analysis.layer_outputs import find_layer


@dataclasses.dataclass(frozen=True, kw_only=True)
class EmotionMap:
    """A plane cut into the regions of the expressions.

    Args:
        x: `(columns,)`, first coordinate of each column: valence, a learned
            number, or on the sphere the azimuth in radians, -π to π.
        y: `(rows,)`, second coordinate: arousal, a learned number, or on the
            sphere the angle from the third axis in radians, 0 to π.
        regions: int `(rows, columns)`, the class that is named there.
        points: `(N, 2)`, where faces lie.
        answers: int `(N,)`, the class that each is named.
        axes: names of the coordinates.
    """

    x: np.ndarray
    y: np.ndarray
    regions: np.ndarray
    points: np.ndarray
    answers: np.ndarray
    axes: tuple[str, str]

    def touching(self, count: int) -> np.ndarray:
        """Which regions have a border in common, bool `(count, count)`.

        Args:
            count: number of classes.
        """
        found = np.zeros((count, count), bool)
        for one, other in (
            (self.regions[1:], self.regions[:-1]),
            (self.regions[:, 1:], self.regions[:, :-1]),
        ):
            found[one, other] = found[other, one] = True
        np.fill_diagonal(found, False)
        return found


def emotion_map(
    model: keras.Model,
    domain: str,
    embeddings,
    *,
    resolution: int = 200,
    axes: tuple[str, str] | None = None,
) -> EmotionMap:
    """Ask the classifier of one corpus at each place of the embedding.

    Places that no face takes are asked as well; regions far from all points
    are what the planes between the classes happen to make there.

    Args:
        model: a `models.CAKE` whose embedding has two numbers, or three on the
            unit sphere (`normalize=True`).
        domain: name of the corpus whose classifier is asked.
        embeddings: `(N, 2)` or `(N, 3)`, embeddings of faces; between the least
            and the largest of them lies the plane that is mapped.
        resolution: places along each coordinate.
        axes: names of the coordinates, by default that of the numbers.

    Raises:
        ValueError: the model has no such classifier, or embeddings of another
            size or off the sphere.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis, models
    >>> model = models.CAKE(2, {"fer2013": 7})
    >>> faces = np.random.default_rng(0).normal(size=(50, 2))
    >>> found = analysis.emotion_map(model, "fer2013", faces)
    >>> found.regions.shape, found.points.shape
    ((200, 200), (50, 2))

    Reference:
        - CAKE, section 3.4, figures 1 and 5.
    """
    classifier = find_layer(model, f"classifier_{domain}")
    kernel, bias = (np.asarray(w, float) for w in classifier.get_weights())
    embeddings = np.asarray(embeddings, float)
    dimensions = len(kernel)
    if dimensions not in (2, 3) or embeddings.shape[1:] != (dimensions,):
        raise ValueError(
            "expected embeddings (N, 2), or (N, 3) on the unit sphere, as the "
            f"classifier takes them. Received: {embeddings.shape} for one of "
            f"{dimensions} numbers"
        )
    if dimensions == 3:
        radius = np.linalg.norm(embeddings, axis=1)
        if np.abs(radius - 1).max(initial=0) > 1e-3:
            raise ValueError(
                "three numbers are mapped on the unit sphere, see `normalize` "
                f"of models.CAKE. Received: radii {radius.min():.3g} to "
                f"{radius.max():.3g}"
            )
        x = np.linspace(-np.pi, np.pi, resolution)
        y = np.linspace(0, np.pi, resolution)
        points = _angles(embeddings)
        axes = axes or ("azimuth (radians)", "angle from axis 3 (radians)")
        azimuth, polar = np.meshgrid(x, y)
        places = np.stack(
            [
                np.sin(polar) * np.cos(azimuth),
                np.sin(polar) * np.sin(azimuth),
                np.cos(polar),
            ],
            axis=-1,
        )
    else:
        low, high = embeddings.min(axis=0), embeddings.max(axis=0)
        x, y = np.linspace(low, high, resolution).T
        points = embeddings
        axes = axes or ("dimension 1", "dimension 2")
        places = np.stack(np.meshgrid(x, y), axis=-1)
    return EmotionMap(
        x=x,
        y=y,
        regions=(places @ kernel + bias).argmax(axis=-1),
        points=points,
        answers=(embeddings @ kernel + bias).argmax(axis=-1),
        axes=axes,
    )


def _angles(embeddings):
    azimuth = np.arctan2(embeddings[:, 1], embeddings[:, 0])
    polar = np.arccos(np.clip(embeddings[:, 2], -1, 1))
    return np.stack([azimuth, polar], axis=1)

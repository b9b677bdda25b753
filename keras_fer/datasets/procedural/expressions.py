"""Which muscles an expression moves, and how it feels by the circumplex."""

import dataclasses

import numpy as np

from keras_fer.datasets.procedural import shape

CLASSES = (
    "neutral",
    "anger",
    "contempt",
    "disgust",
    "fear",
    "happiness",
    "sadness",
    "surprise",
)


@dataclasses.dataclass(frozen=True)
class Prototype:
    """How an expression is shown.

    Args:
        variants: sets of action units `{unit: intensity}`, one of which is
            shown; intensities are those of the full expression, 0 to 5.
        valence: of the full expression, -1 to 1.
        arousal: of the full expression, -1 to 1.
        one_sided: the units are seen on one side only.
    """

    variants: tuple[dict[int, float], ...]
    valence: float
    arousal: float
    one_sided: bool = False


# Variants: EMFACS (Friesen and Ekman, 1983) as tabulated in Lucey et al., 2010,
# table 1; places on the circumplex: Russell, 1980.
PROTOTYPES = {
    "neutral": Prototype(({},), 0.0, 0.0),
    "anger": Prototype(
        (
            {4: 4.5, 5: 3.0, 7: 3.5, 23: 4.0},
            {4: 4.5, 5: 3.0, 7: 3.5, 24: 4.0, 17: 2.5},
            {4: 4.5, 5: 3.0, 7: 3.5, 10: 2.5, 23: 2.0, 25: 3.5},
            {4: 4.5, 5: 3.5, 7: 3.0, 25: 3.0, 26: 3.0, 23: 2.0},
        ),
        -0.60,
        0.70,
    ),
    "contempt": Prototype(({12: 2.5, 14: 4.5}, {14: 5.0}), -0.50, 0.10, True),
    "disgust": Prototype(
        (
            {9: 4.5, 17: 3.0},
            {9: 4.5, 10: 4.0, 25: 2.5},
            {10: 4.5, 9: 3.0, 17: 3.0},
            {9: 4.5, 10: 3.0, 4: 2.0, 7: 2.5},
        ),
        -0.70,
        0.30,
    ),
    "fear": Prototype(
        (
            {1: 4.5, 2: 3.0, 4: 3.0, 5: 4.5, 20: 4.0, 25: 3.0},
            {1: 4.5, 2: 3.0, 4: 3.0, 5: 4.5, 7: 1.5, 20: 4.5, 25: 3.0, 26: 2.5},
            {1: 4.5, 2: 2.5, 4: 3.0, 5: 4.5, 20: 3.5},
        ),
        -0.65,
        0.75,
    ),
    "happiness": Prototype(
        (
            {6: 4.0, 12: 4.5, 25: 4.0},
            {6: 4.0, 12: 4.5},
            {6: 4.5, 12: 5.0, 25: 4.0, 26: 2.5},
            {12: 4.0, 25: 3.0, 6: 2.0},
        ),
        0.85,
        0.45,
    ),
    "sadness": Prototype(
        (
            {1: 5.0, 4: 1.5, 15: 4.5},
            {1: 5.0, 4: 2.0, 15: 4.5, 17: 3.0},
            {1: 4.5, 4: 1.5, 15: 4.0, 7: 2.0, 17: 2.0},
        ),
        -0.75,
        -0.35,
    ),
    "surprise": Prototype(
        (
            {1: 4.5, 2: 4.5, 5: 3.5, 25: 3.0, 26: 4.5},
            {1: 4.5, 2: 4.5, 5: 4.0, 25: 3.0, 27: 4.0},
            {1: 4.5, 2: 4.5, 5: 3.0, 25: 3.0, 26: 3.0},
        ),
        0.15,
        0.80,
    ),
}

# RAF-DB's eleven compound expressions (Li et al., 2017), after Du et al., 2014.
COMPOUNDS = (
    ("happiness", "surprise"),
    ("happiness", "disgust"),
    ("sadness", "fear"),
    ("sadness", "anger"),
    ("sadness", "surprise"),
    ("sadness", "disgust"),
    ("fear", "anger"),
    ("fear", "surprise"),
    ("anger", "surprise"),
    ("anger", "disgust"),
    ("disgust", "surprise"),
)

# Pairs that pull one part of the face in opposite directions; of such pairs
# in a compound the stronger one shows.
_RIVALS = ((12, 15), (12, 20), (15, 20), (24, 26), (24, 27), (23, 25), (24, 25))


def draw(
    labels: np.ndarray,
    draws: np.random.Generator,
    *,
    intensity: tuple[float, float] = (0.45, 1.0),
    stray: float = 0.35,
) -> dict[str, np.ndarray]:
    """Draw how each of N people shows an expression.

    Args:
        labels: `(N,)` indices into `CLASSES`, or `(N, 2)` for compounds.
        draws: random numbers.
        intensity: smallest and largest share of the full expression.
        stray: probability that a person also moves any one muscle a little
            more, whether it belongs to the expression or not.

    Returns:
        `"units"` `(N, units, 2)` intensity on each side, 0 to 5; `"intensity"`
        `(N,)`; `"valence"`, `"arousal"` `(N,)`, -1 to 1.
    """
    labels = np.asarray(labels)
    pairs = labels.reshape(len(labels), -1)
    count = len(pairs)
    units = np.zeros((count, len(shape.UNITS), 2))
    strength = draws.uniform(*intensity, count)
    valence, arousal = np.zeros(count), np.zeros(count)
    for row, names in enumerate(pairs):
        for name in names:
            prototype = PROTOTYPES[CLASSES[name]]
            variants = prototype.variants
            chosen = variants[draws.integers(len(variants))]
            full = np.zeros(len(shape.UNITS))
            for unit, value in chosen.items():
                full[shape.UNITS.index(unit)] = value
            # No two people move the same muscles equally much.
            full *= strength[row] * draws.uniform(0.75, 1.2, len(full))
            sides = np.repeat(full[:, None], 2, axis=1)
            if prototype.one_sided:
                sides[:, draws.integers(2)] *= 0.08
            else:
                sides *= draws.uniform(0.85, 1.0, 2)
            units[row] = np.maximum(units[row], sides)
            # What a mixture feels like lies between its parts.
            valence[row] += prototype.valence * strength[row] / len(names)
            arousal[row] += prototype.arousal * strength[row] / len(names)
        if draws.random() < stray:
            unit = draws.integers(len(shape.UNITS))
            units[row, unit] += draws.uniform(0.3, 1.4)
        if len(names) > 1:
            for one, other in _RIVALS:
                one, other = shape.UNITS.index(one), shape.UNITS.index(other)
                weaker = (
                    one
                    if units[row, one].sum() < units[row, other].sum()
                    else other
                )
                units[row, weaker] *= 0.25
    return {
        "units": np.clip(units, 0, shape.MAX_INTENSITY),
        "intensity": np.where((pairs == 0).all(axis=1), 0.0, strength),
        "valence": np.clip(valence + draws.normal(0, 0.05, count), -1, 1),
        "arousal": np.clip(arousal + draws.normal(0, 0.05, count), -1, 1),
    }

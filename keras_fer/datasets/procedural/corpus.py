"""Procedural faces as a corpus: every label is known."""

import dataclasses

import numpy as np

from keras_fer.datasets import corpus
from keras_fer.datasets import progress
from keras_fer.datasets.procedural import drawing
from keras_fer.datasets.procedural import expressions
from keras_fer.datasets.procedural import shape
from keras_fer.datasets.procedural.domains import DOMAINS

_SKIN = np.array(
    [
        [244, 211, 186],
        [232, 190, 160],
        [224, 178, 142],
        [198, 146, 108],
        [158, 108, 76],
        [112, 74, 54],
    ],
    float,
)
_HAIR = np.array(
    [
        [38, 28, 24],
        [60, 42, 32],
        [96, 64, 40],
        [150, 110, 66],
        [196, 164, 112],
        [126, 62, 36],
        [170, 168, 166],
    ],
    float,
)
_IRIS = np.array([[84, 58, 38], [60, 46, 36], [96, 120, 84], [92, 124, 156]])

INFO = corpus.CorpusInfo(
    name="procedural",
    title="Procedural faces",
    classes=expressions.CLASSES,
    image_shape=(48, 48, 1),
    counts={"train": 16000, "val": 2000, "test": 3000},
    folders=(),
    license="drawn by this package: nobody's picture, no terms",
    how_to_get="It is drawn when it is loaded.",
    reference=(
        "Action units after Ekman and Friesen, Facial Action Coding System, "
        "1978; prototypes after Lucey et al., 2010, "
        "https://doi.org/10.1109/CVPRW.2010.5543262"
    ),
)

_FIRST_PERSON = {"train": 0, "val": 1_000_000, "test": 2_000_000}
_IMAGES_A_PERSON = 4
_CHUNK = 512  # faces between two steps of the progress bar


def load_data(
    split: str = "train",
    *,
    images: int | None = None,
    domain: str = "studio",
    size: int = 48,
    channels: int = 1,
    classes: tuple[str, ...] = INFO.classes,
    compounds: tuple[tuple[str, str], ...] = (),
    counts: dict[str, int] | None = None,
    seed: int = 0,
    data_dir=None,
    skip_bad: bool = False,
) -> corpus.Corpus:
    """Draw one split of procedural faces.

    No person is in two splits. The same arguments give the same pixels.

    Args:
        split: `"train"`, `"val"` or `"test"`.
        images: number of images, by default 16,000, 2,000, 3,000.
        domain: where they are taken and how they are named, a name in
            `DOMAINS`.
        size: side in pixels.
        channels: 1 for gray, 3 for RGB.
        classes: expressions, in the order of their labels.
        compounds: pairs of expressions that are shown at once; then they are
            the classes, named `"happiness-surprise"`.
        counts: images of each class, by name, instead of equally many.
        seed: number from which everything but the persons is drawn.
        data_dir: not used, nothing is read. It is there because all corpora
            are called alike.
        skip_bad: likewise.

    Returns:
        A `Corpus` with the columns `"expression"` (as the annotators of the
        domain name it), `"shown"` (what it is), `"intensity"` (0 to 1),
        `"valence"`, `"arousal"` (-1 to 1), `"subject"`, `"domain"`, and
        `(N, units)`: `"action_unit_intensity"` (0 to 5, the stronger side) and
        `"action_units"` (at least 1); `"action_unit_sides"` is `(N, units,
        2)`, the right and the left of the picture. `action_units` names the
        units. Unit 25 is what the mouth shows, also where 10, 26 or 27 part
        the lips.

    Raises:
        CorpusError: an argument is out of its range; the message says which.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> faces = procedural.load_data("val", images=16, size=32)
    >>> faces.images.shape, faces.info.classes[faces.labels["shown"][3]]
    ((16, 32, 32, 1), 'disgust')

    Reference:
        - Ekman and Friesen, Facial Action Coding System, 1978
        - [Du et al., 2014](https://doi.org/10.1073/pnas.1322355111), compound
          expressions.
    """
    faces, columns, info = _draw_split(
        split, images, domain, classes, compounds, counts, seed
    )
    info = dataclasses.replace(info, image_shape=(size, size, channels))
    try:
        pixels = _render(faces, size, channels)
    except ValueError as error:
        raise corpus.CorpusError(f"{INFO.name}: {error}") from error
    sides = columns.pop("units").astype(np.float32)
    parted = sides[:, shape.UNITS.index(25)]
    parted[:] = np.maximum(parted, shape.lips_part(sides)[:, None])
    intensity = sides.max(axis=2)
    count = len(faces)
    return corpus.Corpus(
        info=info,
        split=split,
        images=pixels,
        labels={
            **columns,
            "domain": np.full(count, domain),
            "action_unit_sides": sides,
            "action_unit_intensity": intensity,
            "action_units": intensity >= 1,
        },
        names=[f"face {row}, seed {seed}, {split}" for row in range(count)],
        action_units=shape.UNITS,
    )


def draw_split(
    split: str = "train",
    *,
    images: int | None = None,
    domain: str = "studio",
    classes: tuple[str, ...] = INFO.classes,
    compounds: tuple[tuple[str, str], ...] = (),
    counts: dict[str, int] | None = None,
    seed: int = 0,
) -> drawing.Faces:
    """Draw the parameters of the faces that `load_data` renders.

    Whoever wants to change one thing about the faces of a split, such as an
    action unit or the light, changes it here and calls `render`.

    Args: those of `load_data`, except what concerns pixels.

    Returns:
        The `Faces`, in the order of the images.

    Raises:
        CorpusError: as `load_data`.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import procedural
    >>> faces = procedural.draw_split("val", images=4)
    >>> corpus = procedural.load_data("val", images=4, size=48)
    >>> bool(np.all(procedural.render(faces, 48) == corpus.images))
    True
    """
    return _draw_split(split, images, domain, classes, compounds, counts, seed)[
        0
    ]


def _draw_split(split, images, domain, classes, compounds, counts, seed):
    """Faces, columns of labels, and the card with the classes."""
    corpus.check_split(INFO, split)
    if seed < 0:
        raise corpus.CorpusError(
            f"{INFO.name}: `seed` must be non-negative. Received: {seed}"
        )
    info, shown, pairs = _classes(split, images, classes, compounds, counts)
    count = len(shown)
    draws = np.random.default_rng([seed, corpus.SPLITS.index(split)])
    people = _FIRST_PERSON[split] + draws.integers(
        -(-count // _IMAGES_A_PERSON), size=count
    )
    try:
        faces, columns = draw_faces(
            pairs, people, domain=domain, seed=[seed, _FIRST_PERSON[split]]
        )
    except ValueError as error:
        raise corpus.CorpusError(f"{INFO.name}: {error}") from error
    columns = {
        "expression": _annotate(shown, info.classes, domain, draws),
        "shown": shown,
        "subject": np.array([f"P{person:07d}" for person in people]),
        **columns,
    }
    return faces, columns, info


def _render(faces, size, channels):
    import rich.progress

    starts = range(0, len(faces), _CHUNK)
    bar = progress.progress_bar(INFO.title)
    parts = [
        drawing.render(faces[start : start + _CHUNK], size, channels)
        for start in rich.progress.track(starts, **bar)
    ]
    return np.concatenate(parts)


def _classes(split, images, classes, compounds, counts):
    """The card, the label of each image, and what each image shows."""
    for name in {name for pair in compounds for name in pair} | set(classes):
        if name not in expressions.CLASSES:
            raise corpus.CorpusError(
                f"{INFO.name}: no expression is called {name!r}. There are: "
                f"{', '.join(expressions.CLASSES)}"
            )
    if any(len(pair) != 2 for pair in compounds):
        raise corpus.CorpusError(
            f"{INFO.name}: `compounds` are pairs. Received: {compounds}"
        )
    names = tuple("-".join(pair) for pair in compounds) or tuple(classes)
    numbers = [images or 0, *(counts or {}).values()]
    if len(set(names)) != len(names) or not names or min(numbers) < 0:
        raise corpus.CorpusError(
            f"{INFO.name}: classes must differ and numbers of images must not "
            f"be negative. Received: {names}, images={images}, counts={counts}"
        )
    index = [
        [expressions.CLASSES.index(part) for part in name.split("-")]
        for name in names
    ]
    if counts is None:
        total = INFO.counts[split] if images is None else images
        shown = np.arange(total) % len(names)
    else:
        unknown = set(counts) - set(names)
        if unknown or images is not None:
            raise corpus.CorpusError(
                f"{INFO.name}: `counts` names images of {', '.join(names)}, "
                "and `images` is left out then. Received: "
                f"counts={counts}, images={images}"
            )
        shown = np.repeat(
            np.arange(len(names)), [counts.get(name, 0) for name in names]
        )
    if not len(shown):
        raise corpus.CorpusError(f"{INFO.name}: no image was asked for")
    info = dataclasses.replace(INFO, classes=names)
    return info, shown.astype(np.int64), np.array(index)[shown]


def _annotate(shown, names, domain, draws):
    """Name expressions as the annotators of a domain do."""
    habit = DOMAINS[domain]
    named = shown.copy()
    for (true, mistaken), share in habit.confusions.items():
        if true in names and mistaken in names:
            chance = draws.random(len(shown))
            of_it = (shown == names.index(true)) & (chance < share)
            named[of_it] = names.index(mistaken)
    random = draws.random(len(shown)) < habit.label_noise
    named[random] = draws.integers(len(names), size=random.sum())
    return named


def draw_sequence(
    expression: str,
    person: int,
    *,
    frames: int = 16,
    domain: str = "studio",
    seed: int = 0,
) -> tuple[drawing.Faces, dict[str, np.ndarray]]:
    """Draw one person from neutral to the apex, as a sequence of CK+.

    Args:
        expression: name of the expression at the apex.
        person: number of the person.
        frames: number of frames, at least 2.
        domain: name in `DOMAINS`.
        seed: number from which all else is drawn.

    Returns:
        The `Faces`, a frame each, and their columns.

    Raises:
        ValueError: there is no such expression or domain.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> faces, columns = procedural.draw_sequence("surprise", 3, frames=4)
    >>> float(columns["intensity"][0]), len(faces)
    (0.0, 4)
    """
    if expression not in expressions.CLASSES or frames < 2:
        raise ValueError(
            f"`expression` must be one of {', '.join(expressions.CLASSES)} and "
            f"`frames` at least 2. Received: {expression!r}, {frames}"
        )
    label = expressions.CLASSES.index(expression)
    apex, columns = draw_faces(
        [label], [person], domain=domain, seed=[seed, person]
    )
    time = np.linspace(0, 1, frames)
    share = time**2 * (3 - 2 * time)  # slow, fast, slow
    faces = apex[np.zeros(frames, int)]
    draws = np.random.default_rng([seed, person])
    sway = np.cumsum(draws.normal(0, 0.4, (frames, 3)), axis=0)
    columns = {
        name: values[0] * share.reshape(-1, *[1] * (values.ndim - 1))
        for name, values in columns.items()
    }
    return dataclasses.replace(
        faces,
        units=columns["units"],
        pose=faces.pose + sway,
        seeds=draws.integers(2**31, size=frames),
    ), columns


def draw_faces(
    labels: np.ndarray,
    identities: np.ndarray,
    *,
    domain: str = "studio",
    seed: int = 0,
) -> tuple[drawing.Faces, dict[str, np.ndarray]]:
    """Draw the parameters of faces that show given expressions.

    Args:
        labels: `(N,)` indices into `CLASSES`, or `(N, 2)` for compounds.
        identities: `(N,)` numbers of persons; one number is one person, in
            every domain and under every seed.
        domain: name in `DOMAINS`.
        seed: number from which all else is drawn.

    Returns:
        The `Faces`, and the columns `"units"`, `"intensity"`, `"valence"` and
        `"arousal"`.

    Raises:
        ValueError: there is no such domain.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> faces, columns = procedural.draw_faces([5, 6], [0, 1])
    >>> procedural.render(faces, size=48).shape
    (2, 48, 48, 1)
    """
    if domain not in DOMAINS:
        raise ValueError(
            f"`domain` must be one of {', '.join(DOMAINS)}. Received: "
            f"{domain!r}"
        )
    habit = DOMAINS[domain]
    labels, identities = np.asarray(labels), np.asarray(identities)
    count = len(identities)
    draws = np.random.default_rng(
        [*np.atleast_1d(seed), list(DOMAINS).index(domain)]
    )
    columns = expressions.draw(
        labels, draws, intensity=habit.intensity, stray=habit.stray
    )

    def between(pair, size=count):
        return draws.uniform(*pair, size)

    def symmetric(most):
        # Most people look about straight on, few at the edge of the range.
        return np.clip(draws.normal(0, most / 2, count), -most, most)

    angle = np.radians(between((-habit.light_side, habit.light_side)))
    height = np.radians(between((5, 60)))
    light = np.stack(
        [
            np.sin(angle) * np.cos(height),
            -np.sin(height),
            np.cos(angle) * np.cos(height),
        ],
        axis=1,
    )
    gray = between(habit.background, (count, 2))
    tint = np.clip(draws.normal(1, 0.12, (count, 2, 3)), 0.6, 1.4)
    covered = draws.random(count) < habit.occlusion
    patch = np.stack(
        [
            *between((0.1, 0.9), (2, count)),
            *(covered * between((0.15, 0.4), (2, count))),
            between((10, 240)),
        ],
        axis=1,
    )
    color = np.array(habit.color)
    person = _people(identities)
    faces = drawing.Faces(
        modes=person["modes"],
        units=columns["units"],
        pose=np.stack(
            [
                symmetric(habit.yaw),
                symmetric(habit.pitch),
                symmetric(habit.roll),
            ],
            axis=1,
        ),
        zoom=between(habit.zoom),
        shift=between((-habit.shift, habit.shift), (count, 2)),
        gaze=np.clip(draws.normal(0, 0.3, (count, 2)), -1, 1),
        skin=person["skin"] * color,
        hair=person["hair"] * color,
        iris=person["iris"] * color,
        clothes=draws.uniform(20, 220, (count, 3)) * color,
        background=np.clip(gray[..., None] * tint * color, 0, 255),
        hair_style=person["hair_style"],
        beard=person["beard"],
        glasses=person["glasses"],
        age=person["age"],
        light=light,
        ambient=between(habit.ambient),
        level=between(habit.level),
        contrast=between(habit.contrast),
        blur=between(habit.blur),
        noise=between(habit.noise),
        quality=draws.integers(*habit.quality, count, endpoint=True),
        occlusion=patch,
        seeds=draws.integers(2**31, size=count),
    )
    return faces, columns


def _people(identities):
    """What a person brings along, a function of the number alone."""
    numbers, rows = np.unique(identities, return_inverse=True)
    people = []
    for number in numbers:
        draws = np.random.default_rng([7, number])
        skin = _SKIN[draws.integers(len(_SKIN))] * draws.uniform(0.92, 1.06)
        age = draws.beta(1.6, 2.2)
        gray = age > 0.62 and draws.random() < 0.6
        hair = _HAIR[-1 if gray else draws.integers(len(_HAIR) - 1)]
        bearded = draws.random() < 0.22
        people.append(
            {
                "modes": np.clip(
                    draws.normal(0, 0.85, len(shape.MODES)), -2.2, 2.2
                ),
                "skin": skin,
                "hair": hair * draws.uniform(0.85, 1.15),
                "iris": _IRIS[draws.integers(len(_IRIS))].astype(float),
                "hair_style": draws.integers(len(drawing.HAIR_STYLES)),
                "beard": draws.integers(1, 3) if bearded else 0,
                "glasses": draws.random() < 0.15,
                "age": age,
            }
        )
    return {
        name: np.array([person[name] for person in people])[rows]
        for name in people[0]
    }

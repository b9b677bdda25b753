"""Numbers behind the pictures of a generative model."""

import dataclasses

import keras
import numpy as np

from keras_fer import analysis
from keras_fer.datasets import procedural

IS = "is "  # before the name of an expression, in names of factors
STEPS = 6
_PEOPLE = 200
_STARTS = 100
_MODES = 3  # of the shape of a face, the strongest
_TREES = 100
_HIDDEN = (100,)
_ITERATIONS = 2000


def procedural_factors(corpus, faces: procedural.Faces, axes) -> dict:
    """What varies from one procedural face to the next.

    Each expression with an axis is a factor of its own, which it is or not:
    were they one factor of several classes, a latent variable each would count
    as a fault.

    Args:
        corpus: the faces.
        faces: how they were drawn, in the same order.
        axes: numbers of the expressions that have a latent variable.

    Returns:
        Values by name, `(N,)` each; whole numbers are classes.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> from keras_fer.recipes import latent_measures
    >>> faces = procedural.load_data("val", images=8, size=32)
    >>> drawn = procedural.draw_split("val", images=8)
    >>> found = latent_measures.procedural_factors(faces, drawn, (0, 1))
    >>> [name for name in found if name.startswith("is ")], len(found["yaw"])
    (['is neutral', 'is anger'], 8)
    """
    shown = corpus.labels["shown"]
    names = corpus.info.classes
    return {
        **{f"{IS}{names[k]}": (shown == k).astype(np.int64) for k in axes},
        "intensity": corpus.labels["intensity"],
        "yaw": faces.pose[:, 0],
        "pitch": faces.pose[:, 1],
        "roll": faces.pose[:, 2],
        "zoom": faces.zoom,
        "shift right": faces.shift[:, 0],
        "shift down": faces.shift[:, 1],
        **{f"shape {k + 1}": faces.modes[:, k] for k in range(_MODES)},
        "skin": faces.skin.mean(axis=1),
        "hair": faces.hair.mean(axis=1),
        "hair style": np.asarray(faces.hair_style, np.int64),
        "beard": (faces.beard > 0).astype(np.int64),
        "glasses": np.asarray(faces.glasses, np.int64),
        "age": faces.age,
        "light": faces.light[:, 0],
        "level": faces.level,
        "background": faces.background.mean(axis=(1, 2)),
    }


def disentanglement(latents, factors: dict, people) -> dict:
    """MIG and DCI as plain numbers, of expressions and of all else.

    Args:
        latents: `(N, L)`.
        factors: of `procedural_factors`; those that do not vary are left out.
        people: `(N,)`, who is shown: nobody is in both halves of DCI.

    Returns:
        `"disentanglement"` and `"completeness"` (DCI) over the `"expressions"`
        and over `"all"` factors, where those that no latent variable holds
        count as spread over all; `"gap"` (MIG) and `"score"`
        (informativeness), each a dict of the mean over `"expressions"`, that
        over the `"others"`, and the figure `"of"` each factor.
    """
    varying = {k: v for k, v in factors.items() if len(np.unique(v)) > 1}
    found, alone = (
        analysis.measure_disentanglement(
            latents, some, groups=people, trees=_TREES
        )
        for some in (
            varying,
            {k: v for k, v in varying.items() if k.startswith(IS)},
        )
    )

    def parts(figures):
        halves = [
            [v for k, v in figures.items() if k.startswith(IS) == expression]
            for expression in (True, False)
        ]
        means = [float(np.mean(of)) if of else None for of in halves]
        rounded = {name: round(value, 4) for name, value in figures.items()}
        return {"expressions": means[0], "others": means[1], "of": rounded}

    return {
        **{
            name: {
                "expressions": getattr(alone, name),
                "all": getattr(found, name),
            }
            for name in ("disentanglement", "completeness")
        },
        "gap": parts(found.gaps),
        "score": parts(found.scores),
    }


def told_apart(latents, reference, people) -> float | None:
    """How well the reference expression is told from the others.

    A network of one hidden layer, as the discriminator of `FaderNetwork`, is
    fitted on the latent variables of half of the people, apart from whatever
    was trained with the encoder. It sees them along their principal axes, each
    with a deviation of 1: small differences between large variables, on which
    softmax depends, are as plain to it as the variables.

    Args:
        latents: `(N, L)`.
        reference: `(N,)`, whether a face shows the reference.
        people: `(N,)`, who is shown.

    Returns:
        Area under the ROC curve on the other half; .5 is chance, and what it is
        where no variable moves. `None` where one half shows only the reference,
        or never.
    """
    import sklearn.decomposition
    import sklearn.metrics
    import sklearn.neural_network
    import sklearn.pipeline

    known = np.random.default_rng(0).permutation(np.unique(people))
    fitted = np.isin(people, known[: -(-len(known) // 2)])
    if {len(set(reference[half])) for half in (fitted, ~fitted)} != {2}:
        return None
    if not np.ptp(latents[fitted], axis=0).any():
        return 0.5
    # In float32 the least axes would be rounding errors, whitened.
    latents = np.asarray(latents, np.float64)
    probe = sklearn.pipeline.make_pipeline(
        sklearn.decomposition.PCA(whiten=True),
        sklearn.neural_network.MLPClassifier(
            _HIDDEN, max_iter=_ITERATIONS, random_state=0
        ),
    )
    probe.fit(latents[fitted], reference[fitted])
    said = probe.predict_proba(latents[~fitted])[:, -1]
    return float(sklearn.metrics.roc_auc_score(reference[~fitted], said))


def without_shared(latents) -> tuple[np.ndarray, float]:
    """Take from each latent variable what all of a face have in common.

    Softmax does not see it, so that cross entropy leaves it to the picture.

    Args:
        latents: `(N, L)`.

    Returns:
        The differences to the mean over the variables, and the share of the
        variance that they lack: 1 over L where all variables vary as much and
        independently, 1 where all move alike, and 0 where none moves.
    """
    differences = latents - latents.mean(axis=1, keepdims=True)
    whole, left = (float(of.var(axis=0).sum()) for of in (latents, differences))
    return differences, 1 - left / whole if whole else 0.0


def principal_components(images, train_images, count: int):
    """The first principal components of pictures: a null model of latents.

    Args:
        images: `(N, height, width, channels)`.
        train_images: at least `count` pictures, of which the components are
            those.
        count: number of components.

    Returns:
        float64 `(N, count)`, and the pictures that they give back, as `images`,
        in `[0, 255]`.
    """
    import sklearn.decomposition

    components = sklearn.decomposition.PCA(count, random_state=0)
    components.fit(train_images.reshape(len(train_images), -1) / 255)
    found = components.transform(images.reshape(len(images), -1) / 255)
    pictures = 255 * components.inverse_transform(found)
    return found, pictures.reshape(images.shape).clip(0, 255)


def axis_values(latents, axis: int, side: int = 1) -> np.ndarray:
    """Places on an axis: from the least observed over 0 to the largest.

    Args:
        latents: `(N, L)`, observed.
        axis: the latent variable.
        side: number of places on each side.

    Returns:
        float64 `(2 · side + 1,)`. In the middle is 0, or where that was not
        observed, the mean.
    """
    low, high = analysis.traversal_values(latents, axis, 2)
    middle = 0.0 if low < 0 < high else float(latents[:, axis].mean())
    return np.concatenate(
        [
            np.linspace(low, middle, side + 1),
            np.linspace(middle, high, side + 1)[1:],
        ]
    )


def change(some, shown, latents, labels, axes) -> dict:
    """Give faces each expression, by what the faces of it have in common.

    The axis of the new expression and that of the old are set to where the
    faces of the new one lie on average; and all axes of expressions, where
    other latent variables are left to hold what else there is about a face:
    otherwise all faces would become one.

    Args:
        some: `(N, L)`, latent variables of some faces.
        shown: `(N,)`, their expressions.
        latents: `(M, L)`, of faces with all expressions.
        labels: `(M,)`, their expressions.
        axes: numbers of the expressions that have a latent variable.

    Returns:
        `(N, L)` by expression, of those that `labels` hold.
    """
    axes = list(axes)
    changed = {}
    for k in np.unique(labels).tolist():
        mean = latents[labels == k].mean(axis=0)
        set_ = np.zeros(some.shape, bool)
        set_[:, : len(axes)] = some.shape[1] > len(axes)
        for column, of in enumerate(axes):
            set_[:, column] |= (of == k) | (of == shown)
        changed[k] = np.where(set_, mean, some).astype(np.float32)
    return changed


def changes_named(network: keras.Model, named, latents, labels, axes) -> dict:
    """How often a face is named by the expression that it was given.

    Args:
        network: a `models.Autoencoder`.
        named: function from pictures to classes, one-hot `(N, classes)`.
        latents: `(N, L)`, of faces in random order.
        labels: `(N,)`, their expressions.
        axes: numbers of the expressions that have a latent variable.

    Returns:
        `"after"` and `"before"` the change, shares of up to 100 reconstructed
        faces of other expressions; means over the expressions.
    """
    decoder = network.get_layer("decoder")
    some, shown = latents[:_STARTS], labels[:_STARTS]
    still = named(analysis.decode(decoder, some))
    before, after = [], []
    for k, places in change(some, shown, latents, labels, axes).items():
        others = shown != k
        said = named(analysis.decode(decoder, places[others]))
        before.append(still[others, k].mean())
        after.append(said[:, k].mean())
    return {"before": float(np.mean(before)), "after": float(np.mean(after))}


def identity_kept(
    network: keras.Model, images, latents, labels, people, axes
) -> dict | None:
    """Is a person still the same when the expression is changed?

    Of up to 200 people one face is given each expression, see `change`, and
    compared with the reconstructions of *another* face of each of them: how
    many of them are farther from it than that of the same person?

    Args:
        network: a `models.Autoencoder`.
        images: `(N, height, width, channels)`, faces.
        latents: `(N, L)`, theirs.
        labels: `(N,)`, their expressions.
        people: `(N,)`, who they are.
        axes: numbers of the expressions that have a latent variable.

    Returns:
        `"changed"`, the share of others that are farther from a changed face
        than its own person, mean over the faces: 1 is nobody nearer, .5 chance;
        beside it `"still"`, of faces as they are, `"random"`, of equally long
        walks in random directions (of each latent variable by its deviation),
        `"faces"`, of the faces themselves, which differ in light and pose as
        well, and the number of `"people"`. `None` where fewer than ten people
        have two faces.
    """
    draws = np.random.default_rng(0)
    rows = draws.permutation(len(people))
    pairs = {}
    for row in rows:
        pairs.setdefault(people[row], []).append(row)
    pairs = [of[:2] for of in pairs.values() if len(of) > 1][:_PEOPLE]
    if len(pairs) < 10:
        return None
    first, second = np.transpose(pairs)
    decoder = network.get_layer("decoder")
    start = latents[first]
    others = analysis.decode(decoder, latents[second])

    def kept(places):
        return farther(analysis.decode(decoder, places), others)

    def farther(pictures, known):
        pictures, known = _flat(pictures), _flat(known)
        distances = np.square(known).sum(axis=1) - 2 * pictures @ known.T
        beyond = np.sign(distances - np.diagonal(distances)[:, None])
        return float(0.5 + beyond.sum() / (2 * len(known) * (len(known) - 1)))

    changed, random = [], []
    deviations = latents.std(axis=0)
    for place in change(start, labels[first], latents, labels, axes).values():
        changed.append(kept(place))
        length = np.linalg.norm(place - start, axis=1, keepdims=True)
        direction = draws.normal(0, deviations, start.shape)
        norm = np.linalg.norm(direction, axis=1, keepdims=True)
        direction /= np.maximum(norm, 1e-12)  # of constant latent variables 0
        random.append(kept(start + length * direction))
    return {
        "people": len(pairs),
        "faces": farther(images[first], images[second]),
        "still": kept(start),
        "changed": float(np.mean(changed)),
        "random": float(np.mean(random)),
    }


def redrawn(
    network: keras.Model, faces: procedural.Faces, latents, labels, axes
) -> dict:
    """How near is a changed face to the same face, drawn with that expression?

    Up to 100 procedural faces are given each other expression, see `change`,
    and drawn anew with the action units of some face that shows it: the same
    person, light, pose and background.

    Args:
        network: a `models.Autoencoder` of square pictures.
        faces: how the faces were drawn, in random order.
        latents: `(N, L)`, theirs.
        labels: `(N,)`, their expressions.
        axes: numbers of the expressions that have a latent variable.

    Returns:
        Root mean squared errors, gray levels, of pictures to the faces drawn
        anew, means over the expressions: `"changed"`, `"still"`, of faces as
        they were, and `"encoded"`, of what the network makes of the faces drawn
        anew.
    """
    draws = np.random.default_rng(0)
    encoder, decoder = (network.get_layer(n) for n in ("encoder", "decoder"))
    _, size, _, channels = network.input_shape
    shown = labels[:_STARTS]
    still = analysis.decode(decoder, latents[:_STARTS])
    errors = {"changed": [], "still": [], "encoded": []}
    given = change(latents[:_STARTS], shown, latents, labels, axes)
    for k, places in given.items():
        rows = np.flatnonzero(shown != k)
        units = faces.units[
            draws.choice(np.flatnonzero(labels == k), len(rows))
        ]
        truth = procedural.render(
            dataclasses.replace(faces[rows], units=units), size, channels
        ).astype(np.float64)
        for name, found in (
            ("changed", analysis.decode(decoder, places[rows])),
            ("still", still[rows]),
            (
                "encoded",
                analysis.decode(decoder, analysis.encode(encoder, truth)),
            ),
        ):
            errors[name].append(np.sqrt(np.square(found - truth).mean()))
    return {name: float(np.mean(of)) for name, of in errors.items()}


def _flat(pictures):
    return pictures.reshape(len(pictures), -1).astype(np.float64)


def ends_of_axes(network: keras.Model, answer, latents, axes: int) -> list:
    """What a network says of the faces at both ends of each axis, and between.

    Up to 100 faces are walked along each axis, see `axis_values`.

    Args:
        network: a `models.Autoencoder`.
        answer: function from pictures to numbers `(N, columns)`.
        latents: `(N, L)`, observed, in random order.
        axes: number of expressions with a latent variable.

    Returns:
        For each axis the values, `(3,)`, and `(3, columns)`: the `"mean"` of
        the answers, and the standard `"error"` of its difference from that in
        the middle.
    """
    starts = latents[:_STARTS]
    decoder = network.get_layer("decoder")
    found = []
    for axis in range(axes):
        values = axis_values(latents, axis)
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


def walks_of_the_mean(network: keras.Model, answer, latents, axes: int) -> list:
    """What a network says of the mean face, walked along each axis.

    Args:
        network: a `models.Autoencoder`.
        answer: function from pictures to numbers `(N, columns)`.
        latents: `(N, L)`, observed.
        axes: number of expressions with a latent variable.

    Returns:
        `(axes, 6, columns)` as lists: six steps from the least to the largest
        observed value, all else at its mean.

    Reference:
        - Barradas-Chacon et al., section 3.3 and figure 8.
    """
    mean = latents.mean(axis=0, keepdims=True)
    decoder = network.get_layer("decoder")
    walks = [
        analysis.traverse(
            mean, axis, analysis.traversal_values(latents, axis, STEPS)
        )[0]
        for axis in range(axes)
    ]
    return [
        answer(analysis.decode(decoder, walk)).round(4).tolist()
        for walk in walks
    ]


def ends_of_mean_pictures(answer, images, labels, axes, lengths) -> list:
    """The same without any model: pictures themselves are added and subtracted.

    What is seen opposite an expression may lie in the mean pictures already:
    the middle of the mean pictures of all expressions, and as far from it as
    the walks of `ends_of_axes` went, in multiples of the difference between it
    and the mean picture of the expression.

    Args:
        answer: function from pictures to numbers `(N, columns)`.
        images: `(N, height, width, channels)`, training faces.
        labels: `(N,)`, their expressions.
        axes: numbers of the expressions that have a latent variable.
        lengths: two multiples for each of them, mostly one below 0.

    Returns:
        For each of them `(3, columns)`: at the first, in the middle, at the
        second.
    """
    means = {
        k: images[labels == k].mean(axis=0, dtype=np.float64)
        for k in np.unique(labels)
    }
    middle = np.mean(list(means.values()), axis=0)
    return [
        answer(
            np.stack(
                [
                    middle + length * (means[k] - middle)
                    for length in (low, 0.0, high)
                ]
            ).clip(0, 255)
        )
        .round(4)
        .tolist()
        for k, (low, high) in zip(axes, lengths, strict=True)
    ]

"""Where the network of a run looks, and whether that is where faces move."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import rich.progress

from keras_fer import analysis
from keras_fer import evaluation
from keras_fer import visualization
from keras_fer.datasets import procedural
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

_A_CLASS = 2  # faces of an expression in the picture
_RANDOM = 5  # networks of random weights
_PERMUTATIONS = 2000


def draw_attention(
    folder: str | Path,
    *,
    layer: str | None = None,
    split: str = "val",
    images: int = 1000,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw attention over faces, and measure it on drawn action units.

    The picture shows the first two faces of each expression with the spatial
    attention and the places that speak for the answer (Grad-CAM, in the maps
    that are attended).

    Measured is the share of the attention that falls where the action units
    that a procedural face shows change it, less the area of these places, which
    is what even attention has there: the excess. The places are those of the
    same face at rest (each unit drawn on both sides at intensity 3, see
    `procedural.unit_region`), so that they tell nothing of what it shows. The
    excess stands beside that for the units of another face, handed round among
    all faces and among those of one expression. Attention to eyes and mouths in
    general has an excess; attention to what the face shows has more of it than
    the first of these, and to more than its expression more than the second.
    Edges that a unit draws attract random weights as well, so what training did
    is told by the networks with random weights beside it.

    Args:
        folder: run folder.
        layer: name of a `ChannelSpatialAttention`, by default `"attention"`.
        split: `"train"`, `"val"` or `"test"`, of the faces in the picture.
        images: procedural faces that are measured; those without action units
            do not count.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary, also in `attention.json`; `attention_<split>.png` is
        written into the run folder, and with faces of a corpus not to be
        shared.

    Raises:
        RunError: there is no finished run in the folder, its recipe reads
            other data by now, or the network takes no square images.
        CorpusError: the corpus is not there.
        ValueError: there is no such layer.

    Example:

    >>> from keras_fer.recipes import attention_figures
    >>> attention_figures.draw_attention("runs/mine")  # doctest: +SKIP

    Reference:
        - DAF-CNN, section 3.2: attention suppresses "irrelevant facial parts".
    """
    folder = Path(folder)
    layer = layer or "attention"
    network = run_folder.load(folder)
    recipe = run.recipe_of(folder)
    height, size, channels = network.input_shape[1:]
    if height != size or recipe.estimates:
        raise RunError(
            f"{folder}: expected a network that names expressions of square "
            f"images, as procedural faces are. Received: {height}×{size}, "
            f"{recipe.target}"
        )
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    run.check_classes(folder, corpus)
    _draw(network, layer, corpus, folder)
    # Expressions that the network knows, as far as they are drawn.
    classes = [c for c in corpus.info.classes if c in procedural.INFO.classes]
    options = {"images": images, "classes": tuple(classes)}
    faces = procedural.load_data(
        "test", size=size, channels=channels, **options
    )
    regions = _regions(procedural.draw_split("test", **options), faces, size)
    shown = np.flatnonzero(faces.labels["action_units"].any(axis=1))
    faces, regions = faces.select(shown), regions[shown]
    networks = [network, *run_folder.untrained(network, _RANDOM)]
    trained, *untrained = _measure(networks, layer, faces, regions)
    summary = {
        "recipe": recipe.name,
        "layer": layer,
        "faces": len(faces),
        "trained": trained,
        "untrained": untrained,
    }
    run_folder.write_json(folder / "attention.json", summary)
    return summary


def _draw(network, layer, corpus, folder):
    classes, labels = corpus.info.classes, corpus.labels["expression"]
    rows = [np.flatnonzero(labels == k)[:_A_CLASS] for k in range(len(classes))]
    rows = np.concatenate(rows)
    images, answers = corpus.images[rows], _answers(network, corpus)[rows]
    names = [
        f"{classes[label]}\n(named {classes[answer]})"
        for label, answer in zip(labels[rows], answers, strict=True)
    ]
    maps = _maps(network, layer, images, answers)
    figure = run_folder.new_figure((1.3 * len(maps) + 2.6, 1.3 * len(rows)))
    visualization.plot_attention(
        images,
        list(maps.values()),
        names,
        list(maps),
        f"{corpus.info.title}, {corpus.split}:\nwhere {layer} looks, from its "
        "least (dark)\nto its largest value, below",
        figure,
    )
    run_folder.save_figure(figure, folder / f"attention_{corpus.split}.png")


def _answers(network, corpus):
    chances = evaluation.predict_probabilities(network, corpus, verbose=0)
    return chances.argmax(axis=1)


def _maps(network, layer, images, answers):
    """Attention, and what speaks for the answers in the attended maps."""
    return {
        "attention": analysis.attention_maps(network, images, layer),
        "class activation": analysis.class_activation_maps(
            network, images, answers, layer
        ),
    }


def _regions(faces, corpus, size):
    """Where each unit changes each face, at rest else: `(N, units, pixels)`.

    Were the face drawn as it is, its own units would shape the places, and
    units handed round would not be like its own.
    """
    faces = dataclasses.replace(faces, units=np.zeros_like(faces.units))
    regions = np.zeros((len(faces), len(corpus.action_units), size**2), bool)
    units = list(enumerate(corpus.action_units))
    for column, unit in rich.progress.track(units, **progress_bar("Drawing")):
        region = procedural.unit_region(faces, unit, size)
        regions[:, column] = region.reshape(len(faces), -1)
    return regions


def _measure(networks, layer, faces, regions):
    """Of each network and kind of map the shares where units act."""
    maps = []
    for network in networks:
        answers = _answers(network, faces)
        found = _maps(network, layer, faces.images, answers)
        maps += [_stretched(of_kind, faces) for of_kind in found.values()]
    maps = np.stack(maps, axis=1)  # (N, networks and kinds, pixels)
    units = faces.labels["action_units"].astype("float32")
    excess = np.empty((maps.shape[1], len(faces), len(faces)), "float32")
    areas = np.empty(len(faces))
    bar = progress_bar("Measuring")
    for row in rich.progress.track(range(len(faces)), **bar):
        # In the face of a row, where the units of each face would change it.
        inside = units @ regions[row].astype("float32") > 0
        shares = maps[row] @ inside.T.astype("float32")
        excess[:, row] = shares - inside.mean(axis=1)
        areas[row] = inside[row].mean()
    measured = iter(excess)
    return [
        {kind: _compare(next(measured), areas, faces) for kind in found}
        for _ in networks
    ]


def _stretched(maps, faces):
    """Maps of the size of the faces, as shares; NaN where all is zero."""
    size = faces.images.shape[1:3]
    maps = keras.ops.image.resize(maps[..., None], size, "bilinear")
    maps = keras.ops.convert_to_numpy(maps).reshape(len(faces), -1)
    total = maps.sum(axis=1, keepdims=True)
    return np.divide(
        maps, total, out=np.full_like(maps, np.nan), where=total > 0
    )


def _compare(excess, areas, faces):
    # A map of zeros, of a class that no place speaks for, has no share.
    rows = np.flatnonzero(np.isfinite(np.diagonal(excess)))
    if not len(rows):
        return {"maps": 0}
    excess = excess[np.ix_(rows, rows)]
    own, area = float(np.diagonal(excess).mean()), float(areas[rows].mean())
    found = {
        "maps": len(rows),
        "share": own + area,
        "area": area,
        "excess": own,
    }
    for name, groups in (
        ("units of any face", np.zeros(len(rows), int)),
        ("units of the expression", faces.labels["shown"][rows]),
    ):
        others = _handed_round(excess, groups)
        low, high = np.percentile(others, [2.5, 97.5])
        beaten = (others >= own).sum()
        found[f"excess, {name}"] = float(others.mean())
        found[f"95 % of excess, {name}"] = [float(low), float(high)]
        found[f"p, {name}"] = float((1 + beaten) / (1 + _PERMUTATIONS))
    return found


def _handed_round(excess, groups):
    """Mean excess where units are handed round within groups of faces."""
    draws = np.random.default_rng(0)
    ordered = np.argsort(groups, kind="stable")
    means = []
    for _ in range(_PERMUTATIONS):
        shuffled = draws.permutation(len(groups))
        shuffled = shuffled[np.argsort(groups[shuffled], kind="stable")]
        means.append(excess[ordered, shuffled].mean())
    return np.array(means)

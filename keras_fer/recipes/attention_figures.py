"""Where the network of a run looks, and whether that is where faces move."""

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

_A_CLASS = 2  # faces of an expression in the picture
_PERMUTATIONS = 10_000


def draw_attention(
    folder: str | Path,
    *,
    layer: str | None = None,
    split: str = "val",
    images: int = 2000,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw attention over faces, and measure it on drawn action units.

    The picture shows the first two faces of each expression with the spatial
    attention and the places that speak for the answer (Grad-CAM, in the maps
    that are attended).

    Measured is the share of the attention that falls where the action units
    of a procedural face change it, against the share that even attention would
    have there (the area), against that of the attention to other faces, handed
    round, and against the same network with random weights. The first asks
    whether the network looks where faces move, the second whether it does so
    face by face.

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
        RunError: there is no finished run in the folder, or its recipe reads
            other data by now.
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
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    run.check_classes(folder, corpus)
    drawn = np.concatenate(
        [
            np.flatnonzero(corpus.labels["expression"] == number)[:_A_CLASS]
            for number in range(len(corpus.info.classes))
        ]
    )
    _draw(network, layer, corpus.select(drawn), folder)
    size, _, channels = network.input_shape[1:]
    faces = procedural.draw_split("test", images=images)
    pixels = procedural.load_data(
        "test", images=images, size=size, channels=channels
    )
    regions = _regions(faces, pixels, size)
    shown = regions.any(axis=(1, 2))
    regions, pixels = regions[shown], pixels.select(np.flatnonzero(shown))
    keras.utils.set_random_seed(recipe.seed)
    summary = {
        "recipe": recipe.name,
        "layer": layer,
        "faces": int(shown.sum()),
        "area": float(regions.mean()),
    }
    for name, model in (
        ("trained", network),
        ("untrained", network.from_config(network.get_config())),
    ):
        answers = _answers(model, pixels)
        summary[name] = {
            kind: _compare(maps, regions)
            for kind, maps in _maps(model, layer, pixels, answers).items()
        }
    run_folder.write_json(folder / "attention.json", summary)
    return summary


def _maps(network, layer, corpus, answers):
    """Attention, and what speaks for the answers in the attended maps."""
    speaking = analysis.class_activation_maps(
        network, corpus.images, answers, layer
    )
    attention = analysis.attention_maps(network, corpus.images, layer)
    return {"attention": attention, "class activation": speaking}


def _answers(network, corpus):
    chances = evaluation.predict_probabilities(network, corpus, verbose=0)
    return chances.argmax(axis=1)


def _draw(network, layer, corpus, folder):
    answers = _answers(network, corpus)
    names = [
        f"{corpus.info.classes[label]}\n(named {corpus.info.classes[answer]})"
        for label, answer in zip(
            corpus.labels["expression"], answers, strict=True
        )
    ]
    maps = _maps(network, layer, corpus, answers)
    figure = run_folder.new_figure((1.3 * len(maps) + 2.6, 1.3 * len(corpus)))
    visualization.plot_attention(
        corpus.images,
        list(maps.values()),
        names,
        list(maps),
        f"{corpus.info.title}, {corpus.split}: where\n{layer} looks",
        figure,
    )
    run_folder.save_figure(figure, folder / f"attention_{corpus.split}.png")


def _regions(faces, corpus, size):
    """Where the action units that each face shows change it."""
    regions = np.zeros((len(faces), size, size), bool)
    shown = corpus.labels["action_units"]
    units = list(enumerate(corpus.action_units))
    for column, unit in rich.progress.track(units, **progress_bar("Drawing")):
        rows = np.flatnonzero(shown[:, column])
        if len(rows):
            regions[rows] |= procedural.unit_region(faces[rows], unit, size)
    return regions


def _compare(maps, regions):
    """Shares of maps in regions: the own, those of others, and by chance."""
    size = regions.shape[1:]
    maps = keras.ops.image.resize(maps[..., None], size, "bilinear")
    maps = keras.ops.convert_to_numpy(maps).reshape(len(regions), -1)
    total = maps.sum(axis=1, keepdims=True)
    # A map of zeros, of a class that no place speaks for, has no share.
    known = total[:, 0] > 0
    maps, inside = maps[known] / total[known], regions[known]
    inside = inside.reshape(len(maps), -1).astype("float32")
    shares = inside @ maps.T  # of the map of each face in the region of each
    own = float(np.diagonal(shares).mean())
    rows = np.arange(len(shares))
    draws = np.random.default_rng(0)
    others = np.array(
        [
            shares[rows, draws.permutation(rows)].mean()
            for _ in range(_PERMUTATIONS)
        ]
    )
    low, high = np.percentile(others, [2.5, 97.5])
    return {
        "maps": len(maps),
        "share in the regions": own,
        "share over area": own / float(inside.mean()),
        "share of other faces' maps": float(others.mean()),
        "95 % of permutations": [float(low), float(high)],
        "p": float((1 + (others >= own).sum()) / (1 + _PERMUTATIONS)),
    }

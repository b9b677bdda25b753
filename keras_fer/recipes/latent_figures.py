"""What the latent variables of a generative model hold, drawn and measured."""

import dataclasses
import logging
from pathlib import Path

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import evaluation
from keras_fer import models
from keras_fer import visualization
from keras_fer.datasets import procedural
from keras_fer.recipes import latent_measures
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

_RANDOM = 3  # networks of random weights
_FITTED = 4000  # training faces of which the principal components are those
_STEPS = 6
_FRAMES = 24
# Runs that look at the pictures: what they show, and how strongly.
_JUDGE = "expression_cnn_{}"
_READER = "action_units_procedural"
_DRAWING = "images", "domain", "classes", "compounds", "counts", "seed"

_logger = logging.getLogger(__name__)


def draw_latents(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw and measure the latent variables of a generative model.

    Measured on the validation split: how far each expression has its axis;
    how near reconstructions are, beside the mean training face; whether walks
    along the axes keep the person; what a classifier trained apart
    (`expression_cnn_<corpus>`) names the reconstructions and the ends of the
    axes; of procedural faces MIG and DCI, beside random weights and principal
    components, and the action units at the ends, as `action_units_procedural`
    reads them. Where there is no such run, or it takes other pictures, its
    part is left out.

    Args:
        folder: run folder of a generative model; with seeds each is measured
            and the first drawn.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary. It is written to `latents.json` in the run folder, beside
        `latents_val.png` (distributions), `reconstructions_val.png`,
        `traversals.png` and `walk_<expression>.gif` (from the mean face),
        `walks_val.png` (both sides of the sadness axis), `changed_val.png`
        (each expression on some faces) and `interpolations_val.png`. Those
        with `val` in their names show faces of the corpus, but for the first.

    Raises:
        RunError: there is no finished run of a generative model in the folder,
            or its recipe reads other data by now.
        CorpusError: the corpus is not there.

    Example:

    >>> from keras_fer.recipes import latent_figures
    >>> latent_figures.draw_latents("runs/mine")  # doctest: +SKIP

    Reference:
        - Barradas-Chacon et al., figures 7 to 11.
    """
    folder = Path(folder)
    singles = run_folder.singles(folder)
    recipe = run.recipe_of(singles[0])
    networks = [run_folder.load(path) for path in singles]
    heads = networks[0].output
    if not (isinstance(heads, dict) and "reconstruction" in heads):
        raise RunError(
            f"{folder}: expected a run of a generative model. Received: "
            f"{recipe.name}"
        )
    corpora = [
        recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
        for split in ("train", "val")
    ]
    run.check_classes(singles[0], corpora[1])
    neutral = recipe.trainer.keywords.get("neutral")
    axes = models.expression_axes(len(corpora[1].info.classes), neutral)
    order = np.random.default_rng(0).permutation(len(corpora[1]))
    train, val = corpora[0], corpora[1].select(order)
    measure = _Measures(recipe, train, val, order, axes)
    summary = {
        "recipe": recipe.name,
        "corpus": val.info.name,
        "images": len(val),
        "classes": list(val.info.classes),
        "axes": axes,
        "mean_face_rmse": _rmse(val.images, train.images.mean(axis=0)[None]),
        **measure.originals(),
        "runs": [measure.run(network) for network in networks],
        **measure.nulls(networks[0]),
    }
    run_folder.write_json(folder / "latents.json", summary)
    _draw(recipe, networks[0], val, axes, folder)
    return summary


def _rmse(images, others):
    difference = images.astype(np.float32) - others.astype(np.float32)
    return float(np.sqrt(np.square(difference).mean()))


class _Measures:
    """What is measured of each network, on one split."""

    def __init__(self, recipe, train, val, order, axes):
        self.train, self.val, self.axes = train, val, axes
        self.labels = val.labels["expression"]
        shape = val.images.shape[1:]
        self.judge = _helper(_JUDGE.format(val.info.name), shape)
        self.reader = self.factors = None
        if val.info.name == procedural.INFO.name:
            self.reader = _helper(_READER, shape)
            given = recipe.corpus.keywords
            drawn = procedural.draw_split(
                "val", **{k: v for k, v in given.items() if k in _DRAWING}
            )
            self.factors = latent_measures.procedural_factors(val, drawn[order])

    def originals(self):
        """What the judge and the reader make of the faces themselves."""
        found = {}
        if self.judge:
            found["judge"] = self._judged(self.val.images)
        if self.reader:
            found["units"] = list(self.reader[1])
            found["reader"] = self._read(self.val.images)
        return found

    def run(self, network):
        found = network.predict(self.val.to_dataset(256), verbose=0)
        latents, pictures = found["latents"], found["reconstruction"]
        people = self.val.labels.get("subject", np.arange(len(self.val)))
        count = len(self.axes)
        statistics = analysis.axis_statistics(latents, self.labels, self.axes)
        figures = {
            "axes": dataclasses.asdict(statistics),
            "rmse": _rmse(self.val.images, pictures),
            "identity": latent_measures.identity_kept(
                network, latents, people, count
            ),
        }
        if self.judge:
            figures["judge"] = self._judged(np.rint(pictures))
            classes = np.eye(len(self.val.info.classes))
            figures["named"] = latent_measures.ends_of_axes(
                network,
                lambda faces: classes[_answers(self.judge[0], faces).argmax(1)],
                latents,
                count,
            )
        if self.reader:
            figures["reader"] = self._read(np.rint(pictures))
            figures["read"] = latent_measures.ends_of_axes(
                network,
                lambda faces: _answers(self.reader[0], faces),
                latents,
                count,
            )
        if self.factors:
            figures["disentanglement"] = latent_measures.disentanglement(
                latents, self.factors
            )
        return figures

    def nulls(self, network):
        """Random weights and principal components, of as many variables."""
        if not self.factors:
            return {}
        count = network.output["latents"].shape[-1]
        found = [
            analysis.encode(one.get_layer("encoder"), self.val.images)
            for one in run_folder.untrained(network, _RANDOM)
        ]
        components = latent_measures.principal_components(
            self.val.images, self.train.images[:_FITTED], count
        )
        return {
            "untrained": [
                latent_measures.disentanglement(one, self.factors)
                for one in found
            ],
            "components": latent_measures.disentanglement(
                components, self.factors
            ),
        }

    def _judged(self, images):
        probabilities = keras.ops.softmax(_answers(self.judge[0], images))
        report = evaluation.report_on(
            self.val, keras.ops.convert_to_numpy(probabilities)
        )
        return {
            "accuracy": report.accuracy,
            "interval": list(report.accuracy_interval),
            "recall": list(report.recall),
        }

    def _read(self, images):
        network, units = self.reader
        column = [self.val.action_units.index(int(unit[2:])) for unit in units]
        targets = self.val.labels["action_unit_intensity"][:, column]
        report = evaluation.regression_report(
            targets,
            _answers(network, images),
            units,
            corpus=self.val.info.name,
            split=self.val.split,
        )
        return {"ccc": list(report.ccc), "rmse": list(report.rmse)}


def _answers(network, images):
    pixels = np.asarray(images, np.float32)
    return network.predict(pixels, batch_size=256, verbose=0)


def _helper(name, shape):
    """A finished run that takes these pictures, and its columns; or none."""
    path = run.find_run(name)
    try:
        network = run_folder.load(path)
        settings = run_folder.read_settings(path)
    except RunError as error:
        _logger.info("left out: %s", error)
        return None
    if network.input_shape[1:] != shape:
        _logger.info("left out: %s takes %s", path, network.input_shape[1:])
        return None
    return network, settings["target"]


def _draw(recipe, network, val, axes, folder):
    encoder, decoder = (network.get_layer(n) for n in ("encoder", "decoder"))
    latents = analysis.encode(encoder, val.images)
    labels, classes = val.labels["expression"], val.info.classes
    names = [classes[k] for k in axes]
    title = f"{recipe.name}, {val.info.title}"

    figure = run_folder.new_figure((12, 2.4 * -(-len(classes) // 4) + 0.5))
    visualization.plot_latents(
        latents[:, : len(axes)],
        labels,
        classes,
        names,
        f"{title}, {val.split}: latent variables of {len(val)} faces",
        figure,
    )
    run_folder.save_figure(figure, folder / f"latents_{val.split}.png")

    def sheet(pictures, rows, columns, what, name):
        height, width = pictures.shape[:2]
        figure = run_folder.new_figure((width + 0.9, height + 0.7))
        visualization.plot_faces(
            pictures, rows, columns, f"{title}: {what}", figure
        )
        run_folder.save_figure(figure, folder / f"{name}.png")

    chosen = [np.flatnonzero(labels == k)[:2] for k in range(len(classes))]
    shown = np.array([rows[[0, -1]] for rows in chosen]).T
    pairs = np.stack(
        [val.images[shown], analysis.decode(decoder, latents[shown])], axis=1
    )
    sheet(
        pairs.reshape(4, len(classes), *pairs.shape[3:]),
        ["face", "decoded"] * 2,
        classes,
        "faces and their reconstructions",
        f"reconstructions_{val.split}",
    )

    mean = latents.mean(axis=0, keepdims=True)
    walks = np.concatenate(
        [
            analysis.traverse(
                mean, axis, analysis.traversal_values(latents, axis, _STEPS)
            )
            for axis in range(len(axes))
        ]
    )
    ends = ["least", *[""] * (_STEPS - 2), "largest"]
    sheet(
        analysis.decode(decoder, walks),
        names,
        ends,
        "the mean face, walked along each axis",
        "traversals",
    )
    for axis, name in enumerate(names):
        values = analysis.traversal_values(latents, axis, _FRAMES)
        frames = analysis.traverse(mean, axis, values)[0]
        visualization.write_gif(
            analysis.decode(decoder, frames), folder / f"walk_{name}.gif"
        )

    some = latents[shown[0]]
    axis = names.index("sadness") if "sadness" in names else 0
    reach = np.abs(latents[:, axis]).max()
    values = np.linspace(-reach, reach, 7)
    walks = analysis.traverse(np.concatenate([mean, some[:3]]), axis, values)
    sheet(
        analysis.decode(decoder, walks),
        ["mean", *classes[:3]],
        [f"{value:.1f}" for value in values],
        f"both sides of the axis of {names[axis]}",
        f"walks_{val.split}",
    )

    numbers = range(len(axes))
    own = [latents[labels == k, column].mean() for column, k in enumerate(axes)]
    columns = [
        axes.index(k) if k in axes else None for k in range(len(classes))
    ]
    changed = [
        analysis.change_expression(
            some, column, 0 if column is None else own[column], numbers
        )
        for column in columns
    ]
    decoded = analysis.decode(decoder, np.stack([some, *changed], axis=1))
    sheet(
        np.concatenate([val.images[shown[0]][:, None], decoded], axis=1),
        classes,
        ["face", "decoded", *classes],
        "other expressions on faces",
        f"changed_{val.split}",
    )

    between = analysis.interpolate(some, np.roll(some, -1, axis=0), _STEPS)
    sheet(
        analysis.decode(decoder, between),
        classes,
        ["from", *[""] * (_STEPS - 2), "to next"],
        "from each face to the next",
        f"interpolations_{val.split}",
    )

"""What the latent variables of a generative model hold, drawn and measured."""

import dataclasses
import functools
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
_FRAMES = 24
_SIDE = 3  # places on each side of 0
# A latent variable is in use whose standard deviation over faces is above this
# share of that of its sampling.
_ACTIVE = 0.1
# Runs that look at the pictures: what they show, and how strongly.
_JUDGE = "expression_judge_{}"
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

    Measured on the validation split: how far each expression has its axis, also
    without what the axes of a face share; how well the reference expression is
    told from the latent variables; how near reconstructions are, beside the
    mean training face; whether a change of expression keeps the person, and how
    near it comes to the same face drawn with that expression; what a classifier
    trained apart (`expression_judge_<corpus>`) names on reconstructions, on
    faces whose expression was changed, along walks of the mean face and at the
    ends of the axes; of procedural faces MIG and DCI and the action units at
    the ends, as `action_units_procedural` reads them. Latent variables that are
    not in use, which drown in what sampling adds, count as constant. Beside all
    stand random weights, principal components, and sums of mean pictures. Where
    a run that looks at the pictures is not there, or takes others, its part is
    left out, and so it is of recipes with folds.

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
    train, val = (
        recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
        for split in ("train", "val")
    )
    run.check_classes(singles[0], val)
    measure = _Measures(run_folder.read_settings(singles[0]), train, val)
    measured = [measure.run(network) for network in networks]
    summary = {
        "recipe": recipe.name,
        "corpus": val.info.name,
        "images": len(val),
        "classes": list(val.info.classes),
        "axis_expressions": measure.axes,
        "reference": measure.reference,
        "network": recipe.model.func.__name__,
        "latents": networks[0].output["latents"].shape[-1],
        "mean_face_rmse": _rmse(val.images, train.images.mean(axis=0)[None]),
        **measure.originals(),
        **measure.without_a_model(measured),
        "runs": measured,
        **measure.nulls(networks[0]),
    }
    run_folder.write_json(folder / "latents.json", summary)
    _draw(recipe.name, networks[0], measure.val, measure.axes, folder)
    return summary


def _rmse(images, others):
    difference = images.astype(np.float32) - others.astype(np.float32)
    return float(np.sqrt(np.square(difference).mean()))


class _Measures:
    """What is measured of each network, on one split in random order."""

    def __init__(self, settings, train, val):
        classes = val.info.classes
        trained = settings["trainer"]
        order = np.random.default_rng(0).permutation(len(val))
        self.train, self.val = train, val.select(order)
        self.axes = models.expression_axes(len(classes), trained.get("neutral"))
        self.reference = trained.get("reference")
        if self.reference is None and "neutral" in classes:
            self.reference = classes.index("neutral")
        self.labels = self.val.labels["expression"]
        self.people = self.val.labels.get("subject", np.arange(len(val)))
        shape = val.images.shape[1:]
        self.judge = _helper(_JUDGE.format(val.info.name), shape, classes)
        self.reader = self.factors = self.faces = None
        if val.info.name == procedural.INFO.name:
            self.reader = _helper(_READER, shape)
            given = settings["corpus"]
            faces = procedural.draw_split(
                "val", **{k: v for k, v in given.items() if k in _DRAWING}
            )
            self.faces = faces[order]
            self.factors = latent_measures.procedural_factors(
                self.val, self.faces, self.axes
            )

    def originals(self):
        """What the judge and the reader make of the faces themselves."""
        found = {}
        if self.judge:
            found["judge"] = self._judged(self.val.images)
            logits = _answers(self.judge[0], self.val.images)
            statistics = analysis.axis_statistics(
                logits[:, self.axes], self.labels, self.axes, logits.shape[1]
            )
            found["judge"]["separability"] = list(statistics.separability)
        if self.reader:
            found["units"] = list(self.reader[1])
            found["reader"] = self._read(self.val.images)
        return found

    def without_a_model(self, runs):
        """Sums of mean pictures, as far along each axis as the runs went."""
        if not self.reader:
            return {}
        lengths = []
        for axis in range(len(self.axes)):
            of = []
            for one in runs:
                low, middle, high = one["read"][axis]["values"]
                own = one["axes"]["own"][axis]
                if own is None or own <= middle:  # it is not their axis
                    of.append([-1.0, 1.0])
                    continue
                unit = own - middle
                of.append([(low - middle) / unit, (high - middle) / unit])
            lengths.append(np.mean(of, axis=0))
        return {
            "mean_pictures": latent_measures.ends_of_mean_pictures(
                functools.partial(_answers, self.reader[0]),
                self.train.images,
                self.train.labels["expression"],
                self.axes,
                lengths,
            ),
            "mean_picture_lengths": np.round(lengths, 3).tolist(),
        }

    def run(self, network):
        """All figures of one trained network."""
        found = network.predict(self.val.to_dataset(256), verbose=0)
        latents, pictures = found["latents"], found["reconstruction"]
        count = len(self.axes)
        noise = self._noise(network.get_layer("encoder"))
        active = latents.std(axis=0) > _ACTIVE * noise
        used = np.where(active, latents, 0.0)
        differences, shared = latent_measures.without_shared(used[:, :count])
        statistics, apart = (
            analysis.axis_statistics(
                of, self.labels, self.axes, len(self.val.info.classes)
            )
            for of in (used, differences)
        )
        figures = {
            "axes": dataclasses.asdict(statistics),
            "shared": {"share": shared, "separability": apart.separability},
            "active": int(active.sum()),
            **self._latents(used),
            **self._pictures(pictures),
            "identity": latent_measures.identity_kept(
                network,
                self.val.images,
                latents,
                self.labels,
                self.people,
                self.axes,
            ),
        }
        if self.faces:
            figures["redrawn"] = latent_measures.redrawn(
                network, self.faces, latents, self.labels, self.axes
            )
        if self.judge:
            classes = np.eye(len(self.val.info.classes))
            judge = self.judge[0]

            def named(faces):
                return classes[_answers(judge, faces).argmax(axis=1)]

            figures["changed"] = latent_measures.changes_named(
                network, named, latents, self.labels, self.axes
            )
            figures["named"] = latent_measures.ends_of_axes(
                network, named, latents, count
            )
            figures["walks"] = latent_measures.walks_of_the_mean(
                network,
                lambda faces: _softmax(_answers(judge, faces)),
                latents,
                count,
            )
        if self.reader:
            figures["reader"] = self._read(np.rint(pictures))
            figures["read"] = latent_measures.ends_of_axes(
                network,
                functools.partial(_answers, self.reader[0]),
                latents,
                count,
            )
        return figures

    def _noise(self, encoder):
        """Standard deviation of what sampling adds to each latent variable."""
        found = encoder.predict(self.val.to_dataset(256), verbose=0)
        if not isinstance(found, dict):
            return 0.0
        return np.exp(found["log_variance"] / 2).mean(axis=0)

    def nulls(self, network):
        """Random weights and principal components, of as many variables."""
        count = network.output["latents"].shape[-1]
        untrained = [
            analysis.encode(one.get_layer("encoder"), self.val.images)
            for one in run_folder.untrained(network, _RANDOM)
        ]
        components, pictures = latent_measures.principal_components(
            self.val.images, self.train.images[:_FITTED], count
        )
        return {
            "untrained": [self._latents(one) for one in untrained],
            "components": {
                **self._latents(components),
                **self._pictures(pictures),
            },
        }

    def _latents(self, latents):
        found = {}
        if self.reference is not None:
            found["told_apart"] = latent_measures.told_apart(
                latents, self.labels == self.reference, self.people
            )
        if self.factors:
            found["disentanglement"] = latent_measures.disentanglement(
                latents, self.factors, self.people
            )
        return found

    def _pictures(self, pictures):
        found = {"rmse": _rmse(self.val.images, pictures)}
        if self.judge:
            found["judge"] = self._judged(np.rint(pictures))
        return found

    def _judged(self, images):
        report = evaluation.report_on(
            self.val, _softmax(_answers(self.judge[0], images))
        )
        return {
            "accuracy": report.accuracy,
            "interval": list(report.accuracy_interval),
            "recall": list(report.recall),
        }

    def _read(self, images):
        network, units = self.reader
        column = [self.val.action_units.index(int(unit[2:])) for unit in units]
        report = evaluation.regression_report(
            self.val.labels["action_unit_intensity"][:, column],
            _answers(network, images),
            units,
            corpus=self.val.info.name,
            split=self.val.split,
        )
        return {"ccc": list(report.ccc), "rmse": list(report.rmse)}


def _answers(network, images):
    pixels = np.asarray(images, np.float32)
    return network.predict(pixels, batch_size=256, verbose=0)


def _softmax(logits):
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def _helper(name, shape, classes=None):
    """A finished run that takes these pictures, and its target; or none."""
    path = run.find_run(name)
    try:
        network = run.load_named(name)
        settings = run_folder.read_settings(path)
    except RunError as error:
        _logger.info("left out: %s", error)
        return None
    if network.input_shape[1:] != shape:
        _logger.info("left out: %s takes %s", path, network.input_shape[1:])
        return None
    if classes and settings["classes"] != list(classes):
        _logger.info("left out: %s names %s", path, settings["classes"])
        return None
    return network, settings["target"]


def _draw(name, network, val, axes, folder):
    encoder, decoder = (network.get_layer(n) for n in ("encoder", "decoder"))
    latents = analysis.encode(encoder, val.images)
    labels, classes = val.labels["expression"], val.info.classes
    names = [classes[k] for k in axes]
    title = f"{name}, {val.info.title}"

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

    def sheet(pictures, rows, columns, what, file):
        height, width = pictures.shape[:2]
        figure = run_folder.new_figure((width + 0.9, height + 0.7))
        visualization.plot_faces(
            pictures, rows, columns, f"{title}: {what}", figure
        )
        run_folder.save_figure(figure, folder / f"{file}.png")

    # Of each expression that is there the first face, and another one.
    there = np.unique(labels)
    shown = np.array([np.flatnonzero(labels == k)[[0, -1]] for k in there]).T
    there = [classes[k] for k in there]
    pairs = np.stack(
        [val.images[shown], analysis.decode(decoder, latents[shown])], axis=1
    )
    sheet(
        pairs.reshape(4, len(there), *pairs.shape[3:]),
        ["face", "decoded"] * 2,
        there,
        "faces and their reconstructions",
        f"reconstructions_{val.split}",
    )

    mean = latents.mean(axis=0, keepdims=True)
    steps = latent_measures.STEPS
    walks = np.concatenate(
        [
            analysis.traverse(
                mean, axis, analysis.traversal_values(latents, axis, steps)
            )
            for axis in range(len(axes))
        ]
    )
    sheet(
        analysis.decode(decoder, walks),
        names,
        ["least", *[""] * (steps - 2), "largest"],
        "the mean face, walked along each axis",
        "traversals",
    )
    for axis, expression in enumerate(names):
        values = analysis.traversal_values(latents, axis, _FRAMES)
        frames = analysis.traverse(mean, axis, values)[0]
        visualization.write_gif(
            analysis.decode(decoder, frames), folder / f"walk_{expression}.gif"
        )

    some = latents[shown[0]]
    axis = names.index("sadness") if "sadness" in names else 0
    values = latent_measures.axis_values(latents, axis, _SIDE)
    walks = analysis.traverse(np.concatenate([mean, some[:3]]), axis, values)
    sheet(
        analysis.decode(decoder, walks),
        ["mean", *there[:3]],
        [f"{value:.1f}" for value in values],
        f"both sides of the axis of {names[axis]}",
        f"walks_{val.split}",
    )
    changed = latent_measures.change(
        some, labels[shown[0]], latents, labels, axes
    )
    places = np.stack([some, *changed.values()], axis=1)
    sheet(
        np.concatenate(
            [val.images[shown[0]][:, None], analysis.decode(decoder, places)],
            axis=1,
        ),
        there,
        ["face", "decoded", *(classes[k] for k in changed)],
        "other expressions on faces",
        f"changed_{val.split}",
    )

    between = analysis.interpolate(some, np.roll(some, -1, axis=0), steps)
    sheet(
        analysis.decode(decoder, between),
        there,
        ["from", *[""] * (steps - 2), "to next"],
        "from each face to the next",
        f"interpolations_{val.split}",
    )

"""What compact embeddings look like, beside valence and arousal."""

import dataclasses
import itertools
import logging
from pathlib import Path

import keras
import numpy as np
import sklearn.metrics

from keras_fer import analysis
from keras_fer import visualization
from keras_fer.recipes import compact_network
from keras_fer.recipes import compact_parts
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import ANNOTATION
from keras_fer.recipes.run_folder import RunError

_logger = logging.getLogger(__name__)

_DRAWN = 2000  # faces in a picture
_AFFECT = "valence", "arousal"


def draw_emotion_maps(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw the planes of a run's embeddings, and measure them.

    Mapped are the models of two numbers, and those of three on the unit
    sphere, of the first seed, with the classifier of each corpus over the faces
    of all. Where the corpora know valence and arousal, the planes of all seeds
    are compared with them. Three free numbers become a page to be turned with
    the mouse, where plotly is installed.

    Args:
        folder: folder of a run of `compact.train`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary, by model: of each pair of corpora the share of faces that
        their classifiers name alike, what each classifier names the origin, the
        number of regions that each expression's region touches, and of each
        seed an `analysis.AffectAlignment`. `emotion_maps.json` and `.png`,
        `valence_arousal.png` and `embedding_space.html` are written.

    Raises:
        RunError: there is no such run in the folder, its data or backbones are
            others by now, or it has no model that can be drawn.
        CorpusError: a corpus is not there.

    Example:

    >>> from keras_fer.recipes import emotion_map_figures
    >>> emotion_map_figures.draw_emotion_maps("runs/cake")  # doctest: +SKIP

    Reference:
        - CAKE, section 3.4, figures 1 and 5.
    """
    folder = Path(folder)
    recipe = compact_network.recipe_of(folder)
    written = run_folder.read_result(folder)["data_sha256"]
    networks = compact_parts.load_networks(recipe)
    compact_parts.check_weights(networks, folder)
    read = compact_parts.reader(
        recipe, networks, folder, data_dir=data_dir, skip_bad=skip_bad
    )

    def parts_of(seed):
        parts = read(seed)
        for (domain, kind), part in parts.items():
            folds = recipe.domains[domain].folds
            key = f"{domain}, {kind}"
            key += f", fold {seed % folds}" if folds else ""
            if part.sha256 != written[key]:
                raise RunError(
                    f"{folder}: {key} holds other images or labels than when "
                    "the run was made"
                )
        return parts

    found = {}
    for model, head in recipe.models.items():
        cake = compact_network.load_head(folder, model, 0)
        if _is_mapped(cake):
            found[model] = (cake, head.sources(recipe))
    if not found:
        raise RunError(
            f"{folder}: expected a model of two numbers, or of three on the "
            f"unit sphere. Received: {', '.join(recipe.models)}"
        )
    faces = _Faces.of(parts_of(0))
    summary = {"recipe": recipe.name, "models": {}}
    figure = run_folder.new_figure(
        (4.6 * len(recipe.domains), 4.4 * len(found))
    )
    axes = figure.subplots(len(found), len(recipe.domains), squeeze=False)
    for row, (model, (cake, sources)) in enumerate(found.items()):
        maps = _maps(recipe, cake, faces.through(cake, sources))
        summary["models"][model] = _measure(recipe, maps)
        if _dimensions(cake) == 2:
            summary["models"][model]["origin"] = _at_origin(recipe, cake)
        for ax, (domain, of) in zip(axes[row], maps.items(), strict=True):
            _plot(model, domain, of, faces, recipe.classes, ax)
    figure.suptitle(f"{recipe.name}: who is named what where", fontsize=11)
    run_folder.save_figure(figure, folder / "emotion_maps.png")
    if ANNOTATION in faces.inputs:
        _draw_affect(recipe, faces, folder)
        for model, (cake, _) in found.items():
            if _dimensions(cake) == 2:
                summary["models"][model]["alignment"] = _align(
                    recipe, folder, model, parts_of
                )
    _draw_space(recipe, faces, folder)
    run_folder.write_json(folder / "emotion_maps.json", summary)
    return summary


@dataclasses.dataclass(frozen=True)
class _Faces:
    """The faces that are tested, of all corpora one after the other."""

    inputs: dict
    labels: np.ndarray
    domains: np.ndarray

    @classmethod
    def of(cls, parts):
        tested = {d: p for (d, kind), p in parts.items() if kind == "test"}
        shared = set.intersection(*(set(p.inputs) for p in tested.values()))
        return cls(
            inputs={
                place: np.concatenate(
                    [p.inputs[place] for p in tested.values()]
                )
                for place in shared
            },
            labels=np.concatenate([p.labels for p in tested.values()]),
            domains=np.repeat(
                list(tested), [len(p.labels) for p in tested.values()]
            ),
        )

    def through(self, cake, sources):
        """Embeddings, whatever the model takes."""
        given = {t.name: self.inputs[sources[t.name]] for t in cake.inputs}
        given = given if len(given) > 1 else next(iter(given.values()))
        output = cake.get_layer("embedding").output
        embed = keras.Model(cake.input, output)
        return embed(given, training=False).numpy()


def _dimensions(cake):
    return cake.get_layer("embedding").output.shape[-1]


def _is_mapped(cake):
    sphere = any(layer.name == "normalized" for layer in cake.layers)
    return _dimensions(cake) == 2 or (_dimensions(cake) == 3 and sphere)


def _maps(recipe, cake, embeddings):
    affect = any(tensor.name == "valence_arousal" for tensor in cake.inputs)
    return {
        domain: analysis.emotion_map(
            cake, domain, embeddings, axes=_AFFECT if affect else None
        )
        for domain in recipe.domains
    }


def _measure(recipe, maps):
    """What is to be seen in maps, as numbers."""
    count = len(recipe.classes)
    return {
        "same_answers": {
            f"{one}, {other}": float(
                (maps[one].answers == maps[other].answers).mean()
            )
            for one, other in itertools.combinations(maps, 2)
        },
        "touches": {
            domain: dict(
                zip(
                    recipe.classes,
                    of.touching(count).sum(axis=1).tolist(),
                    strict=True,
                )
            )
            for domain, of in maps.items()
        },
    }


def _at_origin(recipe, cake):
    """What each classifier names an embedding of zeros."""
    return {
        domain: recipe.classes[
            cake.get_layer(f"classifier_{domain}").get_weights()[1].argmax()
        ]
        for domain in recipe.domains
    }


def _plot(model, domain, found, faces, classes, ax):
    rows = faces.domains == domain
    scores = sklearn.metrics.f1_score(
        faces.labels[rows],
        found.answers[rows],
        labels=range(len(classes)),
        average=None,
        zero_division=np.nan,
    )
    shown = np.isin(range(len(classes)), faces.labels[rows])
    drawn = np.flatnonzero(rows)[_sample(rows.sum())]
    own = dataclasses.replace(
        found, points=found.points[drawn], answers=found.answers[drawn]
    )
    visualization.plot_emotion_map(
        own,
        classes,
        f"{model}, {domain}, {len(drawn)} faces",
        f1=np.where(shown, scores, np.nan),
        ax=ax,
    )


def _align(recipe, folder, model, parts_of):
    """Each seed's plane against valence and arousal."""
    found = []
    for seed in range(recipe.seeds):
        faces = _Faces.of(parts_of(seed))
        cake = compact_network.load_head(folder, model, seed)
        plane = faces.through(cake, recipe.models[model].sources(recipe))
        found.append(
            dataclasses.asdict(
                analysis.affect_alignment(
                    plane,
                    faces.inputs[ANNOTATION],
                    faces.labels,
                    recipe.classes,
                )
            )
        )
    return found


def _draw_affect(recipe, faces, folder):
    rows = _sample(len(faces.labels))
    figure = run_folder.new_figure((5.6, 5.2))
    visualization.plot_embedding(
        faces.inputs[ANNOTATION][rows],
        faces.labels[rows],
        recipe.classes,
        f"Annotated valence and arousal, {len(rows)} faces",
        axes=_AFFECT,
        ax=figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "valence_arousal.png")


def _draw_space(recipe, faces, folder):
    if "CAKE-3" not in recipe.models:
        return
    cake = compact_network.load_head(folder, "CAKE-3", 0)
    points = faces.through(cake, recipe.models["CAKE-3"].sources(recipe))
    rows = _sample(len(points))
    try:
        visualization.write_embedding_space(
            folder / "embedding_space.html",
            points[rows],
            faces.labels[rows],
            recipe.classes,
            f"{recipe.name}: CAKE-3, {len(rows)} faces of all corpora",
        )
    except ImportError as error:
        _logger.info("%s", error)


def _sample(count):
    return np.sort(np.random.default_rng(0).permutation(count)[:_DRAWN])

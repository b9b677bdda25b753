"""What the network of a run learned: sections 4.3 and 4.4 of Khorrami et al."""

import csv
import io
from pathlib import Path

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import visualization
from keras_fer.datasets import procedural
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

_SHOWN = 10  # filters and images a filter in a figure, as in the paper
_EVERYWHERE = "permuted over all images"
_WITHIN = "permuted within expression"


def draw_figures(
    folder: str | Path,
    *,
    layer: str | None = None,
    split: str = "val",
    permutations: int = 1000,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Relate the filters of a run's network to action units, and draw them.

    Where the corpus has no action units, expressions stand in for them. The
    same is done with the network as it was before training, since filters of
    random weights answer to some units as well.

    Args:
        folder: run folder.
        layer: name of a layer, by default the last convolution.
        split: `"train"` (as the paper), `"val"` or `"test"`.
        permutations: of each null model.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary: filters whose best unit beats each null model, trained and
        untrained; on procedural faces also how much of the patterns lies where
        the unit changes the face. `filters_<layer>_<split>.json`, `….csv` (a
        row a filter) and two figures are written into the run folder; those
        with faces of a corpus are not to be shared.

    Raises:
        RunError: there is no finished run in the folder, or its recipe reads
            other data by now.
        CorpusError: the corpus is not there.
        ValueError: there is no such layer.

    Example:

    >>> from keras_fer.recipes import figures
    >>> summary = figures.draw_figures("runs/mine")  # doctest: +SKIP

    Reference:
        - [Khorrami et al., 2015](https://arxiv.org/abs/1510.02969), figures 4
          and 5, table 4.
    """
    folder = Path(folder)
    network = run_folder.load(folder)
    recipe = run.recipe_of(folder)
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    layer = layer or _last_convolution(network)
    keras.utils.set_random_seed(recipe.seed)
    networks = {"trained": network, "untrained": recipe.model()}
    summary = {
        "recipe": recipe.name,
        "layer": layer,
        "split": split,
        "images": len(corpus),
        "permutations": permutations,
    }
    for name, model in networks.items():
        responses = analysis.filter_responses(model, corpus.images, layer)
        labels, units, kinds = _labels(corpus)
        nulls = {
            kind: analysis.action_unit_divergence(
                responses,
                labels,
                units,
                permutations=permutations,
                within=within,
                seed=recipe.seed,
            )
            for kind, within in kinds.items()
        }
        beaten = {kind: found.beats_null() for kind, found in nulls.items()}
        found = nulls[_EVERYWHERE]
        filters = np.arange(len(found.best))
        raised = found.raises[filters, found.best]
        summary["units"] = list(found.units)
        summary[name] = {
            "filters": len(filters),
            "silent": int((responses.max(axis=0) <= 0).sum()),
            "best unit raises the response": int(raised.sum()),
            "expected by chance": round(0.05 * len(filters), 1),
            **{
                f"best unit beats the null model, {kind}": int(values.sum())
                for kind, values in beaten.items()
            },
        }
        searched = {
            "model": model,
            "images": corpus.images,
            "layer": layer,
            "groups": corpus.labels.get("subject"),
            "down_to": _normalization(model),
            "responses": responses,
        }
        drawn = getattr(recipe.corpus, "func", None) is procedural.load_data
        chosen = filters[beaten[_WITHIN] & raised] if drawn else ()
        if len(chosen):
            summary[name]["overlap"] = _overlap(
                recipe, corpus, found, searched, chosen
            )
        if name == "trained":
            stem = folder / f"filters_{layer}_{split}"
            _write_rows(found, nulls, beaten, stem)
            _draw(found, nulls, searched, corpus, stem)
    run_folder.write_json(stem.with_suffix(".json"), summary)
    return summary


def _last_convolution(network):
    names = [
        layer.name
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    if not names:
        raise RunError(f"{network.name} has no convolution: name a layer")
    return names[-1]


def _normalization(network):
    """Where the paper's networks, fed with normalized images, begin."""
    names = [layer.name for layer in network.layers]
    return "normalization" if "normalization" in names else None


def _labels(corpus):
    """What images show, its names, and within what each null permutes."""
    expression = corpus.labels["expression"]
    if corpus.action_units:
        return (
            corpus.labels["action_units"],
            corpus.action_units,
            {_EVERYWHERE: None, _WITHIN: expression},
        )
    classes = corpus.info.classes
    return (
        expression[:, None] == np.arange(len(classes)),
        classes,
        {_EVERYWHERE: None},
    )


def _overlap(recipe, corpus, found, searched, filters):
    """Where the patterns of filters lie, on drawn faces.

    Of each filter's ten strongest images, one a person, the share of the
    pattern's energy where its best unit changes the face, against the share
    where other units do. For filters that the best unit raises and that beat
    the stricter null model.
    """
    patterns = analysis.filter_patterns(**searched, filters=filters, top=_SHOWN)
    faces = procedural.draw_split(corpus.split, **recipe.corpus.keywords)
    faces = faces[patterns.rows.ravel()]
    size = corpus.images.shape[1]
    shape = patterns.patterns.shape
    overlaps, areas = [], []
    for unit in found.units:
        region = procedural.unit_region(faces, unit, size).reshape(shape[:-1])
        overlaps.append(
            analysis.region_overlap(patterns.patterns, region).mean(axis=1)
        )
        areas.append(region.mean(axis=(1, 2, 3)))
    overlaps, areas = np.array(overlaps), np.array(areas)  # (units, filters)
    best = found.best[filters]
    own = np.take_along_axis(overlaps, best[None], axis=0)[0]
    others = (overlaps.sum(axis=0) - own) / (len(overlaps) - 1)
    shown = corpus.labels["action_units"][patterns.rows]
    columns = [corpus.action_units.index(found.units[unit]) for unit in best]
    rank = (overlaps < own).mean(axis=0) * len(overlaps) / (len(overlaps) - 1)
    return {
        "filters": len(filters),
        "energy where the best unit acts": float(own.mean()),
        "area where the best unit acts": float(
            np.take_along_axis(areas, best[None], axis=0).mean()
        ),
        "energy where another unit acts": float(others.mean()),
        "filters with more than where others act": int((own > others).sum()),
        "other units with less energy": float(rank.mean()),
        "strongest images that show the best unit": float(
            np.mean([shown[i, :, c].mean() for i, c in enumerate(columns)])
        ),
        "images that show the best unit": float(
            corpus.labels["action_units"][:, columns].mean()
        ),
    }


def _write_rows(found, nulls, beaten, stem):
    """Table 4 for all filters."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    heads = [
        head
        for kind in nulls
        for head in (f"95th percentile, {kind}", f"beats it, {kind}")
    ]
    rows.writerow(["filter", "best_unit", "raises", "divergence_nats", *heads])
    thresholds = {kind: null.threshold() for kind, null in nulls.items()}
    for number, best in enumerate(found.best):
        cells = [
            cell
            for kind in nulls
            for cell in (
                f"{thresholds[kind][number]:.4f}",
                int(beaten[kind][number]),
            )
        ]
        divergence = found.divergence[number, best]
        first = number, found.units[best], int(found.raises[number, best])
        rows.writerow([*first, f"{divergence:.4f}", *cells])
    run_folder.write_text(stem.with_suffix(".csv"), text.getvalue())


def _draw(found, nulls, searched, corpus, stem):
    filters = _varied(found)
    patterns = analysis.filter_patterns(**searched, filters=filters, top=_SHOWN)
    kind = "AU " if corpus.action_units else ""
    names = [
        f"filter {f}\n{kind}{found.units[found.best[f]]}"
        f"{'' if found.raises[f, found.best[f]] else ' (falls)'}"
        for f in filters
    ]
    where = f"{corpus.info.title}, {corpus.split}, {searched['layer']}"
    figure = run_folder.new_figure((0.8 * _SHOWN + 1.4, 1.7 * len(filters)))
    visualization.plot_patterns(
        patterns,
        corpus.images,
        names,
        f"{where}: strongest images of filters, one a person,\nwhat drives the "
        "filter there (guided backpropagation), and its response",
        figure,
    )
    run_folder.save_figure(figure, stem.with_name(f"{stem.name}_patterns.png"))
    figure = run_folder.new_figure((13, 5.2))
    visualization.plot_divergence(
        found,
        filters,
        f"{where}: responses with and without each unit (hollow: lower with)",
        thresholds={
            f"95th percentile of the best unit, {kind}": null.threshold()
            for kind, null in nulls.items()
        },
        label="action unit" if corpus.action_units else "expression",
        figure=figure,
    )
    run_folder.save_figure(
        figure, stem.with_name(f"{stem.name}_divergence.png")
    )


def _varied(found):
    """The filters of largest divergence, each unit at most twice."""
    strength = found.divergence.max(axis=1)
    chosen, uses = [], dict.fromkeys(range(len(found.units)), 0)
    for number in np.argsort(-strength, kind="stable"):
        if uses[found.best[number]] < 2 and len(chosen) < _SHOWN:
            chosen.append(int(number))
            uses[found.best[number]] += 1
    return chosen

"""What the network of a run learned: sections 4.3 and 4.4 of Khorrami et al."""

import csv
import io
from pathlib import Path

import keras
import numpy as np
import rich.progress

from keras_fer import analysis
from keras_fer import visualization
from keras_fer.datasets import procedural
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

_SHOWN = 10  # filters and images a filter in a figure, as in the paper
_LEVEL = 0.05
_EVERYWHERE = "permuted over all images"
_WITHIN = "permuted within expression"


def draw_filters(
    folder: str | Path,
    *,
    layer: str | None = None,
    split: str = "train",
    permutations: int = 1000,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Relate the filters of a run's network to action units, and draw them.

    Where the corpus has no action units, expressions stand in for them. The
    same is done with the same network with random weights, since their filters
    answer to some units as well. Frames of one sequence are permuted together.

    Args:
        folder: run folder.
        layer: name of a layer, by default the last convolution.
        split: `"train"` (as in the paper), `"val"` or `"test"`.
        permutations: of each null model.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary: filters whose best unit beats each null model, trained and
        untrained; where the recipe draws with `procedural.load_data` also how
        much of the patterns lies where the best unit changes the face.
        `filters_<layer>_<split>.json`, `….csv` (a row a filter) and two
        figures are written into the run folder; those with faces of a corpus
        are not to be shared.

    Raises:
        RunError: there is no finished run in the folder, its recipe reads
            other data by now, or no unit is shown by 50 images.
        CorpusError: the corpus is not there.
        ValueError: there is no such layer.

    Example:

    >>> from keras_fer.recipes import filter_figures
    >>> summary = filter_figures.draw_filters("runs/mine")  # doctest: +SKIP

    Reference:
        - [Khorrami et al., 2015](https://arxiv.org/abs/1510.02969), figures 4
          and 5, table 4.
    """
    folder = Path(folder)
    network = run_folder.load(folder)
    recipe = run.recipe_of(folder)
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    run.check_classes(folder, corpus)
    layer = layer or _last_convolution(network)
    analysis.find_layer(network, layer)
    (untrained,) = run_folder.untrained(network, 1)
    networks = {"trained": network, "untrained": untrained}
    stem = folder / f"filters_{layer}_{split}"
    summary = {
        "recipe": recipe.name,
        "layer": layer,
        "split": split,
        "images": len(corpus),
        "permutations": permutations,
    }
    for name, model in networks.items():
        responses = analysis.filter_responses(model, corpus.images, layer)
        found = {
            kind: _compare(responses, corpus, within, permutations)
            for kind, within in _nulls(corpus).items()
        }
        summary["units"] = list(next(iter(found.values())).units)
        summary[name] = {
            "filters": responses.shape[1],
            "silent": int((responses.max(axis=0) <= 0).sum()),
            "expected by chance": round(_LEVEL * responses.shape[1], 1),
            **{
                f"best unit beats units {kind}": int(_beaten(null).sum())
                for kind, null in found.items()
            },
        }
        searched = {
            "model": model,
            "images": corpus.images,
            "layer": layer,
            "groups": _people(corpus),
            "top": min(_SHOWN, len(np.unique(_people(corpus)))),
            "down_to": _normalization(model),
            "responses": responses,
        }
        if getattr(recipe.corpus, "func", None) is procedural.load_data:
            summary[name]["energy of patterns"] = {
                f"filters whose best unit beats units {kind}": _overlap(
                    recipe, corpus, null, searched
                )
                for kind, null in found.items()
            }
        if name == "trained":
            _write_rows(found, stem)
            _draw(found, searched, corpus, stem)
    run_folder.write_json(stem.with_suffix(".json"), summary)
    return summary


def _nulls(corpus):
    """What the units are permuted within, by the name of the null model."""
    if not corpus.action_units:
        return {_EVERYWHERE: None}
    # What a face shows, where annotators may err.
    shown = corpus.labels.get("shown", corpus.labels["expression"])
    return {_EVERYWHERE: None, _WITHIN: shown}


def _compare(responses, corpus, within, permutations):
    expression = corpus.labels["expression"]
    if corpus.action_units:
        labels, units = corpus.labels["action_units"], corpus.action_units
    else:
        units = corpus.info.classes
        labels = expression[:, None] == np.arange(len(units))
    groups = None
    if "sequence" in corpus.labels:
        # Frames of a sequence are almost the same picture; its first one may
        # be neutral.
        pairs = np.char.add(corpus.labels["sequence"], expression.astype(str))
        groups = np.unique(pairs, return_inverse=True)[1]
    try:
        return analysis.action_unit_divergence(
            responses,
            labels,
            units,
            permutations=permutations,
            within=within,
            groups=groups,
        )
    except ValueError as error:
        raise RunError(
            f"{corpus.info.name}, {corpus.split}: {error}. Another split may "
            "have more images"
        ) from error


def _beaten(found):
    return found.p_values <= _LEVEL


def _people(corpus):
    """Of a person only one image is shown, where persons are known."""
    people = corpus.labels.get("subject")
    if people is None:
        return np.arange(len(corpus))
    return np.where(people == "-1", corpus.names, people)


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


def _overlap(recipe, corpus, found, searched):
    """Where the patterns of filters lie, on drawn faces.

    In each filter's ten strongest images, one a person, the share of the
    pattern's energy where its best unit changes the face. The null model hands
    the best units of these filters round among them, so that both have the
    same regions, large and small. For filters that the best unit raises.
    """
    filters = np.arange(len(found.best))
    raised = found.raises[filters, found.best]
    filters = filters[_beaten(found) & raised]
    if not len(filters):
        return {"filters": 0}
    patterns = analysis.filter_patterns(**searched, filters=filters)
    drawing = {
        name: value
        for name, value in recipe.corpus.keywords.items()
        if name not in ("size", "channels")
    }
    faces = procedural.draw_split(corpus.split, **drawing)
    faces = faces[patterns.rows.ravel()]
    shape = patterns.patterns.shape[:-1]
    units, best = np.unique(found.best[filters], return_inverse=True)
    shares, areas = [], []  # of each unit, for each filter
    for unit in rich.progress.track(units, **progress_bar("Drawing")):
        region = procedural.unit_region(faces, found.units[unit], shape[-1])
        region = region.reshape(shape)
        inside = analysis.region_overlap(patterns.patterns, region)
        shares.append(np.nanmean(inside, axis=1))
        areas.append(region.mean(axis=(1, 2, 3)))
    shares, rows = np.array(shares), np.arange(len(filters))
    own = shares[best, rows].mean()
    draws = np.random.default_rng(0)
    handed_round = np.array(
        [shares[draws.permutation(best), rows].mean() for _ in range(10_000)]
    )
    low, high = np.percentile(handed_round, [2.5, 97.5])
    shown = corpus.labels["action_units"]
    columns = [corpus.action_units.index(found.units[u]) for u in units[best]]
    return {
        "filters": len(filters),
        "where the best unit acts": float(own),
        "where the best unit of another filter acts": float(
            handed_round.mean()
        ),
        "95 % of permutations": [float(low), float(high)],
        "p": float((1 + (handed_round >= own).sum()) / 10_001),
        "area where the best unit acts": float(
            np.array(areas)[best, rows].mean()
        ),
        "strongest images that show the best unit": float(
            shown[patterns.rows, np.array(columns)[:, None]].mean()
        ),
        "all images that show the best unit": float(shown[:, columns].mean()),
    }


def _write_rows(found, stem):
    """Table 4 for all filters, and what the null models make of it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    heads = [
        head.format(kind)
        for kind in found
        for head in (
            "best unit, {}",
            "raises, {}",
            "excess (deviations), {}",
            "p, {}",
        )
    ]
    rows.writerow(["filter", "largest divergence", "nats", *heads])
    first = next(iter(found.values()))
    for number, largest in enumerate(first.largest):
        cells = [
            cell
            for null in found.values()
            for cell in (
                null.units[null.best[number]],
                int(null.raises[number, null.best[number]]),
                f"{null.excess[number].max():.2f}",
                f"{null.p_values[number]:.4f}",
            )
        ]
        divergence = f"{first.divergence[number, largest]:.4f}"
        rows.writerow([number, first.units[largest], divergence, *cells])
    run_folder.write_text(stem.with_suffix(".csv"), text.getvalue())


def _draw(found, searched, corpus, stem):
    strictest = list(found.values())[-1]
    filters = _varied(strictest)
    patterns = analysis.filter_patterns(**searched, filters=filters)
    kind = "AU " if corpus.action_units else ""
    names = []
    for number in filters:
        best = strictest.best[number]
        falls = "" if strictest.raises[number, best] else " (falls)"
        names.append(f"filter {number}\n{kind}{strictest.units[best]}{falls}")
    where = f"{corpus.info.title}, {corpus.split}, {searched['layer']}"
    people = ", one a person" if "subject" in corpus.labels else ""
    figure = run_folder.new_figure((0.8 * _SHOWN + 1.4, 1.7 * len(filters)))
    visualization.plot_patterns(
        patterns,
        corpus.images,
        names,
        f"{where}: strongest images of filters{people},\nwhat drives the "
        "filter there (guided backpropagation), and its response",
        figure,
    )
    run_folder.save_figure(figure, stem.with_name(f"{stem.name}_patterns.png"))
    figure = run_folder.new_figure((13, 5.2))
    visualization.plot_divergence(
        strictest,
        filters,
        f"{where}: responses with and without each unit (hollow: lower with)",
        thresholds={
            f"95th percentile of units {kind}": np.percentile(
                null.null, 95, axis=0
            )
            for kind, null in found.items()
        },
        label="action unit" if corpus.action_units else "expression",
        figure=figure,
    )
    run_folder.save_figure(
        figure, stem.with_name(f"{stem.name}_divergence.png")
    )


def _varied(found):
    """The filters of largest excess, each unit at most twice."""
    excess, best = found.excess.max(axis=1), found.best
    chosen, uses = [], dict.fromkeys(range(len(found.units)), 0)
    for number in np.argsort(-excess, kind="stable"):
        if uses[best[number]] < 2 and len(chosen) < _SHOWN:
            chosen.append(int(number))
            uses[best[number]] += 1
    return chosen

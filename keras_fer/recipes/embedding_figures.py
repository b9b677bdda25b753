"""How well the embedding of a run keeps expressions apart."""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import analysis
from keras_fer import visualization
from keras_fer.datasets.corpus import SPLITS
from keras_fer.datasets.corpus import SplitNotFoundError
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

_DRAWN = 512  # faces in a picture, as in DAF-CNN's figures 4 and 5
_MEASURED = 4000  # faces a split that are measured
_RANDOM = 3  # networks of random weights
_PLANES = 10  # of t-SNE, from random starts


def draw_embedding(
    folder: str | Path,
    *,
    layer: str | None = None,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw the embedding of a run with t-SNE, and measure it.

    Of each split up to 4,000 faces are measured in the space of the embedding
    and 512 drawn. The same is measured with random weights, since such
    networks keep some expressions apart as well.

    Args:
        folder: run folder; of one with seeds each is measured and the first
            drawn.
        layer: name of the layer that gives the embedding, by default
            `"embedding"`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary, by split: `analysis.EmbeddingStatistics` of each trained
        network and of three of random weights, and of the 512 faces in the
        plane of t-SNE. Of the last split, test where there is one, also which
        expressions lie opposite each other and which in the middle
        (`analysis.class_directions`), in the embeddings and in ten planes of
        t-SNE from random starts, of trained and of random weights, since every
        plane has opposites. `embedding.json` and `embedding.png` are written
        into the run folder.

    Raises:
        RunError: there is no finished run in the folder, the weights of a seed
            are not there, or its recipe reads other data by now.
        CorpusError: the corpus is not there.
        ValueError: there is no such layer, or it gives maps.

    Example:

    >>> from keras_fer.recipes import embedding_figures
    >>> embedding_figures.draw_embedding("runs/mine")  # doctest: +SKIP

    Reference:
        - DAF-CNN, figures 4 and 5; EMMA, figure 6 and table 3; Barradas-Chacon
          et al., figure 6.
        - van der Maaten and Hinton, Visualizing data using t-SNE, 2008.
    """
    folder = Path(folder)
    layer = layer or "embedding"
    singles = run_folder.singles(folder)
    recipe = run.recipe_of(singles[0])
    networks = {"trained": [run_folder.load(path) for path in singles]}
    networks["untrained"] = run_folder.untrained(
        networks["trained"][0], _RANDOM
    )
    summary = {"recipe": recipe.name, "layer": layer, "splits": {}}
    drawn = {}
    for split in SPLITS:
        try:
            corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
        except SplitNotFoundError:
            continue
        run.check_classes(singles[0], corpus)
        corpus = corpus.select(_sample(corpus.labels["expression"]))
        labels = corpus.labels["expression"]
        found = {
            kind: [
                analysis.embeddings(network, corpus.images, layer)
                for network in of_kind
            ]
            for kind, of_kind in networks.items()
        }
        summary["splits"][split] = {"images": len(corpus)} | {
            kind: [
                dataclasses.asdict(analysis.embedding_statistics(one, labels))
                for one in of_kind
            ]
            for kind, of_kind in found.items()
        }
        planes = [_plane(one[:_DRAWN]) for one in found["trained"]]
        summary["splits"][split]["plane"] = [
            dataclasses.asdict(
                analysis.embedding_statistics(plane, labels[:_DRAWN])
            )
            for plane in planes
        ]
        drawn[split] = corpus.info, labels[:_DRAWN], planes[0]
        last = corpus, found
    summary["directions"] = _directions(*last)
    run_folder.write_json(folder / "embedding.json", summary)
    figure = run_folder.new_figure((5.4 * len(drawn), 5.2))
    seeds = f", first of {len(singles)} seeds" if len(singles) > 1 else ""
    figure.suptitle(f"{recipe.name}{seeds}: t-SNE of {layer}", fontsize=11)
    axes = figure.subplots(1, len(drawn), squeeze=False)[0]
    for ax, (split, (info, labels, plane)) in zip(
        axes, drawn.items(), strict=True
    ):
        measured = summary["splits"][split]["trained"][0]
        visualization.plot_embedding(
            plane,
            labels,
            info.classes,
            f"{info.title}, {split}, {len(labels)} faces; in the embedding:\n"
            f"separation {measured['separation']:.2f}, silhouette "
            f"{measured['silhouette']:.2f}",
            ax=ax,
        )
    run_folder.save_figure(figure, folder / "embedding.png")
    return summary


def _directions(corpus, found):
    """Which classes lie opposite: in embeddings, and in planes of the first."""
    labels, classes = corpus.labels["expression"], corpus.info.classes
    present = np.unique(labels).tolist()
    names = [classes[k] for k in present]
    people = corpus.labels.get("subject")
    summary = {
        "split": corpus.split,
        "classes": names,
        "people": [
            None if people is None else len(np.unique(people[labels == k]))
            for k in present
        ],
        "planes": {},
    }
    # Of a rare expression as many faces as there are, up to an equal share.
    most = _DRAWN // len(present)
    rows = np.concatenate([np.flatnonzero(labels == k)[:most] for k in present])
    for kind, of_kind in found.items():
        measured = [analysis.class_directions(one, labels) for one in of_kind]
        summary[kind] = {
            field: np.mean([getattr(of, field) for of in measured], axis=0)
            .round(3)
            .tolist()
            for field in ("cosines", "distances")
        }
        summary["planes"][kind] = planes = []
        for seed in range(_PLANES):
            plane = _plane(of_kind[0][rows], init="random", seed=seed)
            of = analysis.class_directions(plane, labels[rows])
            planes.append(
                {
                    "opposite": [
                        names[k] for k in np.argmin(of.cosines, axis=1).tolist()
                    ],
                    "middle": names[int(np.argmin(of.distances))],
                }
            )
    return summary


def _sample(labels):
    """Rows in random order, but for one of each class, which come first."""
    rows = np.random.default_rng(0).permutation(len(labels))
    first = np.unique(labels[rows], return_index=True)[1]
    others = np.setdiff1d(np.arange(len(rows)), first)
    return rows[np.concatenate([first, others])[:_MEASURED]]


def _plane(vectors, init="pca", seed=0):
    import sklearn.manifold

    if not np.ptp(vectors, axis=0).any():  # which t-SNE does not survive
        return np.zeros((len(vectors), 2))
    # Perplexity must be below the number of faces.
    tsne = sklearn.manifold.TSNE(
        perplexity=min(30, (len(vectors) - 1) / 3),
        init=init,
        random_state=seed,
    )
    return tsne.fit_transform(vectors)

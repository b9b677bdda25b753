"""How well the embedding of a run keeps expressions apart."""

import dataclasses
from pathlib import Path

import keras
import numpy as np

from keras_fer import analysis
from keras_fer import visualization
from keras_fer.datasets.corpus import SPLITS
from keras_fer.datasets.corpus import SplitNotFoundError
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

_DRAWN = 512  # faces in a picture, as in DAF-CNN's figures 4 and 5
_MEASURED = 4000  # faces a split that are measured


def draw_embedding(
    folder: str | Path,
    *,
    layer: str | None = None,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> dict:
    """Draw the embedding of a run with t-SNE, and measure it.

    Of the training split and the held-out ones 4,000 faces are measured in the
    space of the embedding and 512 drawn. The same is measured with random
    weights, since such networks keep some expressions apart as well.

    Args:
        folder: run folder; of one with seeds each is measured and the first
            drawn.
        layer: name of the layer that gives the embedding, by default
            `"embedding"`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The summary, by split: `analysis.EmbeddingStatistics` of each trained
        network and of one of random weights. `embedding.json` and
        `embedding.png` are written into the run folder.

    Raises:
        RunError: there is no finished run in the folder, or its recipe reads
            other data by now.
        CorpusError: the corpus is not there.
        ValueError: there is no such layer, or it gives maps.

    Example:

    >>> from keras_fer.recipes import embedding_figures
    >>> embedding_figures.draw_embedding("runs/mine")  # doctest: +SKIP

    Reference:
        - DAF-CNN, figures 4 and 5.
        - van der Maaten and Hinton, Visualizing data using t-SNE, 2008.
    """
    folder = Path(folder)
    layer = layer or "embedding"
    singles = run_folder.seeds_in(folder) or [folder]
    recipe = run.recipe_of(singles[0])
    networks = [_embedder(run_folder.load(path), layer) for path in singles]
    keras.utils.set_random_seed(recipe.seed)
    untrained = networks[0].from_config(networks[0].get_config())
    summary = {"recipe": recipe.name, "layer": layer, "splits": {}}
    drawn = {}
    for split in SPLITS:
        try:
            corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
        except SplitNotFoundError:
            continue
        run.check_classes(singles[0], corpus)
        rows = np.random.default_rng(0).permutation(len(corpus))[:_MEASURED]
        corpus = corpus.select(np.sort(rows))
        labels = corpus.labels["expression"]
        embedded = [
            network.predict(corpus.to_dataset(256), verbose=0)
            for network in (*networks, untrained)
        ]
        found = [
            dataclasses.asdict(analysis.embedding_statistics(values, labels))
            for values in embedded
        ]
        summary["splits"][split] = {
            "images": len(corpus),
            "trained": found[:-1],
            "untrained": found[-1],
        }
        rows = np.random.default_rng(0).permutation(len(corpus))[:_DRAWN]
        drawn[split] = corpus.select(rows), embedded[0][rows], found[0]
    run_folder.write_json(folder / "embedding.json", summary)
    figure = run_folder.new_figure((5.4 * len(drawn), 5.2))
    figure.suptitle(f"{recipe.name}: t-SNE of {layer}", fontsize=11)
    axes = figure.subplots(1, len(drawn), squeeze=False)[0]
    for ax, (split, (corpus, values, found)) in zip(
        axes, drawn.items(), strict=True
    ):
        visualization.plot_embedding(
            _plane(values),
            corpus.labels["expression"],
            corpus.info.classes,
            f"{corpus.info.title}, {split}, {len(corpus)} faces; in the "
            f"embedding:\nseparation {found['separation']:.2f}, silhouette "
            f"{found['silhouette']:.2f}",
            ax,
        )
    run_folder.save_figure(figure, folder / "embedding.png")
    return summary


def _embedder(network, layer):
    outputs = analysis.find_layer(network, layer).output
    if len(outputs.shape) != 2:
        raise ValueError(
            f"expected a layer of vectors. Received: {layer}, which gives "
            f"{outputs.shape}"
        )
    return keras.Model(network.input, outputs)


def _plane(values):
    import sklearn.manifold

    # Perplexity must be below the number of faces.
    tsne = sklearn.manifold.TSNE(
        perplexity=min(30, (len(values) - 1) / 3), init="pca", random_state=0
    )
    return tsne.fit_transform(values)

"""A compact embedding behind its backbone: from pictures to expressions."""

import dataclasses
from pathlib import Path

import keras

from keras_fer import export as exports
from keras_fer import models
from keras_fer import recipes
from keras_fer.recipes import compact_card
from keras_fer.recipes import compact_parts
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.run_folder import RunError


def compose(
    folder: str | Path,
    model: str | None = None,
    domain: str | None = None,
    *,
    seed: int = 0,
) -> keras.Model:
    """Put one model of a run behind the networks whose features it takes.

    Args:
        folder: folder of a run of `compact.train`.
        model: name of the model, by default that which stands for the run.
        domain: corpus whose classifier answers, by default the first.
        seed: seed of the model.

    Returns:
        A `keras.Model` from the images of the backbone, pixels in `[0, 255]`,
        to a dict of `"logits"` and `"embedding"`.

    Raises:
        RunError: there is no such run, model, corpus or seed, a backbone is
            missing or another one by now, or the model takes annotations.

    Example:

    >>> from keras_fer.recipes import compact_network
    >>> compact_network.compose("runs/cake", "CAKE-2")  # doctest: +SKIP
    """
    folder = Path(folder)
    recipe = recipe_of(folder)
    networks = compact_parts.load_networks(recipe)
    compact_parts.check_weights(networks, folder)
    return behind_backbone(
        recipe,
        networks,
        folder,
        model or recipe.main,
        domain or next(iter(recipe.domains)),
        seed,
    )


def export(
    folder: str | Path,
    format: str,
    *,
    quantize: str = "none",
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> exports.ParityReport:
    """Export the `model.keras` of a run, proved on its first corpus.

    This corpus must have all expressions of the recipe.

    Args:
        folder: folder of a run of `compact.train`.
        format: `"saved-model"`, `"tflite"` or `"onnx"`.
        quantize: `"none"`, `"float16"`, `"dynamic"` or `"int8"`, of TFLite.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The report; see `run.export`.

    Raises:
        RunError: there is no finished run in the folder, or the format is
            unknown or cannot be quantized.
        CorpusError: the corpus is not there, or lacks an expression.
        ExportError: the export answers otherwise than the network.
    """
    folder = Path(folder)
    recipe = recipe_of(folder)
    result = run_folder.read_result(folder)
    if recipe.main is None:
        raise RunError(
            f"{folder}: all its models take annotated valence and arousal, "
            "and cannot answer for pictures"
        )
    network = run_folder.load(folder)
    domain = next(iter(recipe.domains.values()))

    def read(split):
        fold = {"fold": 0} if domain.folds else {}
        corpus = domain.load(
            split, data_dir=data_dir, skip_bad=skip_bad, **fold
        )
        return corpus.map_classes(classes=recipe.classes)

    report = run.export_network(
        network,
        folder,
        format,
        quantize,
        read(domain.test),
        lambda: read("train"),
        name=recipe.name,
    )
    text = compact_card.write(
        recipe, result, run_folder.read_exports(folder, report.weights_sha256)
    )
    run_folder.write_text(folder / "README.md", text)
    return report


def recipe_of(folder: Path):
    """Find the recipe of a run of `compact.train`, with its own epochs.

    Raises:
        RunError: the folder holds no such run.
    """
    written = run_folder.read_settings(folder)
    recipe = recipes.get(written["name"])
    if not isinstance(recipe, CompactRecipe):
        raise RunError(
            f"{folder}: expected a run of heads on frozen features. Received: "
            f"{recipe.name}"
        )
    return dataclasses.replace(
        recipe, epochs=written["epochs"], seeds=written["seeds"]
    )


def behind_backbone(recipe, networks, folder, model, domain, seed):
    """As `compose`, of a recipe and networks that are loaded."""
    if model is None:
        raise RunError(
            f"{folder}: all its models take annotated valence and arousal, "
            "and cannot answer for pictures"
        )
    for what, name, known in (
        ("model", model, recipe.models),
        ("corpus", domain, recipe.domains),
    ):
        if name not in known:
            raise RunError(
                f"{folder}: there is no {what} {name!r}, there is "
                f"{', '.join(known)}"
            )
    if recipe.models[model].annotated:
        raise RunError(
            f"{folder}: {model} takes annotated valence and arousal, and "
            "cannot answer for pictures"
        )
    cake = load_head(folder, model, seed)
    sources = recipe.models[model].sources(recipe)
    wanted = {
        tensor.name: networks[sources[tensor.name]] for tensor in cake.inputs
    }
    cake = keras.Model(
        cake.input,
        {
            "logits": cake.get_layer(f"classifier_{domain}").output,
            "embedding": cake.get_layer("embedding").output,
        },
        name="cake",
    )
    return models.CAKENetwork(
        wanted.get("features", wanted.get("valence_arousal")),
        cake,
        affect_backbone=wanted.get("valence_arousal"),
        name=recipe.name,
    )


def load_head(folder: Path, model: str, seed: int) -> keras.Model:
    """Load one model of a run, which takes features.

    Raises:
        RunError: it is not there.
    """
    path = folder / "parts" / f"{model}_{seed}.keras"
    if not path.is_file():
        raise RunError(f"{folder}: there is no {path.name} in parts/")
    return keras.models.load_model(path, compile=False)

"""Run a recipe: read, train, select on validation, evaluate, write."""

import contextlib
import dataclasses
import functools
import logging
import os
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_fer import analysis
from keras_fer import evaluation
from keras_fer import export as exports
from keras_fer import inference
from keras_fer import metrics
from keras_fer import recipes
from keras_fer import trainers
from keras_fer.datasets import folder as own_corpus
from keras_fer.datasets.corpus import SPLITS
from keras_fer.datasets.corpus import SplitNotFoundError
from keras_fer.recipes import card
from keras_fer.recipes import run_folder
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.run_folder import RunError

_logger = logging.getLogger(__name__)

_OWN = "keras_fer.datasets.folder.load_data"
# Heads with weights for each class that mean nothing for others.
_OF_CLASSES = ("distances", "cosines", "similarity")
_EXPORTED = {
    "saved-model": "saved_model",
    "tflite": "model.tflite",
    "onnx": "model.onnx",
}


def train(
    recipe: Recipe,
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    resume: bool = False,
    init: str | Path | None = None,
    skip_bad: bool = False,
    jit: bool = False,
    devices: int = 1,
    verbose="auto",
) -> Path:
    """Train a recipe's network and write all that came out of it.

    The epoch that is best on the validation split is kept, or the last where
    the recipe monitors nothing. It is evaluated once on the test split, where
    the corpus has one on disk. The same recipe
    gives the same weights on the same machine, also if it was stopped and
    resumed.

    Args:
        recipe: the experiment.
        folder: run folder; must not hold a run yet.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on from the last whole epoch in `folder`; starts anew where
            there is none.
        init: folder of a run whose weights are the initial ones, or the name
            of one that comes with the package (`"name"` or `"name/seed_0"`);
            by default that of the recipe.
            Of its last layer the columns of expressions that both know are
            taken over, by their names. A resumed run keeps its own.
        skip_bad: leave out malformed images instead of stopping.
        jit: compile the training step with XLA.
        devices: GPUs (CPUs where there is none) that share each batch.
        verbose: as in `keras.Model.fit`.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `history.csv`,
        `README.md`, `model.keras`, figures, TensorBoard logs in `logs/` and
        checkpoints in `checkpoints/`.

    Raises:
        CorpusError: the corpus is missing or malformed. Nothing is written.
        RunError: the recipe has folds or seeds, which are trained one by one;
            the folder holds a run, is in use, or holds a run of another recipe;
            the network does not fit the corpus or `init`; there are fewer
            devices.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import run
    >>> recipe = recipes.get("zero_bias_cnn_fer2013")
    >>> run.train(recipe, "runs/mine")  # doctest: +SKIP
    PosixPath('runs/mine')
    """
    folder = Path(folder)
    check_network(recipe)
    if recipe.folds:
        raise RunError(
            f"{recipe.name} has {recipe.folds} folds: use cross_validate, or "
            "train recipe.of_fold(0)"
        )
    if recipe.seeds:
        raise RunError(
            f"{recipe.name} has {recipe.seeds} seeds: use repeat, or train "
            "recipe.of_seed(0)"
        )
    run_folder.check_free(folder, resume)
    init = init or recipe.init
    if resume and (folder / "recipe.json").exists():
        init = run_folder.read_settings(folder)["init"]
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(recipe.seed)
    corpora = _read(recipe, data_dir, skip_bad)
    classes = corpora["train"].info.classes
    trained, model = _build(recipe, len(classes), devices, jit)
    _check_fit(recipe, trained, corpora["train"])
    written = {
        **settings(recipe, init, skip_bad, jit, devices),
        "classes": list(classes),
        "data_sha256": {name: c.sha256() for name, c in corpora.items()},
    }
    if init is not None and not run_folder.checkpointed(folder):
        _copy_weights(init, trained, classes)
    with run_folder.locked(folder):
        run_folder.check_free(folder, resume)
        run_folder.write_settings(written, folder)
        checkpoint = _fit(recipe, model, corpora, folder, verbose)
        network = recipe.model()
        # A trainer may have more weights than the network.
        model.set_weights(checkpoint.best_weights)
        network.set_weights(trained.get_weights())
        _finish(recipe, network, checkpoint, corpora, folder, verbose)
    return folder


def evaluate(
    folder: str | Path,
    *,
    split: str = "val",
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    verbose="auto",
) -> evaluation.ClassificationReport | evaluation.RegressionReport:
    """Evaluate the network of a run, and write the figures beside it.

    Args:
        folder: run folder.
        split: `"val"` or `"test"`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.
        verbose: as in `keras.Model.predict`.

    Returns:
        The report, of a recipe that estimates numbers an
        `evaluation.RegressionReport`; `evaluation_<split>.json` and figures are
        written.

    Raises:
        RunError: there is no finished run in the folder, its recipe reads
            other data by now, or the split is the one that was trained on.
        CorpusError: the corpus or the split is not there.
    """
    folder = Path(folder)
    if split == "train":
        raise RunError("`split` must be val or test. Received: train")
    network = run_folder.load(folder)
    recipe = recipe_of(folder)
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    check_classes(folder, corpus)
    report = _report(recipe, network, corpus, folder, verbose)
    run_folder.write_json(folder / f"evaluation_{split}.json", report.to_json())
    return report


def export(
    folder: str | Path,
    format: str,
    *,
    quantize: str = "none",
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> exports.ParityReport:
    """Export the network of a run, proved on the whole validation split.

    Args:
        folder: run folder.
        format: `"saved-model"`, `"tflite"` or `"onnx"`.
        quantize: `"none"`, `"float16"`, `"dynamic"` or `"int8"`, of TFLite.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The report. `saved_model/`, `model.onnx`, `model.tflite` or
        `model_<quantize>.tflite` is written into the run folder, its report
        beside it, and a line into the card; of a generative model `encoder/`
        and `decoder/`, or `encoder.tflite` and `decoder.tflite`, as well.

    Raises:
        RunError: there is no finished run in the folder, or the format is
            unknown or cannot be quantized.
        CorpusError: the corpus is not there.
        ExportError: the export answers otherwise than the network.
    """
    folder = Path(folder)
    _check_format(format, quantize)
    network = run_folder.load(folder)
    recipe = recipe_of(folder)
    if recipe.estimates:
        raise RunError(
            f"{folder} estimates {', '.join(recipe.target)}: only networks of "
            "expressions are exported here"
        )
    result = run_folder.read_result(folder)
    read = functools.partial(
        recipe.corpus, data_dir=data_dir, skip_bad=skip_bad
    )
    val = read("val")
    check_classes(folder, val)
    report = export_network(
        network,
        folder,
        format,
        quantize,
        val,
        functools.partial(read, "train"),
        name=recipe.name,
    )
    write_card(recipe, result, val.info, folder)
    if quantize == "none" and format != "onnx":
        _export_parts(network, val, folder, format)
    return report


def _export_parts(network, val, folder, format):
    """Of a generative model, encoder and decoder apart."""
    heads = network.output if isinstance(network.output, dict) else {}
    if "reconstruction" not in heads:
        return
    latents = analysis.encode(network.get_layer("encoder"), val.images)
    for name, inputs in (("encoder", val.images), ("decoder", latents)):
        suffix = ".tflite" if format == "tflite" else ""
        exports.export_part(
            network.get_layer(name),
            folder / f"{name}{suffix}",
            inputs,
            format=format,
        )


def export_network(
    network: keras.Model,
    folder: Path,
    format: str,
    quantize: str,
    val,
    read_train,
    *,
    name: str,
) -> exports.ParityReport:
    """Export a network into a run folder, see `export`.

    Args:
        network: the network.
        folder: run folder.
        format: as in `export`.
        quantize: as in `export`.
        val: split on which it is proved.
        read_train: function that gives the training split, which `"int8"`
            needs.
        name: name in the metadata.

    Raises:
        RunError: the format is unknown or cannot be quantized.
        ExportError: the export answers otherwise than the network.
    """
    _check_format(format, quantize)
    path = folder / _EXPORTED[format]
    if format == "saved-model":
        write = exports.export_saved_model
    elif format == "onnx":
        write = exports.export_onnx
    else:
        write = functools.partial(
            exports.export_litert,
            quantize=quantize,
            representative=read_train() if quantize == "int8" else None,
        )
        if quantize != "none":
            path = path.with_stem(f"{path.stem}_{quantize}")
    return write(network, path, val, name=name)


def _check_format(format, quantize):
    if format not in _EXPORTED or (quantize != "none" and format != "tflite"):
        raise RunError(
            f"a network is exported as {', '.join(_EXPORTED)}, and only tflite "
            f"can be quantized. Received: {format}, {quantize}"
        )


def check_network(recipe):
    """Refuse a recipe that compares several networks.

    Raises:
        RunError: it is one.
    """
    if not isinstance(recipe, Recipe):
        raise RunError(
            f"{recipe.name} compares several networks: use compact.train or "
            "siamese.train"
        )


def check_classes(folder: str | Path, corpus):
    """Refuse a corpus whose expressions are not those of a run.

    Raises:
        RunError: they are others, or in another order.
    """
    trained = run_folder.classes_of(Path(folder))
    if list(corpus.info.classes) != trained:
        raise RunError(
            f"{folder} was trained on {', '.join(trained)}. Received: a corpus "
            f"of {', '.join(corpus.info.classes)}"
        )


def settings(
    recipe: Recipe, init=None, skip_bad=False, jit=False, devices=1
) -> dict:
    """What is written down of a run before it starts, and must not change."""
    return {
        **recipe.to_json(),
        # A folder stays one when it is read again, see `find_run`.
        "init": os.path.join(".", init) if isinstance(init, Path) else init,
        "skip_bad": skip_bad,
        "jit": jit,
        "devices": devices,
    }


def recipe_of(folder):
    """Find the recipe of a run, or of a fold, as it is today.

    Raises:
        RunError: it reads other data than when the run was made.
    """
    written = run_folder.read_settings(folder)
    recipe = recipes.get(written["name"])
    if not isinstance(recipe, Recipe):
        raise RunError(
            f"{folder}: {recipe.name} compares several networks; its figures "
            "are in metrics.json. Of the other commands export, embed and "
            "figures --show map take those with compact embeddings, none the "
            "others"
        )
    corpus = written["corpus"]
    if isinstance(corpus, dict) and corpus["call"] == _OWN:
        recipe = _with_own(recipe, written["model"]["num_classes"])
    elif recipe.folds:
        if "fold" not in written["corpus"]:
            raise RunError(f"{folder}: each of its folds is a run, fold_0, …")
        recipe = recipe.of_fold(written["corpus"]["fold"])
    if recipe.to_json()["corpus"] != written["corpus"]:
        raise RunError(
            f"{folder}: the recipe {recipe.name} now reads other data than "
            "when the run was made"
        )
    return recipe


def on_own_corpus(
    recipe: Recipe, data_dir: str | Path, *, skip_bad: bool = False
) -> Recipe:
    """Give a recipe a corpus of one's own and a head for its expressions.

    Args:
        recipe: any recipe.
        data_dir: the folder, see `datasets.folder`.
        skip_bad: leave out malformed images instead of stopping.

    Raises:
        CorpusError: as `datasets.folder.load_data`.
        RunError: there are fewer than two expressions.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import run
    >>> recipe = recipes.get("zero_bias_cnn_own")
    >>> mine = run.on_own_corpus(recipe, "mine")  # doctest: +SKIP
    """
    classes = own_corpus.classes_of(data_dir, skip_bad=skip_bad)
    if len(classes) < 2:
        raise RunError(
            f"{data_dir}: expected at least two expressions. Received: "
            f"{', '.join(classes) or 'none'}"
        )
    return _with_own(recipe, len(classes))


def _with_own(recipe, num_classes):
    if "input_shape" not in recipe.model.keywords:
        raise RunError(
            f"{recipe.name} is not for a corpus of one's own: its network does "
            "not say what images it takes"
        )
    height, _, channels = recipe.model.keywords["input_shape"]
    return dataclasses.replace(
        recipe,
        paper="no figure, own corpus",
        corpus=functools.partial(
            own_corpus.load_data, size=height, channels=channels
        ),
        model=functools.partial(recipe.model, num_classes=num_classes),
        folds=None,
        seeds=None,
    )


def _read(recipe, data_dir, skip_bad):
    """The splits. Test is read now, so that its errors show before hours."""
    corpora = {}
    for split in SPLITS:
        try:
            corpora[split] = recipe.corpus(
                split, data_dir=data_dir, skip_bad=skip_bad
            )
        except SplitNotFoundError as error:
            if split != "test":
                raise
            _logger.info("no test figure: %s", error)
    notes = (note for c in corpora.values() for note in c.notes)
    for note in dict.fromkeys(notes):
        _logger.info("%s", note)
    return corpora


def _build(recipe, classes, devices, jit):
    """The network, its variables on all devices, and the compiled trainer."""
    with _precision(recipe.precision), _strategy(recipe, devices).scope():
        network = model = recipe.model()
        if recipe.trainer is not None:
            model = recipe.trainer(network)
        model.compile(
            recipe.optimizer(),
            loss=None if recipe.trainer else recipe.loss,
            metrics=_metrics(recipe, classes),
            jit_compile=jit,
        )
        model.optimizer.build(model.trainable_variables)
    return network, model


def _metrics(recipe, classes):
    if recipe.estimates:
        return [
            metrics.ConcordanceCorrelation(columns=len(recipe.target)),
            keras.metrics.RootMeanSquaredError(name="rmse"),
        ]
    return [
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        metrics.BalancedAccuracy(classes),
        metrics.MacroF1(classes),
    ]


def _strategy(recipe, devices):
    if devices == 1:
        return tf.distribute.get_strategy()
    if devices < 1 or recipe.batch_size % devices:
        raise RunError(
            f"batches of {recipe.batch_size} cannot be shared by {devices} "
            "devices"
        )
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    names = [d.name for d in tf.config.list_logical_devices(kind)]
    if devices > len(names):
        raise RunError(f"asked for {devices} devices, found {len(names)}")
    return tf.distribute.MirroredStrategy(names[:devices])


def _check_fit(recipe, network, corpus):
    info = corpus.info
    shape = tuple(network.input_shape[1:])
    heads = network.output if isinstance(network.output, dict) else {}
    if heads and (recipe.trainer is None or "logits" not in heads):
        raise RunError(
            "without a trainer a recipe trains networks with one head, logits, "
            f"and with one this head is needed. Received: {', '.join(heads)}"
        )
    if recipe.steps_per_epoch is None and len(corpus) < recipe.batch_size:
        raise RunError(
            f"{len(corpus)} training images are less than one batch of "
            f"{recipe.batch_size}"
        )
    if shape != corpus.images.shape[1:]:
        raise RunError(
            f"the network takes images of shape {shape}, but those of "
            f"{info.name} are {corpus.images.shape[1:]} (height, width, "
            "channels)"
        )
    if recipe.estimates:
        _check_target(recipe, network, corpus)
        return
    classes = heads.get("logits", network.output).shape[-1]
    if classes != len(info.classes):
        raise RunError(
            f"the network names {classes} classes, but {info.name} has "
            f"{len(info.classes)}: {', '.join(info.classes)}"
        )


def _check_target(recipe, network, corpus):
    missing = [c for c in recipe.target if c not in corpus.labels]
    if missing:
        raise RunError(
            f"{corpus.info.name} has no column {', '.join(missing)}. There "
            f"are: {', '.join(corpus.labels)}"
        )
    if network.output.shape[1:] != (len(recipe.target),):
        raise RunError(
            f"expected a network of {len(recipe.target)} numbers, "
            f"{', '.join(recipe.target)}. Received: {network.output.shape}"
        )


def _copy_weights(source, model, classes):
    """Take over the weights of a run; of the head those of known classes."""
    source = find_run(source)
    network = run_folder.load(source)
    known = run_folder.classes_of(source)
    before = {layer.name: layer.get_weights() for layer in network.layers}
    for layer in model.layers:
        weights = layer.get_weights()
        found = before.get(layer.name, [])
        if layer.name in _OF_CLASSES and (
            list(classes) != list(known) or not found
        ):
            continue  # centers or vectors of other classes are no start
        if layer.name == "logits":
            # Columns of the head are classes, the rest of it stays as drawn.
            places = [known.index(c) if c in known else -1 for c in classes]
            shared = [place for place, old in enumerate(places) if old >= 0]
            from_ = [places[place] for place in shared]
            for new, old in zip(weights, found, strict=False):
                if new.shape[:-1] == old.shape[:-1]:
                    new[..., shared] = old[..., from_]
            found = weights
        shapes = [value.shape for value in found]
        if shapes != [value.shape for value in weights]:
            raise RunError(
                f"the weights of {source} do not fit the recipe's network: "
                f"expected {[value.shape for value in weights]} in layer "
                f"{layer.name}. Received: {shapes}"
            )
        layer.set_weights(found)
    if list(classes) != list(known):
        names = ", ".join(c for c in classes if c in known) or "none"
        _logger.info("head of %s: classes taken over: %s", source, names)


def find_run(source):
    """Find a run, or a seed of it, of the package, or a run folder.

    A bare name or `name/seed_0` is a run of the package, else one in
    `saved_models/`, since large weights stay in the repository, or in `runs/`;
    a folder of one's own that is called so is `"./name"` or a `Path`.
    """
    if not isinstance(source, str):
        return source
    name, _, seed = source.partition("/")
    bare = name not in ("", ".", "..") and (not seed or seed[:5] == "seed_")
    if bare:
        places = inference.saved_models(), Path("saved_models"), Path("runs")
        for place in places:
            if (place / name / seed / "model.keras").is_file():
                return place / name / seed
    return Path(source)


def load_named(name):
    """Load the network of a run by its name, see `find_run`.

    Raises:
        RunError: there is none; says where it is looked for and what makes it.
    """
    try:
        return run_folder.load(find_run(name))
    except RunError as error:
        raise RunError(
            f"{error}. It is looked for in the package, in saved_models/ and "
            f"runs/ and as a folder; `keras-fer train {name.split('/')[0]}` "
            "makes it"
        ) from error


@contextlib.contextmanager
def _precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _fit(recipe, model, corpora, folder, verbose):
    callbacks = [make() for make in recipe.callbacks]
    checkpoint = trainers.RunCheckpoint(
        folder / run_folder.CHECKPOINTS, callbacks, recipe.monitor, recipe.mode
    )
    if checkpoint.epoch:
        _logger.info("going on after epoch %d", checkpoint.epoch)
    if checkpoint.epoch >= recipe.epochs or checkpoint.finished:
        return checkpoint
    augment = recipe.augmentation() if recipe.augmentation else None
    steps = recipe.steps_per_epoch
    model.fit(
        corpora["train"].to_dataset(
            recipe.batch_size,
            shuffle=True,
            label=recipe.target,
            augment=augment,
            seed=recipe.seed,
            epochs=range(checkpoint.epoch, recipe.epochs),
            steps_per_epoch=steps,
        ),
        epochs=recipe.epochs,
        initial_epoch=checkpoint.epoch,
        steps_per_epoch=steps or len(corpora["train"]) // recipe.batch_size,
        validation_data=corpora["val"].to_dataset(256, label=recipe.target),
        callbacks=[
            *callbacks,
            keras.callbacks.TensorBoard(folder / "logs", write_graph=False),
            checkpoint,
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: run_folder.write_history(
                    checkpoint.history, folder
                )
            ),
        ],
        shuffle=False,
        verbose=verbose,
    )
    return checkpoint


def _finish(recipe, network, checkpoint, corpora, folder, verbose):
    reports = {}
    for split in SPLITS[1:]:
        if split in corpora:
            report = _report(recipe, network, corpora[split], folder, verbose)
            reports[split] = report.to_json()
    run_folder.write_history(checkpoint.history, folder)
    run_folder.draw_history(checkpoint.history, folder)
    run_folder.save(network, folder)
    result = {
        "recipe": recipe.name,
        "corpus": dataclasses.asdict(corpora["train"].info),
        "parameters": network.count_params(),
        "heads": sorted(network.output)
        if isinstance(network.output, dict)
        else None,
        "train_images": len(corpora["train"]),
        "notes": {name: list(c.notes) for name, c in corpora.items()},
        "epochs": checkpoint.epoch,
        "best_epoch": checkpoint.best_epoch,
        "selected_on": recipe.monitor,
        "training_hours": round(
            sum(row["seconds"] for row in checkpoint.history) / 3600, 2
        ),
        "weights_sha256": exports.weights_sha256(network),
        **reports,
    }
    run_folder.write_json(folder / "metrics.json", result)
    write_card(recipe, result, corpora["train"].info, folder)


def _report(recipe, network, corpus, folder, verbose):
    """Evaluate on a split; write its figures and the answers."""
    if recipe.estimates:
        answers = network.predict(corpus.to_dataset(256), verbose=verbose)
        columns = [corpus.labels[name] for name in recipe.target]
        targets = np.stack(columns, axis=1)
        report = evaluation.regression_report(
            targets,
            answers,
            recipe.target,
            corpus=corpus.info.name,
            split=corpus.split,
        )
        run_folder.write_estimates(report, targets, answers, folder)
        return report
    probabilities = evaluation.predict_probabilities(
        network, corpus, verbose=verbose
    )
    report = evaluation.report_on(corpus, probabilities)
    run_folder.write_report(report, folder)
    labels, named = corpus.labels["expression"], probabilities.argmax(axis=1)
    run_folder.write_answers(labels, named, corpus.split, folder)
    return report


def write_card(recipe: Recipe, result: dict, info, folder: Path):
    """Write the card of a run, with what is known of its exports by now.

    Args:
        recipe: the experiment.
        result: content of the run's `metrics.json`.
        info: card of the corpus.
        folder: run folder.
    """
    weights = result["weights_sha256"]
    exported = run_folder.read_exports(folder, weights)
    compounds = run_folder.read_compounds(folder, [weights])
    text = card.write(recipe, result, info, exported, compounds)
    run_folder.write_text(folder / "README.md", text)

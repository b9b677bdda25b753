"""Run a recipe: read, train, select on validation, evaluate, write."""

import contextlib
import csv
import hashlib
import importlib.metadata
import io
import json
import logging
import os
import platform
import subprocess
import zipfile
from pathlib import Path

import filelock
import keras
import tensorflow as tf

import keras_fer
import keras_fer.models  # registers the layers that `load` needs
from keras_fer import evaluation
from keras_fer import metrics
from keras_fer import recipes
from keras_fer import trainers
from keras_fer import visualization
from keras_fer.datasets.corpus import SPLITS
from keras_fer.datasets.corpus import SplitNotFoundError
from keras_fer.recipes import card
from keras_fer.recipes.recipe import Recipe

CHECKPOINTS = "checkpoints"

_logger = logging.getLogger(__name__)


class RunError(ValueError):
    """A run cannot start, or its folder is not what it should be."""


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

    The epoch that is best on the validation split is kept. It is evaluated
    once on the test split, where the corpus has one on disk. The same recipe
    gives the same weights on the same machine, also if it was stopped and
    resumed.

    Args:
        recipe: the experiment.
        folder: run folder; must not hold a run yet.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on from the last whole epoch in `folder`; starts anew where
            there is none.
        init: folder of a run whose weights are the initial ones. A resumed
            run keeps its own.
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
        RunError: the folder holds a run, is in use, or holds a run of another
            recipe; the network does not fit the corpus or `init`; there are
            fewer devices.
    """
    folder = Path(folder)
    _check_free(folder, resume)
    if resume and (folder / "recipe.json").exists():
        init = _read_recipe(folder)["init"]
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(recipe.seed)
    corpora = _read(recipe, data_dir, skip_bad)
    model = _build(recipe, len(corpora["train"].info.classes), devices, jit)
    _check_fit(recipe, model, corpora["train"])
    settings = {
        **recipe.to_json(),
        "init": str(init) if init else None,
        "skip_bad": skip_bad,
        "jit": jit,
        "devices": devices,
        "data_sha256": {name: c.sha256() for name, c in corpora.items()},
    }
    if init is not None and not (folder / CHECKPOINTS).exists():
        _copy_weights(init, model)
    with _locked(folder):
        _check_free(folder, resume)
        _write_recipe(settings, folder)
        checkpoint = _fit(recipe, model, corpora, folder, verbose)
        network = recipe.model()
        network.set_weights(checkpoint.best_weights)
        _finish(recipe, network, checkpoint, corpora, folder, verbose)
    return folder


def evaluate(
    folder: str | Path,
    *,
    split: str = "val",
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    verbose="auto",
) -> evaluation.ClassificationReport:
    """Evaluate the network of a run, and write the figures beside it.

    Args:
        folder: run folder.
        split: `"val"` or `"test"`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        skip_bad: leave out malformed images instead of stopping.
        verbose: as in `keras.Model.predict`.

    Returns:
        The report; `evaluation_<split>.json` and two figures are written.

    Raises:
        RunError: there is no finished run in the folder, its recipe reads
            other data by now, or the split is the one that was trained on.
        CorpusError: the corpus or the split is not there.
    """
    folder = Path(folder)
    if split == "train":
        raise RunError("`split` must be val or test. Received: train")
    network = load(folder)
    settings = _read_recipe(folder)
    recipe = recipes.get(settings["name"])
    if recipe.to_json()["corpus"] != settings["corpus"]:
        raise RunError(
            f"{folder}: the recipe {recipe.name} now reads other data than "
            "when the run was made"
        )
    corpus = recipe.corpus(split, data_dir=data_dir, skip_bad=skip_bad)
    report = evaluation.evaluate_classifier(network, corpus, verbose=verbose)
    write_report(report, folder)
    write_json(folder / f"evaluation_{split}.json", report.to_json())
    return report


def load(folder: str | Path) -> keras.Model:
    """Load the network of a run.

    Raises:
        RunError: there is no network in the folder, or it cannot be read.
    """
    path = Path(folder) / "model.keras"
    if not path.is_file():
        raise RunError(f"{folder}: no finished run, there is no model.keras")
    try:
        return keras.models.load_model(path, compile=False)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        zipfile.BadZipFile,
    ) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def weights_sha256(model: keras.Model) -> str:
    """Hash of all weights, in their order: equal for equal networks."""
    digest = hashlib.sha256()
    for values in model.get_weights():
        digest.update(values.tobytes())
    return digest.hexdigest()


def write_report(report, folder: str | Path):
    """Draw the figures of a report into a folder."""
    for name, plot, size in (
        ("confusion_matrix", visualization.plot_confusion_matrix, (7.2, 6.4)),
        ("calibration", visualization.plot_calibration, (5.6, 5.2)),
    ):
        figure = _figure(size)
        plot(report, figure.subplots())
        _save_figure(figure, Path(folder) / f"{name}_{report.split}.png")


def write_json(path: Path, value: dict):
    """Write beside, then rename."""
    _write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _check_free(folder, resume):
    traces = ("recipe.json", CHECKPOINTS, "model.keras")
    if not resume and any((folder / name).exists() for name in traces):
        raise RunError(
            f"{folder} holds a run already. Name another folder, or go on "
            "with --resume"
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
    """The compiled network, its variables on all devices."""
    with _precision(recipe.precision), _strategy(recipe, devices).scope():
        model = recipe.model()
        model.compile(
            recipe.optimizer(),
            recipe.loss,
            metrics=[
                keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
                metrics.BalancedAccuracy(classes),
                metrics.MacroF1(classes),
            ],
            jit_compile=jit,
        )
        model.optimizer.build(model.trainable_variables)
    return model


def _strategy(recipe, devices):
    if devices == 1:
        return tf.distribute.get_strategy()
    if recipe.batch_size % devices:
        raise RunError(
            f"batches of {recipe.batch_size} cannot be shared by {devices} "
            "devices"
        )
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    names = [d.name for d in tf.config.list_logical_devices(kind)]
    if not 1 <= devices <= len(names):
        raise RunError(f"asked for {devices} devices, found {len(names)}")
    return tf.distribute.MirroredStrategy(names[:devices])


def _check_fit(recipe, model, corpus):
    shape, info = tuple(model.input_shape[1:]), corpus.info
    if isinstance(model.output, dict):
        raise RunError(
            "a recipe trains networks with one head, logits. Received: "
            f"{', '.join(model.output)}"
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
    classes = model.output_shape[-1]
    if classes != len(info.classes):
        raise RunError(
            f"the network names {classes} classes, but {info.name} has "
            f"{len(info.classes)}: {', '.join(info.classes)}"
        )


def _copy_weights(source, model):
    try:
        model.set_weights(load(source).get_weights())
    except ValueError as error:
        raise RunError(
            f"the weights of {source} do not fit the recipe's network: {error}"
        ) from error


@contextlib.contextmanager
def _precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def _locked(folder):
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout as error:
        raise RunError(f"{folder}: another process trains there") from error


def _write_recipe(settings, folder):
    path = folder / "recipe.json"
    if path.exists():
        before = _read_recipe(folder)
        changed = [
            name
            for name, value in before.items()
            if name not in ("paper", "cost") and settings.get(name) != value
        ]
        if changed:
            raise RunError(
                f"{folder} holds a run with other settings: "
                f"{', '.join(changed)} differ. Name another folder"
            )
        return
    packages = "keras", "tensorflow", "numpy", "opencv-python-headless"
    environment = {
        "keras_fer": keras_fer.__version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        **{name: importlib.metadata.version(name) for name in packages},
    }
    write_json(path, {"recipe": settings, "environment": environment})


def _read_recipe(folder):
    path = folder / "recipe.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} cannot be read: {error!r}") from error


def _commit():
    """Commit of the checkout that the package lies in, if it lies in one."""
    checkout = Path(keras_fer.__file__).parent.parent
    if not (checkout / ".git").exists():
        return None
    command = ["git", "-C", checkout, "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None


def _fit(recipe, model, corpora, folder, verbose):
    callbacks = [make() for make in recipe.callbacks]
    checkpoint = trainers.RunCheckpoint(
        folder / CHECKPOINTS, callbacks, recipe.monitor, recipe.mode
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
            augment=augment,
            seed=recipe.seed,
            epochs=range(checkpoint.epoch, recipe.epochs),
            steps_per_epoch=steps,
        ),
        epochs=recipe.epochs,
        initial_epoch=checkpoint.epoch,
        steps_per_epoch=steps or len(corpora["train"]) // recipe.batch_size,
        validation_data=corpora["val"].to_dataset(256),
        callbacks=[
            *callbacks,
            keras.callbacks.TensorBoard(folder / "logs", write_graph=False),
            checkpoint,
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: _write_history(
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
            report = evaluation.evaluate_classifier(
                network, corpora[split], verbose=verbose
            )
            write_report(report, folder)
            reports[split] = report.to_json()
    _write_history(checkpoint.history, folder)
    _draw_history(checkpoint.history, folder)
    network.save(folder / "model.part.keras")
    os.replace(folder / "model.part.keras", folder / "model.keras")
    result = {
        "recipe": recipe.name,
        "parameters": network.count_params(),
        "train_images": len(corpora["train"]),
        "notes": {name: list(c.notes) for name, c in corpora.items()},
        "epochs": checkpoint.epoch,
        "best_epoch": checkpoint.best_epoch,
        "selected_on": recipe.monitor,
        "training_hours": round(
            sum(row["seconds"] for row in checkpoint.history) / 3600, 2
        ),
        "weights_sha256": weights_sha256(network),
        **reports,
    }
    write_json(folder / "metrics.json", result)
    _write_text(
        folder / "README.md", card.write(recipe, result, corpora["train"].info)
    )


def _write_history(history, folder):
    text = io.StringIO()
    rows = csv.DictWriter(text, list(history[0]), lineterminator="\n")
    rows.writeheader()
    rows.writerows(history)
    _write_text(folder / "history.csv", text.getvalue())


def _draw_history(history, folder):
    figure = _figure((9, 3.6))
    visualization.plot_history(history, figure.subplots(1, 2))
    _save_figure(figure, folder / "history.png")


def _figure(size):
    """A figure apart from pyplot, whose backend stays as the user has it."""
    import matplotlib.figure

    return matplotlib.figure.Figure(figsize=size, layout="constrained")


def _save_figure(figure, path):
    part = path.with_suffix(".part.png")
    figure.savefig(part, dpi=120)
    os.replace(part, path)


def _write_text(path, text):
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)

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
        init: folder of a run whose weights are the initial ones.
        skip_bad: leave out malformed images instead of stopping.
        jit: compile the training step with XLA.
        verbose: as in `keras.Model.fit`.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `history.csv`,
        `README.md`, `model.keras`, figures, TensorBoard logs in `logs/` and
        checkpoints in `checkpoints/`.

    Raises:
        CorpusError: the corpus is missing or malformed. Nothing is written.
        RunError: the folder holds a run, is in use, or holds a run of another
            recipe; the network does not fit the corpus or `init`.
    """
    folder = Path(folder)
    _check_free(folder, resume)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(recipe.seed)
    corpora = _read(recipe, data_dir, skip_bad)
    with _precision(recipe.precision):
        model = recipe.model()
    _check_fit(recipe, model, corpora["train"])
    if init is not None:
        _copy_weights(init, model)
    with _locked(folder):
        _write_recipe(recipe, folder, init)
        checkpoint = _fit(recipe, model, corpora, folder, jit, verbose)
        network = recipe.model()
        network.set_weights(checkpoint.best_weights)
        _finish(recipe, network, checkpoint, corpora, folder, verbose)
    return folder


def evaluate(
    folder: str | Path,
    *,
    split: str = "val",
    data_dir: str | Path | None = None,
    verbose="auto",
) -> evaluation.ClassificationReport:
    """Evaluate the network of a run, and write the figures beside it.

    Args:
        folder: run folder.
        split: `"val"` or `"test"`.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        verbose: as in `keras.Model.predict`.

    Returns:
        The report; `evaluation_<split>.json` and two figures are written.

    Raises:
        RunError: there is no finished run in the folder.
        CorpusError: the corpus or the split is not there.
    """
    folder = Path(folder)
    network = load(folder)
    try:
        written = json.loads((folder / "recipe.json").read_text())
        name = written["recipe"]["name"]
    except (OSError, ValueError, KeyError) as error:
        raise RunError(
            f"{folder}/recipe.json cannot be read: {error}"
        ) from error
    corpus = recipes.get(name).corpus(split, data_dir=data_dir)
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
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def weights_sha256(model: keras.Model) -> str:
    """Hash of all weights, in their order: equal for equal networks."""
    digest = hashlib.sha256()
    for values in model.get_weights():
        digest.update(values.tobytes())
    return digest.hexdigest()


def write_report(report, folder: str | Path):
    """Draw the figures of a report into a folder."""
    import matplotlib

    folder = Path(folder)
    with matplotlib.rc_context({"backend": "agg"}):
        for name, plot in (
            ("confusion_matrix", visualization.plot_confusion_matrix),
            ("calibration", visualization.plot_calibration),
        ):
            figure = plot(report).figure
            _save_figure(figure, folder / f"{name}_{report.split}.png")


def write_json(path: Path, value: dict):
    """Write beside, then rename."""
    _write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _check_free(folder, resume):
    if (folder / "recipe.json").exists() and not resume:
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
    return corpora


def _check_fit(recipe, model, corpus):
    shape, info = tuple(model.input_shape[1:]), corpus.info
    if len(corpus) < recipe.batch_size:
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


def _write_recipe(recipe, folder, init):
    described = {**recipe.to_json(), "init": str(init) if init else None}
    path = folder / "recipe.json"
    if path.exists():
        before = json.loads(path.read_text())["recipe"]
        changed = [
            name
            for name, value in described.items()
            if name not in ("paper", "cost") and before.get(name) != value
        ]
        if changed:
            raise RunError(
                f"{folder} holds a run of another recipe: {', '.join(changed)} "
                "differ. Name another folder"
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
    write_json(path, {"recipe": described, "environment": environment})


def _commit():
    """Commit of the checkout that the package lies in, if it lies in one."""
    source = Path(keras_fer.__file__).parent
    command = ["git", "-C", source, "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None


def _fit(recipe, model, corpora, folder, jit, verbose):
    classes = len(corpora["train"].info.classes)
    measures = [
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        metrics.BalancedAccuracy(classes),
        metrics.MacroF1(classes),
    ]
    model.compile(
        recipe.optimizer(), recipe.loss, metrics=measures, jit_compile=jit
    )
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
    import matplotlib

    with matplotlib.rc_context({"backend": "agg"}):
        axes = visualization.plot_history(history)
        _save_figure(axes[0].figure, folder / "history.png")


def _save_figure(figure, path):
    import matplotlib.pyplot as plt

    part = path.with_suffix(".part.png")
    figure.savefig(part, dpi=120)
    plt.close(figure)
    os.replace(part, path)


def _write_text(path, text):
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)

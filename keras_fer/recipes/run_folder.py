"""What lies in a run folder: written beside and renamed, read with care."""

import contextlib
import csv
import importlib.metadata
import io
import json
import os
import platform
import subprocess
import zipfile
from pathlib import Path

import filelock
import keras
import numpy as np

import keras_fer
import keras_fer.models  # registers the layers that `load` needs
from keras_fer import visualization

CHECKPOINTS = "checkpoints"


class RunError(ValueError):
    """A run cannot start, or its folder is not what it should be."""


def check_free(folder: Path, resume: bool):
    """Refuse a folder that holds a run, unless it is to go on.

    Raises:
        RunError: it holds one.
    """
    traces = ("recipe.json", CHECKPOINTS, "model.keras", "fold_*", "seed_*")
    if not resume and any(any(folder.glob(name)) for name in traces):
        raise RunError(
            f"{folder} holds a run already. Name another folder, or go on "
            "with --resume"
        )


def checkpointed(folder: Path) -> bool:
    """Tell whether a whole checkpoint has been written."""
    return any((folder / CHECKPOINTS).glob("*.npz"))


@contextlib.contextmanager
def locked(folder: Path):
    """Make the folder and keep other processes from training in it.

    Raises:
        RunError: another process trains there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout as error:
        raise RunError(f"{folder}: another process trains there") from error


def folds_in(folder: str | Path) -> list[Path]:
    """Folders of the finished folds of a run, in order of their numbers."""
    return _numbered(folder, "fold_")


def seeds_in(folder: str | Path) -> list[Path]:
    """Folders of a run's finished seeds, in order of their numbers."""
    return _numbered(folder, "seed_")


def singles(folder: Path) -> list[Path]:
    """Folders with a network: the run's own, or those of its seeds.

    Raises:
        RunError: a seed that is reported is not there.
    """
    seeds = seeds_in(folder)
    if seeds and (folder / "metrics.json").is_file():
        reported = read_result(folder)["seeds"]
        if len(seeds) != len(reported):
            raise RunError(
                f"{folder}: expected a network of each of its seeds, "
                f"{', '.join(map(str, reported))}. Received: "
                f"{', '.join(path.name for path in seeds)}"
            )
    return seeds or [folder]


def _numbered(folder, start):
    finished = (
        path.parent for path in Path(folder).glob(f"{start}*/metrics.json")
    )
    numbered = [p for p in finished if p.name.removeprefix(start).isdecimal()]
    return sorted(numbered, key=lambda path: int(path.name.removeprefix(start)))


def save(network: keras.Model, folder: Path):
    """Save the network of a run as `model.keras`."""
    part = folder / "model.part.keras"
    network.save(part)
    os.replace(part, folder / "model.keras")


def load(folder: str | Path) -> keras.Model:
    """Load the network of a run.

    Raises:
        RunError: there is no network in the folder, or it cannot be read.
    """
    path = Path(folder) / "model.keras"
    if not path.is_file():
        parts = folds_in(folder), seeds_in(folder)
        hints = [
            f". Each of its {kind} is a run: {', '.join(map(str, paths))}"
            for kind, paths in zip(("folds", "seeds"), parts, strict=True)
            if paths
        ]
        raise RunError(
            f"{folder}: no finished run, there is no model.keras"
            + "".join(hints)
        )
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


def untrained(network: keras.Model, count: int) -> list[keras.Model]:
    """Networks of the same architecture with random weights, seeds 0 and up."""
    networks = []
    for seed in range(count):
        keras.utils.set_random_seed(seed)
        networks.append(network.from_config(network.get_config()))
    return networks


def forget_networks():
    """Free the networks of a run; else each stays in memory."""
    policy = keras.config.dtype_policy()
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)


def check_settings(settings: dict, folder: Path):
    """Compare with the settings of the run in a folder, if there is one.

    Raises:
        RunError: the folder holds a run with other settings.
    """
    if not (folder / "recipe.json").exists():
        return
    changed = [
        name
        for name, value in read_settings(folder).items()
        if name not in ("paper", "cost") and settings.get(name) != value
    ]
    if changed:
        raise RunError(
            f"{folder} holds a run with other settings: {', '.join(changed)} "
            "differ. Name another folder"
        )


def write_settings(settings: dict, folder: Path):
    """Write `recipe.json`, or compare with it where it stands already.

    Raises:
        RunError: the folder holds a run with other settings.
    """
    check_settings(settings, folder)
    path = folder / "recipe.json"
    if path.exists():
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


def read_settings(folder: Path) -> dict:
    """Read the settings of a run from its `recipe.json`.

    Raises:
        RunError: it cannot be read.
    """
    path = folder / "recipe.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} cannot be read: {error!r}") from error


def data_of(folder: Path) -> dict:
    """What a run was trained on, as it was written down."""
    written = read_settings(folder)
    names = {"data_sha256", "classes"} & set(written)
    return {name: written[name] for name in names}


def read_result(folder: Path) -> dict:
    """Read the figures of a run from its `metrics.json`.

    Raises:
        RunError: it cannot be read.
    """
    return read_json(folder / "metrics.json")


def read_json(path: Path) -> dict:
    """Read plain values that a run wrote.

    Raises:
        RunError: they cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path} cannot be read: {error!r}") from error


def classes_of(folder: Path) -> list[str]:
    """Read the expressions of the corpus that a run was trained on.

    Raises:
        RunError: they cannot be read.
    """
    report = read_result(folder).get("val")
    if report is None:
        raise RunError(f"{folder}: holds no network of images with one corpus")
    return report.get("classes") or read_settings(folder)["classes"]


def read_exports(folder: Path, weights_sha256: str) -> list[dict]:
    """Read the reports of the exports of these weights, in order of names."""
    reports = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.parity.json"))
    )
    return [r for r in reports if r["weights_sha256"] == weights_sha256]


def read_compounds(folder: Path, weights_sha256: list[str]) -> dict | None:
    """Read what networks of these weights made of compounds, if asked."""
    path = folder / "compounds.json"
    if not path.is_file():
        return None
    summary = read_json(path)
    return summary if summary["weights_sha256"] == weights_sha256 else None


def write_history(history: list[dict], folder: Path):
    """Write `history.csv`, a row an epoch."""
    text = io.StringIO()
    rows = csv.DictWriter(text, list(history[0]), lineterminator="\n")
    rows.writeheader()
    rows.writerows(history)
    write_text(folder / "history.csv", text.getvalue())


def write_histories(name: str, paths: dict[int, Path], folder: Path):
    """Put the histories of several runs below each other, numbered."""
    history = []
    for number, path in paths.items():
        with open(path / "history.csv", newline="", encoding="utf-8") as file:
            history += [{name: number, **row} for row in csv.DictReader(file)]
    write_history(history, folder)


def draw_history(history: list[dict], folder: Path):
    """Draw `history.png`."""
    figure = new_figure((9, 3.6))
    visualization.plot_history(history, figure.subplots(1, 2))
    save_figure(figure, folder / "history.png")


def write_report(report, folder: str | Path):
    """Draw the figures of a report into a folder."""
    write_confusion(report, Path(folder))
    figure = new_figure((5.6, 5.2))
    visualization.plot_calibration(report, figure.subplots())
    path = Path(folder) / f"calibration_{report.split}.png"
    save_figure(figure, path)


def write_confusion(report, folder: Path):
    """Draw the confusion matrix of a report into a folder."""
    figure = new_figure((7.2, 6.4))
    visualization.plot_confusion_matrix(report, figure.subplots())
    save_figure(figure, folder / f"confusion_matrix_{report.split}.png")


def write_estimates(report, targets, answers, folder: str | Path):
    """Draw what was estimated against what it is, a panel a column."""
    figure = new_figure((4.6, 4.4))
    visualization.plot_estimates(report, targets, answers, figure)
    save_figure(figure, Path(folder) / f"estimates_{report.split}.png")


def write_answers(labels, named, split: str, folder: Path):
    """Keep the answers to each image, for comparisons between runs.

    Args:
        labels: `(N,)`, true classes.
        named: `(N,)`, or `(runs, N)`, classes that were named.
        split: name of the split.
        folder: where `answers_<split>.npz` is written.
    """
    path = folder / f"answers_{split}.npz"
    part = path.with_suffix(".npz.part")
    with open(part, "wb") as file:
        np.savez_compressed(
            file,
            labels=np.asarray(labels, np.uint8),
            named=np.asarray(named, np.uint8),
        )
    part.replace(path)


def read_answers(split: str, folder: Path):
    """Labels and named classes that `write_answers` kept.

    Raises:
        RunError: there are none.
    """
    path = Path(folder) / f"answers_{split}.npz"
    if not path.is_file():
        raise RunError(f"{folder}: holds no answers_{split}.npz")
    with np.load(path) as arrays:
        return arrays["labels"].astype(int), arrays["named"].astype(int)


def write_folds(report, folder: Path):
    """Draw the figures of a cross-validation into a folder."""
    write_confusion(report, folder)
    figure = new_figure((7.2, 3.6))
    visualization.plot_folds(report, figure.subplots())
    save_figure(figure, folder / f"folds_{report.split}.png")


def write_json(path: Path, value: dict):
    """Write plain values as JSON."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str):
    """Write beside, then rename."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


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


def new_figure(size):
    """A figure apart from pyplot, whose backend stays as the user has it."""
    import matplotlib.figure

    return matplotlib.figure.Figure(figsize=size, layout="constrained")


def save_figure(figure, path):
    """Write a figure beside, then rename."""
    part = path.with_suffix(".part.png")
    figure.savefig(part, dpi=120)
    os.replace(part, path)

"""The command line, `keras-fer`. Each command is a few lines over the rooms."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Facial expression recognition in Keras.",
)

SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out malformed images and say so."),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder that holds the corpora (default: $KERAS_FER_DATA)."
    ),
]


def main():
    """Run a command; wrong input ends in one line and exit code 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        # CorpusError and RunError are ValueErrors. Whoever wants to see where
        # an error comes from calls the library.
        line = " ".join(str(error).split())
        typer.echo(f"keras-fer: {line}", err=True)
        sys.exit(2)


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="See `keras-fer recipes`.")],
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder (default: runs/RECIPE).")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Train this many epochs instead; schedules keep length."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last whole epoch.")
    ] = False,
    init: Annotated[
        Path | None, typer.Option(help="Run whose weights are the first ones.")
    ] = None,
    skip_bad: SkipBad = False,
    devices: Annotated[
        int, typer.Option(help="GPUs that share each batch.")
    ] = 1,
    precision: Annotated[
        str | None,
        typer.Option(help="float32, mixed_bfloat16 or mixed_float16 instead."),
    ] = None,
    jit: Annotated[
        bool, typer.Option("--jit", help="Compile the training step with XLA.")
    ] = False,
):
    """Train, evaluate and write what came out of it."""
    import dataclasses

    _import_tensorflow_quietly()
    from keras_fer import recipes
    from keras_fer.recipes import run

    _log_to_stderr()
    chosen = recipes.get(recipe)
    overrides = {"epochs": epochs, "precision": precision}
    chosen = dataclasses.replace(
        chosen, **{k: v for k, v in overrides.items() if v is not None}
    )
    folder = run.train(
        chosen,
        out or Path("runs") / recipe,
        data_dir=data,
        resume=resume,
        init=init,
        skip_bad=skip_bad,
        jit=jit,
        devices=devices,
    )
    typer.echo((folder / "README.md").read_text(encoding="utf-8"))
    typer.echo(f"Written to {folder}")


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.")
    ],
    data: Data = None,
    split: Annotated[str, typer.Option(help="val or test.")] = "val",
    skip_bad: SkipBad = False,
):
    """Evaluate the network of a run on a split of its corpus."""
    _import_tensorflow_quietly()
    from keras_fer.recipes import run

    _log_to_stderr()
    report = run.evaluate(folder, split=split, data_dir=data, skip_bad=skip_bad)
    low, high = report.accuracy_interval
    typer.echo(
        f"{report.corpus} {report.split}, {report.samples} images: accuracy "
        f"{report.accuracy:.4f} [{low:.4f}, {high:.4f}], UAR {report.uar:.4f}, "
        f"macro F1 {report.macro_f1:.4f}, calibration error "
        f"{report.calibration_error:.4f}"
    )
    for name, recall in zip(report.classes, report.recall, strict=True):
        typer.echo(f"  recall {name:10s} {recall:.4f}")
    typer.echo(f"Written to {folder}")


@app.command(name="recipes")
def list_recipes():
    """List every experiment: the paper's figure, ours, and what it costs."""
    _import_tensorflow_quietly()
    from keras_fer.recipes import table

    typer.echo(table.markdown())


def _import_tensorflow_quietly():
    """Keep TensorFlow's notes on the machine off the terminal.

    Some come from its libraries before any setting is read, so the descriptor
    itself is turned away while they load. Errors come as exceptions all the
    same. Who sets TF_CPP_MIN_LOG_LEVEL sees everything.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow  # noqa: F401
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def _log_to_stderr():
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("keras-fer: %(message)s"))
    logger = logging.getLogger("keras_fer")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)

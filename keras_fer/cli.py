"""The command line, `keras-fer`. Each command is a few lines over the rooms."""

import contextlib
import functools
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

_SHOW_NATIVE_NOTES = "TF_CPP_MIN_LOG_LEVEL" in os.environ
_SHOWN = 10  # skipped files named on the terminal

SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out malformed images and say so."),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder that holds the corpora (default: $KERAS_FER_DATA), or "
        "one of your own: labels.csv or EXPRESSION/ or train/EXPRESSION/."
    ),
]
Crops = Annotated[
    bool,
    typer.Option("--crops", help="Pictures are face crops: do not detect."),
]
Every = Annotated[
    int, typer.Option(min=1, help="Of a video, use every so many frames.")
]


def main():
    """Run a command; wrong input ends in one line and exit code 2."""
    # Decoders print on their own what comes as one line anyway.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    try:
        app()
    except (ValueError, OSError) as error:
        # CorpusError and RunError are ValueErrors. Whoever wants to see where
        # an error comes from calls the library.
        line = " ".join(str(error).split())
        typer.echo(f"keras-fer: {line}", err=True)
        sys.exit(2)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Run folder.")] = Path("runs/demo"),
):
    """Draw faces, train on them, evaluate, export, predict a portrait."""
    _import_tensorflow_quietly()
    from keras_fer.recipes import demo as demonstration

    _log_to_stderr()
    result = demonstration.demo(out)
    low, high = result.accuracy_interval
    typer.echo(
        f"\nTrained on drawn faces; on those of other people it is right in "
        f"{100 * result.accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}].\n"
        "A photographed portrait:"
    )
    for name, face in result.answers.items():
        share = 100 * face.probabilities[face.expression]
        typer.echo(f"  {name:24s} {face.expression} {share:.0f} %")
    typer.echo(
        "Trust the second: it was trained on photographs. The first has seen "
        "nothing but drawings,\nand a network is to be trusted on pictures "
        "like those it was trained and tested on.\nWritten:"
    )
    for path in result.files:
        typer.echo(f"  {path}")


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="See `keras-fer recipes`.")],
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder (default: runs/RECIPE).")
    ] = None,
    fold: Annotated[
        list[int] | None,
        typer.Option(
            help="Of a recipe with folds, only this one (may be repeated)."
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Train this many epochs instead; schedules keep length."
        ),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            help="Another seed; of a recipe with seeds, only this one (may be "
            "repeated)."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last whole epoch.")
    ] = False,
    init: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|NAME", help="Run whose weights are the first ones."
        ),
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
    from keras_fer.datasets import folder as own_corpus
    from keras_fer.recipes import compact
    from keras_fer.recipes import cross_validation
    from keras_fer.recipes import repetition
    from keras_fer.recipes import run
    from keras_fer.recipes import siamese

    _log_to_stderr()
    chosen = recipes.get(recipe)
    out = out or Path("runs") / recipe
    whole = {
        recipes.CompactRecipe: compact.train,
        recipes.SiameseRecipe: siamese.train,
    }
    if type(chosen) in whole:
        given = {
            "--fold": fold,
            "--seed": seed,
            "--init": init,
            "--precision": precision,
        }
        given = any(value is not None for value in given.values())
        if given or jit or devices != 1:
            raise ValueError(
                f"{recipe} compares several networks: it takes --data, --out, "
                "--epochs, --resume and --skip-bad"
            )
        if epochs is not None:
            chosen = dataclasses.replace(chosen, epochs=epochs)
        folder = whole[type(chosen)](
            chosen, out, data_dir=data, resume=resume, skip_bad=skip_bad
        )
        _show_card(folder)
        return
    overrides = {"epochs": epochs, "precision": precision}
    chosen = dataclasses.replace(
        chosen, **{k: v for k, v in overrides.items() if v is not None}
    )
    if data and own_corpus.is_own(data):
        chosen = run.on_own_corpus(chosen, data, skip_bad=skip_bad)
    if seed and not chosen.seeds:
        if len(seed) > 1:
            raise ValueError(f"{recipe} has one run, and takes one --seed")
        chosen = dataclasses.replace(chosen, seed=seed[0])
    if fold and chosen.seeds:
        raise ValueError(f"{recipe} has seeds, not folds")
    if chosen.seeds:
        start = functools.partial(repetition.repeat, seeds=seed)
    elif chosen.folds or fold:
        start = functools.partial(cross_validation.cross_validate, folds=fold)
    else:
        start = run.train
    folder = start(
        chosen,
        out,
        data_dir=data,
        resume=resume,
        init=init,
        skip_bad=skip_bad,
        jit=jit,
        devices=devices,
    )
    _show_card(folder)


def _show_card(folder):
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
    if hasattr(report, "ccc"):
        for k, column in enumerate(report.columns):
            low, high = report.ccc_interval[k]
            sagr = report.sagr[k]
            signs = "" if sagr is None else f", SAGR {sagr:.4f}"
            typer.echo(
                f"{report.corpus} {report.split}, {report.samples} images: "
                f"{column} CCC {report.ccc[k]:.4f} [{low:.4f}, {high:.4f}], "
                f"RMSE {report.rmse[k]:.4f}{signs}"
            )
        typer.echo(f"Written to {folder}")
        return
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


@app.command()
def export(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.")
    ],
    format: Annotated[str, typer.Option(help="saved-model, tflite or onnx.")],
    quantize: Annotated[
        str, typer.Option(help="Of tflite: none, float16, dynamic or int8.")
    ] = "none",
    data: Data = None,
    skip_bad: SkipBad = False,
):
    """Export the network of a run and prove that it answers the same."""
    _import_tensorflow_quietly()
    from keras_fer import recipes
    from keras_fer.recipes import compact_network
    from keras_fer.recipes import run
    from keras_fer.recipes import run_folder

    _log_to_stderr()
    recipe = recipes.get(run_folder.read_settings(folder)["name"])
    heads = isinstance(recipe, recipes.CompactRecipe)
    report = (compact_network if heads else run).export(
        folder, format, quantize=quantize, data_dir=data, skip_bad=skip_bad
    )
    typer.echo(
        f"{report.file}, {report.bytes / 1e6:.2f} MB, on all {report.images} "
        f"images of {report.corpus} {report.split}: probabilities differ by up "
        f"to {report.max_difference:.1e} (worst image: "
        f"{report.worst_image['name']}), {100 * report.agreement:.2f} % same "
        f"answer, accuracy {100 * report.accuracy_exported:.2f} % "
        f"({100 * report.accuracy_change:+.2f} points)"
    )
    for kind, difference in (report.encoded or {}).items():
        typer.echo(f"  serve_images, {kind}: up to {difference:.1e}")
    typer.echo(f"Written to {folder}")


@app.command()
def predict(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IMAGE|FOLDER|VIDEO|CAMERA]...",
            help="Default: a portrait that comes with matplotlib.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|RUN|FILE",
            help="Network that comes with the package, run folder or .tflite.",
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="JSON Lines: an object a picture or frame."
        ),
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="CSV: a row a face.")
    ] = False,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Copies with boxes and expressions."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="File of --json, --csv; folder of --annotate."),
    ] = None,
    crops: Crops = False,
    every: Every = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with --out after a stop.")
    ] = False,
):
    """Find faces and name their expressions in pictures and videos."""
    from keras_fer import inference

    chosen = [n for n, on in (("json", json), ("csv", csv)) if on]
    if len(chosen) + annotate > 1:
        raise ValueError("choose one of --json, --csv and --annotate")
    if out and not (chosen or annotate):
        raise ValueError("--out needs --json, --csv or --annotate")
    if resume and not (out or annotate):
        raise ValueError("--resume needs --out")
    media = inference.find_media(sources or [inference.sample_picture()])
    recognizer = _load_recognizer(model or inference.DEFAULT)
    if annotate:
        out = out or Path("annotated")
        sink = inference.AnnotatedFolder(out, media, every=every, resume=resume)
    elif out:
        sink = inference.RecordFile(
            out,
            *chosen,
            recognizer.classes,
            _settings(recognizer, crops, every),
            resume,
        )
    else:
        sink = inference.Screen(
            *chosen or ["text"], recognizer.classes, sys.stdout
        )
    _answer(recognizer, media, sink, crops, every, out)


@app.command()
def embed(
    sources: Annotated[
        list[str], typer.Argument(metavar="IMAGE|FOLDER|VIDEO|CAMERA...")
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|RUN|FILE",
            help="Exported network with a head `embedding`.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="File, .csv or .npz (default: CSV on the screen)."),
    ] = None,
    crops: Crops = False,
    every: Every = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with --out after a stop.")
    ] = False,
):
    """Find faces and write their embeddings, such as CAKE's three numbers."""
    from keras_fer import inference

    if out and out.suffix not in (".csv", ".npz"):
        raise ValueError(f"--out must end in .csv or .npz. Received: {out}")
    if resume and not out:
        raise ValueError("--resume needs --out")
    media = inference.find_media(sources)
    recognizer = _load_recognizer(model)
    dimensions = recognizer.check_embeds()
    if out:
        sink = inference.RecordFile(
            out,
            out.suffix[1:],
            recognizer.classes,
            _settings(recognizer, crops, every),
            resume,
            dimensions,
        )
    else:
        sink = inference.Screen(
            "csv", recognizer.classes, sys.stdout, dimensions
        )
    _answer(recognizer, media, sink, crops, every, out)


def _load_recognizer(model):
    from keras_fer import inference

    with _native_notes_hidden():
        return inference.Recognizer.from_pretrained(model)


def _settings(recognizer, crops, every):
    """What answers depend on, besides the pictures."""
    info = recognizer.network.info.to_json()
    return {"network": info, "crops": crops, "every": every}


def _answer(recognizer, media, sink, crops, every, out):
    """Hand the answers for all media on, and say what was done."""
    from keras_fer import inference

    _log_to_stderr()
    with sink:
        summary = inference.predict_media(
            recognizer, media, sink, detect=not crops, every=every
        )
    _summarize(summary, media, out)


@app.command()
def figures(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.")
    ],
    show: Annotated[
        str,
        typer.Option(
            help="filters: what they look for, and which action units; "
            "attention: where the network looks; embedding: t-SNE; map: who is "
            "named what in the plane of a compact embedding; compounds: what "
            "mixtures of basic expressions are named; slopes: those of runs "
            "beside it; latents: what a generative model's hold, and walks "
            "along them."
        ),
    ] = "filters",
    data: Data = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="train, val or test (default of filters: train, of attention: "
            "val; embedding: all)."
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            help="Default: the last convolution, or the layer named as SHOW."
        ),
    ] = None,
    permutations: Annotated[
        int | None,
        typer.Option(min=100, help="Of filters, for each null model."),
    ] = None,
    skip_bad: SkipBad = False,
):
    """Show what a network learned, beside what chance would do."""
    import json

    _import_tensorflow_quietly()
    from keras_fer.recipes import attention_figures
    from keras_fer.recipes import compound_figures
    from keras_fer.recipes import embedding_figures
    from keras_fer.recipes import emotion_map_figures
    from keras_fer.recipes import filter_figures
    from keras_fer.recipes import latent_figures

    _log_to_stderr()
    draws = {
        "filters": (
            filter_figures.draw_filters,
            ("layer", "split", "permutations"),
        ),
        "attention": (attention_figures.draw_attention, ("layer", "split")),
        "embedding": (embedding_figures.draw_embedding, ("layer",)),
        "map": (emotion_map_figures.draw_emotion_maps, ()),
        "compounds": (compound_figures.name_compounds, ()),
        "slopes": (compound_figures.draw_slopes, ()),
        "latents": (latent_figures.draw_latents, ()),
    }
    if show not in draws:
        raise ValueError(
            f"--show must be one of {', '.join(draws)}. Received: {show}"
        )
    draw, known = draws[show]
    options = {"layer": layer, "split": split, "permutations": permutations}
    options = {k: v for k, v in options.items() if v is not None}
    for name in options:
        if name not in known:
            raise ValueError(f"--show {show} takes no --{name}")
    summary = draw(folder, data_dir=data, skip_bad=skip_bad, **options)
    typer.echo(json.dumps(summary, indent=1))
    typer.echo(f"Written to {folder}")


@app.command()
def audit(
    corpus: Annotated[str, typer.Argument(help="fer2013, ck_plus, …")],
    data: Data = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Argument of the loader, e.g. layout=crops (repeatable).",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder (default: runs/audit_CORPUS).")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 where splits leak."),
    ] = False,
):
    """Find leaks, duplicates, conflicting labels and blank images."""
    _import_tensorflow_quietly()
    from keras_fer.recipes import audit as auditing

    _log_to_stderr()
    out = out or Path("runs") / f"audit_{corpus}"
    report = auditing.audit(corpus, out, data_dir=data, **_parse(option))
    typer.echo(auditing.summary(report))
    typer.echo(f"Written to {out}")
    if strict and report.leaks:
        raise typer.Exit(1)


@app.command()
def prepare(
    folder: Annotated[Path, typer.Argument(help="Pictures, at any depth.")],
    out: Annotated[Path, typer.Option(help="Folder for the crops.")],
    detector: Annotated[
        str, typer.Option(help="haar, or mtcnn: slower, with landmarks.")
    ] = "haar",
    size: Annotated[int, typer.Option(help="Side in pixels.")] = 96,
    gray: Annotated[
        bool, typer.Option("--gray", help="One channel instead of three.")
    ] = False,
    align: Annotated[
        str | None,
        typer.Option(help="similarity or affine, by the landmarks."),
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Wider than the box, as a share.")
    ] = None,
    choose: Annotated[
        str, typer.Option(help="Of several faces: largest, one (none), all.")
    ] = "largest",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes (default: cores).")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after a stop.")
    ] = False,
):
    """Find, align and crop the faces of a folder of photographs."""
    from keras_fer import datasets

    _log_to_stderr()
    if detector == "mtcnn":
        _import_tensorflow_quietly()
    given = {} if margin is None else {"margin": margin}
    preparation = datasets.Preparation(
        detector=detector,
        size=size,
        channels=1 if gray else 3,
        align=align,
        choose=choose,
        **given,
    )
    if workers is None:  # MTCNN uses all cores anyway
        workers = 1 if detector == "mtcnn" else os.cpu_count()
    counts = datasets.prepare(
        folder, out, preparation, workers=workers, resume=resume
    )
    found = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    typer.echo(f"{found}. Each file: {out / 'prepare.csv'}")


def _parse(options):
    """Arguments of a loader as they are typed: numbers, words, null."""
    import json

    parsed = {}
    for option in options or ():
        name, sign, value = option.partition("=")
        if not sign:
            raise ValueError(
                f"expected --option NAME=VALUE. Received: {option}"
            )
        try:
            parsed[name] = json.loads(value)
        except ValueError:
            parsed[name] = value
    return parsed


@app.command(name="recipes")
def list_recipes():
    """List every experiment: the paper's figure, ours, and what it costs."""
    _import_tensorflow_quietly()
    from keras_fer.recipes import table

    typer.echo(table.markdown())


def _import_tensorflow_quietly():
    """Keep TensorFlow's notes on the machine off the terminal."""
    if not _SHOW_NATIVE_NOTES:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with _native_notes_hidden():
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def _native_notes_hidden():
    """Turn away what libraries write to the terminal past Python.

    Some do so before any setting is read, so the descriptor itself is turned
    away. Errors come as exceptions all the same. Who sets
    TF_CPP_MIN_LOG_LEVEL sees everything.
    """
    if _SHOW_NATIVE_NOTES:
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def _summarize(summary, media, out):
    """Say on standard error what was done and what was not."""
    if summary.errors and not summary.sources and not summary.before:
        others = len(summary.errors) - 1
        more = f" (and {others} more like it)" if others else ""
        raise ValueError(summary.errors[0] + more)
    if len(media) > 1 or out:
        done = f", {summary.before} done before" if summary.before else ""
        logging.getLogger("keras_fer").info(
            "%d of %d files, %d faces%s%s%s",
            summary.sources,
            len(media),
            summary.faces,
            done,
            f", {len(summary.errors)} skipped" if summary.errors else "",
            f". Written to {out}" if out else "",
        )
        for error in summary.errors[:_SHOWN]:
            logging.getLogger("keras_fer").info("skipped %s", error)
        if len(summary.errors) > _SHOWN:
            logging.getLogger("keras_fer").info(
                "and %d more", len(summary.errors) - _SHOWN
            )


def _log_to_stderr():
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("keras-fer: %(message)s"))
    logger = logging.getLogger("keras_fer")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)

"""Everything once, on faces that are drawn: what `keras-fer demo` does."""

import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import inference
from keras_fer import recipes
from keras_fer import visualization
from keras_fer.datasets import procedural
from keras_fer.faces import read_image
from keras_fer.recipes import run
from keras_fer.recipes import run_folder

NAME = "zero_bias_cnn_procedural_demo"
_PEOPLE = 6


@dataclasses.dataclass(frozen=True, kw_only=True)
class DemoResult:
    """What a demo made.

    Args:
        folder: where it lies.
        accuracy: of the network just trained, on faces of other people, test.
        accuracy_interval: its 95 % interval.
        answers: for each network its answer for the portrait, a `Face`.
        files: what was written.
    """

    folder: Path
    accuracy: float
    accuracy_interval: tuple[float, float]
    answers: dict[str, inference.Face]
    files: tuple[Path, ...]


def demo(folder: str | Path, *, verbose="auto") -> DemoResult:
    """Draw faces, train, evaluate, export, and predict a portrait.

    The portrait is shown to the network just trained, which has seen nothing
    but drawings, and to the one that comes with the package.

    Args:
        folder: run folder; a demo that lies there is gone on with.
        verbose: as in `keras.Model.fit`.

    Example:

    >>> from keras_fer.recipes import demo
    >>> demo.demo("runs/demo").answers.keys()  # doctest: +SKIP
    dict_keys(['this demo', 'zero_bias_cnn_fer2013'])
    """
    folder = run.train(recipes.get(NAME), folder, resume=True, verbose=verbose)
    run.export(folder, "tflite")
    run_folder.save_figure(_sheet(), folder / "faces.png")

    picture = inference.sample_picture()
    answers = {}
    for name, place in (
        ("this demo", folder),
        (inference.DEFAULT, inference.DEFAULT),
    ):
        recognizer = inference.Recognizer.from_pretrained(place)
        (answers[name],) = recognizer.recognize(picture)
    figure = run_folder.new_figure((10, 4.6))
    visualization.plot_answers(
        inference.annotate(read_image(picture), [answers[inference.DEFAULT]]),
        {name: face.probabilities for name, face in answers.items()},
        figure.subplots(1, 2),
    )
    run_folder.save_figure(figure, folder / "portrait.png")
    report = run_folder.read_result(folder)["test"]
    return DemoResult(
        folder=folder,
        accuracy=report["accuracy"],
        accuracy_interval=tuple(report["accuracy_interval"]),
        answers=answers,
        files=tuple(sorted(folder.glob("[!.]*.*"))),
    )


def _sheet():
    """Each expression of the corpus, as several people show it."""
    names = procedural.INFO.classes
    labels = np.repeat(np.arange(len(names)), _PEOPLE)
    people = 2_000_000 + np.arange(len(labels))
    faces, _ = procedural.draw_faces(labels, people)
    images = procedural.render(faces, 96, channels=3)
    images = images.reshape(len(names), _PEOPLE, *images.shape[1:])
    return visualization.plot_faces(
        images.swapaxes(0, 1),
        [""] * _PEOPLE,
        names,
        "Procedural faces: eight expressions, six people each",
        run_folder.new_figure((9, 6.6)),
    )

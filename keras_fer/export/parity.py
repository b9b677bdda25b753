"""Proof that an exported network answers as the original does."""

import contextlib
import dataclasses
import json
import os
import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np

from keras_fer import visualization
from keras_fer.datasets.corpus import Corpus
from keras_fer.export import serving

# What may change: the largest difference of a probability, or, where weights
# are rounded, the accuracy on the split.
_MAX_DIFFERENCE = {"saved-model": 1e-5, "tflite": 1e-4, "onnx": 1e-4}
_BATCH = 256
_MAX_ACCURACY_CHANGE = {"float16": 0.002, "dynamic": 0.005, "int8": 0.01}


class ExportError(ValueError):
    """A network cannot be exported, or the export answers otherwise."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParityReport:
    """How an exported network compares with the original on a whole split.

    Both get the same pixels. A difference is that of a probability.

    Args:
        file: name of the exported file or folder.
        format: `"saved-model"`, `"tflite"` or `"onnx"`.
        quantize: `"none"`, `"float16"`, `"dynamic"` or `"int8"`.
        bytes: size of the file or folder.
        corpus: name of the corpus.
        split: name of the split.
        weights_sha256: hash of the original's weights.
        images: number of images, all of the split.
        max_difference: largest difference over all images and classes.
        mean_difference: mean over the images of their largest difference.
        difference_percentiles: of the images' largest differences, 0 to 100.
        agreement: share of images whose most probable class is the same.
        accuracy_original: share of images that the original names rightly.
        accuracy_exported: the same of the export.
        max_difference_allowed: threshold, where it is on the difference.
        accuracy_change_allowed: threshold, where it is on the accuracy.
        worst_image: name of the image with the largest difference, its
            expression, and both networks' probabilities.
        encoded: of a SavedModel, the largest difference between `serve_images`
            on files and `serve` on pixels: `"png"` for the crops as PNG, held
            to the same threshold, `"jpeg"` for JPEG files as TensorFlow and
            as OpenCV decode them, which is not bounded.
    """

    file: str
    format: str
    quantize: str
    bytes: int
    corpus: str
    split: str
    weights_sha256: str
    images: int
    max_difference: float
    mean_difference: float
    difference_percentiles: tuple[float, ...]
    agreement: float
    accuracy_original: float
    accuracy_exported: float
    max_difference_allowed: float | None
    accuracy_change_allowed: float | None
    worst_image: dict
    encoded: dict | None = None

    @property
    def accuracy_change(self) -> float:
        """Accuracy of the export less that of the original."""
        return self.accuracy_exported - self.accuracy_original

    def to_json(self) -> dict:
        """The figures as plain dicts and lists."""
        return dataclasses.asdict(self)

    def check(self):
        """Refuse an export that is beyond its threshold.

        Raises:
            ExportError: it is; the message names the worst image.
        """
        differences = {
            "probabilities": self.max_difference,
            "probabilities of PNG files": (self.encoded or {}).get("png", 0),
        }
        for what, difference in differences.items():
            allowed = self.max_difference_allowed
            # A probability that is no number is beyond any threshold.
            if allowed is not None and not difference <= allowed:
                raise ExportError(
                    f"{self.file}: {what} differ by up to {difference:.2g} "
                    f"from the original's, {allowed:.0e} is allowed; worst "
                    f"image: {self.worst_image['name']}"
                )
        allowed = self.accuracy_change_allowed
        if allowed is not None and not abs(self.accuracy_change) <= allowed:
            raise ExportError(
                f"{self.file}: accuracy on {self.corpus} {self.split} changes "
                f"by {100 * self.accuracy_change:+.2f} points, "
                f"{100 * allowed:.1f} are allowed; worst image: "
                f"{self.worst_image['name']}"
            )


def check_fit(model: keras.Model, corpus: Corpus):
    """Refuse a network and a corpus that do not fit.

    Raises:
        ValueError: images or number of classes differ, or there is no head of
            logits.
    """
    shape = tuple(model.input_shape[1:])
    if corpus.images.shape[1:] != shape:
        raise ValueError(
            f"the network takes images of shape {shape}, those of "
            f"{corpus.info.name} are {corpus.images.shape[1:]}"
        )
    classes = serving.serving_model(model).output["probabilities"].shape[-1]
    if classes != len(corpus.info.classes):
        raise ValueError(
            f"the network names {classes} classes, {corpus.info.name} has "
            f"{len(corpus.info.classes)}"
        )


def original_probabilities(model: keras.Model, corpus: Corpus) -> np.ndarray:
    """Run the network itself over a split, on the pixels that exports get."""
    logits = []
    for start in range(0, len(corpus), _BATCH):
        pixels = corpus.images[start : start + _BATCH].astype("float32")
        outputs = model.predict_on_batch(pixels)
        logits.append(
            outputs["logits"] if isinstance(outputs, dict) else outputs
        )
    logits = np.concatenate(logits)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def compare(
    model: keras.Model,
    answers: np.ndarray,
    corpus: Corpus,
    *,
    file: Path,
    path: Path,
    format: str,
    quantize: str = "none",
    encoded: dict | None = None,
) -> ParityReport:
    """Set an export's answers over a whole split beside the original's.

    Args:
        model: the network.
        answers: the export's probabilities for the same pixels.
        corpus: the split.
        file: what was exported.
        path: where it goes.
        format: `"saved-model"`, `"tflite"` or `"onnx"`.
        quantize: how its weights are rounded.
        encoded: what `serve_images` of a SavedModel makes of files.
    """
    original = original_probabilities(model, corpus)
    differences = np.abs(answers - original).max(axis=1)
    # argmax takes a nan for the largest.
    worst = int(differences.argmax())
    labels = corpus.labels["expression"]
    classes = corpus.info.classes
    rounded = quantize in _MAX_ACCURACY_CHANGE
    return ParityReport(
        file=path.name,
        format=format,
        quantize=quantize,
        bytes=size_of(file),
        corpus=corpus.info.name,
        split=corpus.split,
        weights_sha256=serving.weights_sha256(model),
        images=len(corpus),
        max_difference=float(differences[worst]),
        mean_difference=float(differences.mean()),
        difference_percentiles=tuple(
            np.percentile(differences, range(101)).tolist()
        ),
        agreement=float(np.mean(answers.argmax(1) == original.argmax(1))),
        accuracy_original=float(np.mean(original.argmax(1) == labels)),
        accuracy_exported=float(np.mean(answers.argmax(1) == labels)),
        max_difference_allowed=None if rounded else _MAX_DIFFERENCE[format],
        accuracy_change_allowed=_MAX_ACCURACY_CHANGE.get(quantize),
        worst_image={
            "name": corpus.names[worst],
            "expression": classes[labels[worst]],
            "original": dict(
                zip(classes, original[worst].tolist(), strict=True)
            ),
            "exported": dict(
                zip(classes, answers[worst].tolist(), strict=True)
            ),
        },
        encoded=encoded,
    )


@contextlib.contextmanager
def staging(path: Path):
    """A folder beside `path` that is gone afterwards, whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".export-", dir=path.parent
    ) as folder:
        yield Path(folder)


def publish(made: Path, path: Path, report: ParityReport):
    """Check a report, then put the export and its report in their places.

    Args:
        made: the file or folder, in a `staging` of `path`.
        path: where it goes. `<path>.parity.json` and `.png` stand beside it.
        report: its report.

    Raises:
        ExportError: the export is beyond its threshold.
    """
    report.check()
    text = json.dumps(report.to_json(), indent=1, ensure_ascii=False)
    written = made.parent / "parity.json"
    written.write_text(text + "\n", encoding="utf-8")
    drawn = made.parent / "parity.png"
    _draw(report, drawn)
    if path.is_dir():
        shutil.move(path, made.parent / "before")
    os.replace(made, path)
    os.replace(written, path.with_name(f"{path.name}.parity.json"))
    os.replace(drawn, path.with_name(f"{path.name}.parity.png"))


def _draw(report, path):
    import matplotlib.figure

    # Apart from pyplot, whose backend stays as the user has it.
    figure = matplotlib.figure.Figure(figsize=(10, 4), layout="constrained")
    visualization.plot_parity(report, figure.subplots(1, 2))
    figure.savefig(path, dpi=120)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())

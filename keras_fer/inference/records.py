"""Answers as text or arrays: JSON Lines, CSV and npz, on screen or in files."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer.faces import InputError

FORMATS = ("json", "csv", "npz")

_COLUMNS = (
    "source",
    "frame",
    "seconds",
    "face",
    "left",
    "top",
    "width",
    "height",
    "score",
    "expression",
)


def csv_header(classes: Sequence[str], dimensions: int = 0) -> str:
    """First line of a CSV: what, where, and a column for each expression.

    Args:
        classes: expressions in the order of their columns.
        dimensions: size of the embedding, which has columns of its own.

    Example:

    >>> from keras_fer.inference import records
    >>> records.csv_header(["fear"], 2).split(",")[-4:]
    ['fear', 'embedding_1', 'embedding_2', 'error\\n']
    """
    numbers = [f"embedding_{k + 1}" for k in range(dimensions)]
    return _line([*_COLUMNS, *classes, *numbers, "error"])


def csv_rows(record: dict, classes: Sequence[str], dimensions: int = 0) -> str:
    """Lines of one answer: a row a face; without a face one row.

    Args:
        record: `Answer.to_json()`.
        classes: expressions in the order of their columns.
        dimensions: size of the embedding.

    Example:

    >>> from keras_fer.inference import records
    >>> records.csv_rows({"source": "a.jpg", "faces": []}, ["anger", "fear"])
    'a.jpg,,,,,,,,,,,,\\n'
    """
    start = [record["source"], record.get("frame"), record.get("seconds")]
    blank = len(_COLUMNS) - len(start) + len(classes) + dimensions
    rows = [
        _line(
            [
                *start,
                number,
                *(face["box"] or [None] * 4),
                face["score"],
                face["expression"],
                *(face["probabilities"][name] for name in classes),
                *(face["embedding"] if dimensions else ()),
                None,
            ]
        )
        for number, face in enumerate(record.get("faces", ()))
    ]
    return "".join(rows) or _line(
        [*start, *[None] * blank, record.get("error")]
    )


class RecordFile:
    """A file of answers that grows beside its place and can be gone on with.

    While it grows it is JSON Lines, one object a picture or frame, in
    `.NAME.<hash>.part`; the hash is that of the settings, so that answers of
    two networks never meet in one file. `close` turns it into what was asked
    for.

    Args:
        path: the file to make.
        format: `"json"` (JSON Lines), `"csv"`, or `"npz"`: arrays with a row a
            face, `embedding` (float32), `probabilities` (float32), `source`,
            `frame` and `box` (-1 where there is none), and `classes`.
        classes: expressions in the order of their CSV columns.
        settings: what the answers depend on besides the pictures, as plain
            values.
        resume: go on with what an earlier call left.
        dimensions: size of the embedding, 0 to leave it out; `"npz"` needs it.

    Raises:
        InputError: the file exists already, or was begun and `resume` is not
            set.
    """

    def __init__(
        self,
        path: str | Path,
        format: str,
        classes: Sequence[str],
        settings: dict,
        resume: bool = False,
        dimensions: int = 0,
    ):
        if format not in FORMATS or (format == "npz" and not dimensions):
            raise ValueError(
                f"`format` must be one of {FORMATS}, npz with `dimensions`. "
                f"Received: {format!r}, dimensions={dimensions}"
            )
        self._dimensions = dimensions
        self._path = Path(path)
        self._format, self._classes = format, tuple(classes)
        if self._path.exists():
            raise InputError(
                f"{path} exists already. Name another file, or delete it"
            )
        text = json.dumps([self._classes, dimensions, settings], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:8]
        self._part = self._path.with_name(f".{self._path.name}.{name}.part")
        if self._part.exists() and not resume:
            raise InputError(
                f"{path} was begun before. Go on with --resume, or delete "
                f"{self._part}"
            )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._done = set()
        keep = self._read_part() if resume and self._part.exists() else 0
        self._file = open(self._part, "ab")
        self._file.truncate(keep)

    def has(self, source: str) -> bool:
        """Tell whether the answers of a source are in the file already."""
        return source in self._done

    def write(self, answer):
        """Add the answer of one picture or frame; it survives a kill."""
        record = answer.to_json(embedding=self._dimensions > 0)
        self._file.write(json_line(record).encode())
        self._file.flush()

    def close(self):
        """Finish: the file takes its place."""
        self._file.close()
        if self._format == "json":
            os.replace(self._part, self._path)
            return
        beside = self._path.with_name(f".{self._path.name}.{self._format}.part")
        with open(self._part, encoding="utf-8") as lines:
            write = (
                self._write_csv if self._format == "csv" else self._write_npz
            )
            write(map(json.loads, lines), beside)
        os.replace(beside, self._path)
        self._part.unlink()

    def _write_csv(self, records, path):
        columns = self._classes, self._dimensions
        with open(path, "w", encoding="utf-8", newline="") as table:
            table.write(csv_header(*columns))
            for record in records:
                table.write(csv_rows(record, *columns))

    def _write_npz(self, records, path):
        faces = [(r, face) for r in records for face in r.get("faces", ())]
        embedding = [face["embedding"] for _, face in faces]
        shares = [
            [face["probabilities"][name] for name in self._classes]
            for _, face in faces
        ]
        boxes = [face["box"] or [-1] * 4 for _, face in faces]
        with open(path, "wb") as file:
            np.savez(
                file,
                embedding=np.float32(embedding).reshape(
                    len(faces), self._dimensions
                ),
                probabilities=np.float32(shares).reshape(
                    len(faces), len(self._classes)
                ),
                source=np.array([r["source"] for r, _ in faces], str),
                frame=np.array([r.get("frame", -1) for r, _ in faces], int),
                box=np.array(boxes, int).reshape(len(faces), 4),
                classes=np.array(self._classes),
            )

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        else:
            self._file.close()

    def _read_part(self):
        """Note what is done; the number of bytes to keep.

        What follows a line that was cut off or damaged goes, and so does a
        last video: nobody can tell whether all its frames are there.
        """
        start = position = 0
        record = {"source": None}
        with open(self._part, "rb") as lines:
            for line in lines:
                try:
                    before, record = record, json.loads(line)
                except ValueError:
                    break
                if not isinstance(record, dict) or "source" not in record:
                    record = before
                    break
                if record["source"] != before["source"]:
                    start = position
                    self._done.add(record["source"])
                position += len(line)
        if "frame" not in record:
            return position
        self._done.remove(record["source"])
        return start


class Screen:
    """Answers as they come, on standard output.

    Args:
        format: `"text"`, `"json"` (JSON Lines) or `"csv"`.
        classes: expressions in the order of their CSV columns.
        stream: where to write.
        dimensions: size of the embedding, 0 to leave it out.

    Attributes:
        is_terminal: a user sees the answers as they come.
    """

    def __init__(
        self, format: str, classes: Sequence[str], stream, dimensions: int = 0
    ):
        self._format, self._stream = format, stream
        self._classes, self._dimensions = classes, dimensions
        self.is_terminal = stream.isatty()
        if format == "csv":
            stream.write(csv_header(classes, dimensions))

    def has(self, source: str) -> bool:
        """Nothing is on the screen from before."""
        return False

    def write(self, answer):
        """Show one answer."""
        record = answer.to_json(embedding=self._dimensions > 0)
        if self._format == "json":
            self._stream.write(json_line(record))
        elif self._format == "csv":
            self._stream.write(
                csv_rows(record, self._classes, self._dimensions)
            )
        elif answer.error is None:  # errors are in the summary
            self._stream.write(_text(answer))
        self._stream.flush()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        pass


def json_line(record: dict) -> str:
    """One answer as one line of JSON."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def _line(values):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _text(answer):
    where = answer.source
    if answer.frame is not None:
        where += f" {answer.seconds:.2f} s"
    count = len(answer.faces)
    lines = [f"{where}: {count or 'no'} face{'s' * (count != 1)}"]
    for face in answer.faces:
        shares = sorted(face.probabilities.items(), key=lambda item: -item[1])
        names = ", ".join(f"{name} {100 * p:.1f} %" for name, p in shares)
        if face.box:
            left, top, width, height = face.box
            names += f" ({width}×{height} at {left}, {top})"
        lines.append(f"  {names}")
    return "\n".join(lines) + "\n"

"""Answers as text: JSON Lines and CSV, on the screen or in a file."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from keras_fer.faces import InputError

FORMATS = ("json", "csv")

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


def csv_header(classes: Sequence[str]) -> str:
    """First line of a CSV: what, where, and a column for each expression."""
    return _line([*_COLUMNS, *classes, "error"])


def csv_rows(record: dict, classes: Sequence[str]) -> str:
    """Lines of one answer: a row a face; without a face one row.

    Args:
        record: `Answer.to_json()`.
        classes: expressions in the order of their columns.

    Example:

    >>> from keras_fer.inference import records
    >>> records.csv_rows({"source": "a.jpg", "faces": []}, ["anger", "fear"])
    'a.jpg,,,,,,,,,,,,\\n'
    """
    start = [record["source"], record.get("frame"), record.get("seconds")]
    blank = [None] * (len(_COLUMNS) - len(start) + len(classes))
    rows = [
        _line(
            [
                *start,
                number,
                *(face["box"] or [None] * 4),
                face["score"],
                face["expression"],
                *(face["probabilities"][name] for name in classes),
                None,
            ]
        )
        for number, face in enumerate(record.get("faces", ()))
    ]
    return "".join(rows) or _line([*start, *blank, record.get("error")])


class RecordFile:
    """A file of answers that grows beside its place and can be gone on with.

    While it grows it is JSON Lines, one object a picture or frame, in
    `.NAME.<hash>.part`; the hash is that of the settings, so that answers of
    two networks never meet in one file. `close` turns it into what was asked
    for.

    Args:
        path: the file to make.
        format: `"json"` (JSON Lines) or `"csv"`.
        classes: expressions in the order of their CSV columns.
        settings: what the answers depend on besides the pictures, as plain
            values.
        resume: go on with what an earlier call left.

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
    ):
        if format not in FORMATS:
            raise ValueError(
                f"`format` must be one of {FORMATS}. Received: {format!r}"
            )
        self._path = Path(path)
        self._format, self._classes = format, tuple(classes)
        if self._path.exists():
            raise InputError(
                f"{path} exists already. Name another file, or delete it"
            )
        text = json.dumps([self._classes, settings], sort_keys=True)
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
        self._file.write(json_line(answer.to_json()).encode())
        self._file.flush()

    def close(self):
        """Finish: the file takes its place."""
        self._file.close()
        if self._format == "json":
            os.replace(self._part, self._path)
            return
        beside = self._path.with_name(f".{self._path.name}.csv.part")
        with (
            open(self._part, encoding="utf-8") as lines,
            open(beside, "w", encoding="utf-8", newline="") as table,
        ):
            table.write(csv_header(self._classes))
            for line in lines:
                table.write(csv_rows(json.loads(line), self._classes))
        os.replace(beside, self._path)
        self._part.unlink()

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

    Attributes:
        is_terminal: a user sees the answers as they come.
    """

    def __init__(self, format: str, classes: Sequence[str], stream):
        self._format, self._classes, self._stream = format, classes, stream
        self.is_terminal = stream.isatty()
        if format == "csv":
            stream.write(csv_header(classes))

    def has(self, source: str) -> bool:
        """Nothing is on the screen from before."""
        return False

    def write(self, answer):
        """Show one answer."""
        record = answer.to_json()
        if self._format == "json":
            self._stream.write(json_line(record))
        elif self._format == "csv":
            self._stream.write(csv_rows(record, self._classes))
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

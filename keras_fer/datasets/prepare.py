"""From a folder of photographs to a folder of face crops."""

import collections
import concurrent.futures
import csv
import dataclasses
import functools
import hashlib
import io
import json
import multiprocessing
import os
from pathlib import Path

import filelock
import numpy as np
import rich.progress

from keras_fer import faces
from keras_fer.datasets import progress

TABLE = "prepare.csv"
_SETTINGS = "prepare.json"
CHOICES = ("largest", "one", "all")
_COLUMNS = (
    "path",
    "status",
    "faces",
    "crop",
    "left",
    "top",
    "width",
    "height",
    "score",
    "landmarks",
    "reason",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preparation:
    """How pictures become face crops.

    Args:
        detector: `"haar"` or `"mtcnn"`, see `faces.detect_faces`.
        size: side of the crops in pixels.
        channels: 3 for RGB, 1 for gray.
        align: `"similarity"` or `"affine"` to warp faces by their landmarks,
            see `faces.align_face`, which needs `"mtcnn"`; by default the square
            around the box is cut out.
        margin: how much longer the side of a crop is than that of the box (or
            of the template), as a share.
        choose: of several faces the `"largest"`, `"all"`, or none: `"one"`
            takes pictures with exactly one face, as the zero-bias CNN and the
            generative models do for CK+.

    Raises:
        ValueError: a value is none of these.

    Example:

    >>> from keras_fer.datasets import Preparation
    >>> Preparation(size=128, channels=1, choose="one").detector
    'haar'
    """

    detector: str = "haar"
    size: int = 96
    channels: int = 3
    align: str | None = None
    margin: float = faces.MARGIN
    choose: str = "largest"

    def __post_init__(self):
        for name, allowed in (
            ("detector", faces.DETECTORS),
            ("channels", (1, 3)),
            ("align", (None, *faces.TRANSFORMS)),
            ("choose", CHOICES),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"`{name}` must be one of "
                    f"{', '.join(map(str, allowed))}. Received: "
                    f"{getattr(self, name)!r}"
                )
        if self.size < faces.MIN_SIDE or self.margin <= -1:
            raise ValueError(
                f"`size` must be at least {faces.MIN_SIDE} and `margin` above "
                f"-1. Received: {self.size}, {self.margin}"
            )
        if self.align and self.detector == "haar":
            raise ValueError(
                "`align` needs landmarks, which the detector mtcnn finds and "
                "haar does not"
            )

    def crops(self, image) -> tuple[faces.Detections, list]:
        """Find the faces of a picture, and cut out those that are chosen.

        Args:
            image: uint8 `(height, width)` or `(height, width, 1 or 3)`, RGB.

        Returns:
            All `Detections`, and for the first of them uint8 crops `(size,
            size, channels)`.
        """
        found = faces.detect_faces(image, self.detector)
        chosen = {"largest": 1, "all": len(found)}.get(
            self.choose, int(len(found) == 1)
        )
        image, size = faces.to_channels(image, self.channels), (self.size,) * 2
        crops = []
        for box, landmarks in zip(
            found.boxes[:chosen], found.landmarks[:chosen], strict=True
        ):
            if self.align:
                crop = faces.align_face(
                    image,
                    landmarks,
                    size,
                    transform=self.align,
                    margin=self.margin,
                )
            else:
                crop = faces.crop_face(image, box, size, margin=self.margin)
            crops.append(crop)
        return found, crops


def prepare(
    folder: str | Path,
    out: str | Path,
    preparation: Preparation | None = None,
    *,
    workers: int = 1,
    resume: bool = False,
) -> dict[str, int]:
    """Cut the faces out of all pictures of a folder tree.

    Args:
        folder: pictures, at any depth.
        out: folder for the crops, PNG files of the same names in the same
            tree, and for `prepare.csv`: for each file what happened (`ok`,
            `no face`, `several faces`, `unreadable`, `not cropped`), how many
            faces there are, box, score and landmarks. What is no UTF-8 or no
            printable character of a name stands there as an escape.
        preparation: how; by default `Preparation()`.
        workers: processes. With more than one, a script needs its
            `if __name__ == "__main__":`, as whatever starts processes.
        resume: go on after a stop; files that were unreadable are tried again.

    Returns:
        Number of files (of crops where all faces are chosen) by status.

    Raises:
        InputError: there is no picture in the folder; one of the folders lies
            in the other; `out` holds something else or is in use.

    Example:

    >>> from keras_fer import datasets
    >>> datasets.prepare("photos", "crops")  # doctest: +SKIP
    {'ok': 4, 'no face': 1}
    """
    folder, out = Path(folder), Path(out)
    preparation = preparation or Preparation()
    paths = _pictures(folder)
    inner, outer = folder.resolve(), out.resolve()
    if outer.is_relative_to(inner) or inner.is_relative_to(outer):
        raise faces.InputError(
            f"{out}: pictures and crops must not lie in one another"
        )
    if out.exists() and any(out.iterdir()):
        if not resume:
            raise faces.InputError(
                f"{out}: is not empty; --resume goes on with it"
            )
        if not (out / _SETTINGS).is_file():
            raise faces.InputError(f"{out}: holds no {_SETTINGS}, but files")
    out.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(out / ".lock")
    try:
        with lock.acquire(timeout=0):
            return _prepare(folder, out, preparation, paths, workers)
    except filelock.Timeout as error:
        raise faces.InputError(f"{out}: is in use") from error


def _prepare(folder, out, preparation, paths, workers):
    rows = _begin(folder, out, preparation)
    done = {row["path"] for row in rows}
    targets = _targets(paths)
    jobs = [
        (path, target)
        for path, target in zip(paths, targets, strict=True)
        if _text(path) not in done
    ]
    work = functools.partial(
        _prepare_one, folder, out, preparation, os.getpid()
    )
    counts = collections.Counter(row["status"] for row in rows)
    bar = progress.progress_bar(f"faces of {folder.name}")
    with open(out / TABLE, "a", newline="", encoding="utf-8") as table:
        for rows in rich.progress.track(
            _map(work, jobs, workers), total=len(jobs), **bar
        ):
            table.write(_lines(rows))
            table.flush()
            counts.update(row["status"] for row in rows)
    return dict(counts)


def _map(work, jobs, workers):
    if workers == 1:
        yield from map(work, jobs)
        return
    # A fork would copy locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, context) as pool:
        try:
            yield from pool.map(work, jobs, chunksize=4)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _pictures(folder):
    if not folder.is_dir():
        raise faces.InputError(f"{folder}: there is no such folder")
    paths = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in faces.IMAGE_TYPES and path.is_file()
    )
    paths = [
        path
        for path in paths
        if not any(part.startswith(".") for part in path.parts)
    ]
    if not paths:
        raise faces.InputError(
            f"{folder}: no picture in it. Looked for names that end in "
            f"{', '.join(faces.IMAGE_TYPES)}"
        )
    return paths


def _targets(paths):
    """Where each crop goes, without its ending: no two to one place.

    The name without its ending, or with it where that would be another's, or a
    folder.
    """
    parents = {_alike(parent) for path in paths for parent in path.parents}
    stems = collections.Counter(_alike(path.with_suffix("")) for path in paths)
    targets = []
    for path in paths:
        stem = path.with_suffix("")
        crop = _alike(stem.with_name(f"{stem.name}.png"))
        alone = stems[_alike(stem)] == 1 and crop not in parents
        targets.append(stem if alone else path)
    counts = collections.Counter(_alike(target) for target in targets)
    for path, target in zip(paths, targets, strict=True):
        if counts[_alike(target)] > 1:
            raise faces.InputError(
                f"{_text(path)}: its crop would have the name of another's"
            )
    return targets


def _alike(path):
    """Some file systems do not tell capitals."""
    return os.fspath(path).casefold()


def _text(path):
    """A path as it stands in the table."""
    text = os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _begin(folder, out, preparation):
    """Rows of what is done already; the table holds them and no others."""
    table, settings = out / TABLE, out / _SETTINGS
    wanted = {"folder": _text(folder.resolve())}
    wanted |= dataclasses.asdict(preparation)
    rows = []
    if settings.is_file():
        before = json.loads(settings.read_text(encoding="utf-8"))
        if before != wanted:
            differ = [n for n in wanted if before.get(n) != wanted[n]]
            raise faces.InputError(
                f"{out}: was made with another {', '.join(differ)}"
            )
        if table.is_file():
            # The last line may have been cut by the stop.
            whole, newline, _ = table.read_bytes().rpartition(b"\n")
            lines = whole.decode("utf-8").split("\n")[1:] if newline else []
            rows = list(csv.DictReader(lines, _COLUMNS))
    _write(settings, json.dumps(wanted, indent=1) + "\n")
    # Of several faces in one picture some may be missing after a stop.
    lines = collections.Counter(row["path"] for row in rows)
    every = preparation.choose == "all"
    gone = {row["path"] for row in rows if not _is_whole(row, out)}
    gone |= {
        row["path"]
        for row in rows
        if every and row["crop"] and lines[row["path"]] < int(row["faces"])
    }
    rows = [row for row in rows if row["path"] not in gone]
    _write(table, ",".join(_COLUMNS) + "\n" + _lines(rows))
    return rows


def _is_whole(row, out):
    """Whether a picture was looked at, and its crop is there."""
    if row["status"] == "ok":
        crop = out / row["crop"]
        return crop.is_file() and crop.stat().st_size > 0
    return row["status"] in ("no face", "several faces", "not cropped")


def _lines(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writerows(rows)
    return text.getvalue()


def _prepare_one(folder, out, preparation, parent, job):
    """Rows of the table for one picture, its crops written."""
    if parent not in (os.getpid(), os.getppid()):
        os._exit(1)  # whoever waits for the answer has been killed
    path, target = job
    row = {"path": _text(path)}
    try:
        image = faces.read_image(folder / path)
    except faces.InputError as error:
        reason = str(error).replace(f"{_text(folder)}/", "")
        return [{**row, "status": "unreadable", "reason": reason}]
    try:
        found, crops = preparation.crops(image)
        row |= {"faces": len(found)}
        if not crops:
            status = "several faces" if len(found) else "no face"
            return [{**row, "status": status}]
        rows = []
        for number, crop in enumerate(crops):
            suffix = f".{number}.png" if preparation.choose == "all" else ".png"
            name = target.with_name(target.name + suffix)
            _write_png(out / name, crop)
            rows.append({**row, **_of_face(found, number), "crop": _text(name)})
        return rows
    # A box or landmarks that make no sense, a name that is too long.
    except (ValueError, OSError) as error:
        return [{**row, "status": "not cropped", "reason": str(error)}]


def _of_face(found, number):
    landmarks = found.landmarks[number].ravel()
    names = ("left", "top", "width", "height")
    box = found.boxes[number].tolist()
    return {
        "status": "ok",
        **dict(zip(names, box, strict=True)),
        "score": f"{found.scores[number]:.6g}",
        "landmarks": ";".join(f"{x:.1f}" for x in landmarks)
        if np.isfinite(landmarks).all()
        else "",
    }


def _write_png(path, crop):
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    # OpenCV takes BGR, and cannot write every file name.
    _, content = cv2.imencode(".png", crop[..., ::-1])
    _write(path, content.tobytes())


def _write(path, content):
    """Write beside, by a short name of this process, then rename."""
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]
    part = path.with_name(f".{digest}.{os.getpid()}.part")
    if isinstance(content, str):
        content = content.encode("utf-8")
    part.write_bytes(content)
    try:
        part.replace(path)
    except OSError:
        part.unlink()
        raise

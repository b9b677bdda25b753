"""From a folder of photographs to a folder of face crops."""

import collections
import concurrent.futures
import csv
import dataclasses
import functools
import io
import json
import multiprocessing
import os
from pathlib import Path

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
    workers: int | None = None,
    resume: bool = False,
) -> dict[str, int]:
    """Cut the faces out of all pictures of a folder tree.

    Args:
        folder: pictures, at any depth.
        out: folder for the crops, PNG files of the same names in the same
            tree, and for `prepare.csv`: for each file what happened (`ok`,
            `no face`, `several faces`, `unreadable`), how many faces there
            are, box, score and landmarks.
        preparation: how; by default `Preparation()`.
        workers: processes; by default one a core, with MTCNN, which uses all
            cores anyway, this one.
        resume: go on after a stop.

    Returns:
        Number of files (of crops where all faces are chosen) by status.

    Raises:
        InputError: there is no picture in the folder; `out` lies in it, or
            holds other crops.

    Example:

    >>> from keras_fer import datasets
    >>> datasets.prepare("photos", "crops")  # doctest: +SKIP
    {'ok': 4, 'no face': 1}
    """
    folder, out = Path(folder), Path(out)
    preparation = preparation or Preparation()
    paths = _pictures(folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise faces.InputError(f"{out}: crops must not lie among the pictures")
    counts, done = _begin(folder, out, preparation, resume)
    left = [path for path in paths if path.as_posix() not in done]
    # Two files of one stem must not become one crop.
    stems = collections.Counter(path.with_suffix("") for path in paths)
    double = {stem for stem, count in stems.items() if count > 1}
    work = functools.partial(_prepare_one, folder, out, preparation, double)
    if workers is None:
        workers = 1 if preparation.detector == "mtcnn" else os.cpu_count()
    bar = progress.progress_bar(f"faces of {folder.name}")
    with open(out / TABLE, "a", newline="", encoding="utf-8") as table:
        for rows in rich.progress.track(
            _map(work, left, workers), total=len(left), **bar
        ):
            table.write(_lines(rows))
            table.flush()
            for row in rows:
                counts[row["status"]] = counts.get(row["status"], 0) + 1
    return counts


def _map(work, paths, workers):
    if workers == 1:
        yield from map(work, paths)
        return
    # A fork would copy locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, context) as pool:
        try:
            yield from pool.map(work, paths, chunksize=4)
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


def _begin(folder, out, preparation, resume):
    """Counts and paths of what is done already."""
    table, settings = out / TABLE, out / _SETTINGS
    wanted = {"folder": str(folder.resolve())}
    wanted |= dataclasses.asdict(preparation)
    if out.exists() and any(out.iterdir()) and not resume:
        raise faces.InputError(f"{out}: is not empty; --resume goes on with it")
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    if settings.is_file():
        before = json.loads(settings.read_text(encoding="utf-8"))
        if before != wanted:
            differ = [n for n in wanted if before.get(n) != wanted[n]]
            raise faces.InputError(
                f"{out}: was made with another {', '.join(differ)}"
            )
        if table.is_file():
            with open(table, newline="", encoding="utf-8") as file:
                lines = file.readlines()
            # The last line may have been cut by the stop.
            whole = lines[1:] if lines[-1].endswith("\n") else lines[1:-1]
            rows = list(csv.DictReader(whole, _COLUMNS))
    _write(settings, json.dumps(wanted, indent=1) + "\n")
    # Of several faces in one picture some may be missing after a stop.
    lines = collections.Counter(row["path"] for row in rows)
    every = preparation.choose == "all"
    rows = [
        row
        for row in rows
        if not (every and row["crop"])
        or lines[row["path"]] == int(row["faces"])
    ]
    done = {row["path"] for row in rows}
    _write(table, ",".join(_COLUMNS) + "\n" + _lines(rows))
    counts = {}
    for row in rows:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    return counts, done


def _lines(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writerows(rows)
    return text.getvalue()


def _prepare_one(folder, out, preparation, double, path):
    """Rows of the table for one picture, its crops written."""
    row = {"path": path.as_posix()}
    try:
        image = faces.read_image(folder / path)
        found, crops = preparation.crops(image)
    except ValueError as error:
        reason = str(error).replace(f"{folder}{os.sep}", "")
        return [{**row, "status": "unreadable", "reason": reason}]
    row |= {"faces": len(found)}
    if not crops:
        return [{**row, "status": "several faces" if len(found) else "no face"}]
    rows = []
    name = path if path.with_suffix("") in double else path.with_suffix("")
    for number, crop in enumerate(crops):
        suffix = f".{number}.png" if preparation.choose == "all" else ".png"
        target = name.with_name(name.name + suffix)
        _write_png(out / target, crop)
        landmarks = found.landmarks[number].ravel()
        rows.append(
            {
                **row,
                "status": "ok",
                "crop": target.as_posix(),
                **dict(
                    zip(
                        ("left", "top", "width", "height"),
                        found.boxes[number].tolist(),
                        strict=True,
                    )
                ),
                "score": f"{found.scores[number]:.6g}",
                "landmarks": ";".join(f"{x:.1f}" for x in landmarks)
                if landmarks[0] == landmarks[0]
                else "",
            }
        )
    return rows


def _write_png(path, crop):
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    # OpenCV takes BGR, and cannot write every file name.
    _, content = cv2.imencode(".png", crop[..., ::-1])
    _write(path, content.tobytes())


def _write(path, content):
    part = path.with_name(f"{path.name}.part")
    if isinstance(content, str):
        part.write_text(content, encoding="utf-8", newline="")
    else:
        part.write_bytes(content)
    part.replace(path)

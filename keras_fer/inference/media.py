"""Which files and cameras a user means."""

import os
from pathlib import Path

from keras_fer.faces import IMAGE_TYPES
from keras_fer.faces import InputError

VIDEO_TYPES = (
    ".3gp",
    ".avi",
    ".m4v",
    ".mkv",
    ".mov",
    ".mp4",
    ".mpg",
    ".webm",
    ".wmv",
)


def is_video(source: str | Path | int) -> bool:
    """Tell a video or camera from a picture, by its name."""
    return isinstance(source, int) or Path(source).suffix.lower() in VIDEO_TYPES


def name_of(source: str | Path | int) -> str:
    """How answers call a source: its path, or `camera 0`.

    Bytes of a path that are no UTF-8 are written as escapes.
    """
    if isinstance(source, int):
        return f"camera {source}"
    return os.fsencode(source).decode("utf-8", "backslashreplace")


def is_utf8(path: str | Path) -> bool:
    """Tell whether a path can be written as UTF-8."""
    return name_of(path) == str(path)


def find_media(sources) -> list[Path | int]:
    """List the pictures, videos and cameras behind what a user typed.

    Args:
        sources: one or more files, folders, numbers of cameras. Folders are
            searched to any depth for names that end like a picture's or a
            video's; hidden files are passed over.

    Returns:
        Paths and, for cameras, numbers, each once; a folder's in order of
        their names.

    Raises:
        InputError: there is no such file or folder, or none in a folder.

    Example:

    >>> from keras_fer import inference
    >>> inference.find_media([str(inference.sample_picture())])[0].name
    'grace_hopper.jpg'
    """
    if isinstance(sources, str | Path):
        sources = [sources]
    found = []
    for source in map(str, sources):
        path = Path(source)
        if path.is_dir():
            inside = sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in IMAGE_TYPES + VIDEO_TYPES
                and not any(
                    part.startswith(".")
                    for part in file.relative_to(path).parts
                )
                and file.is_file()
            )
            if not inside:
                raise InputError(
                    f"{path}: no picture or video in it. Looked for names "
                    f"that end in {', '.join(IMAGE_TYPES + VIDEO_TYPES)}"
                )
            found += inside
        elif path.exists():
            found.append(path)
        elif source.isdecimal():
            found.append(int(source))
        else:
            raise InputError(f"{source}: there is no such file or folder")
    return list(dict.fromkeys(found))

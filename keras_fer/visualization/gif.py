"""Pictures that change, as a file that every browser shows."""

import os
from pathlib import Path

import numpy as np


def write_gif(
    pictures, path: str | Path, *, seconds: float = 0.12, side: int = 192
):
    """Write pictures one after the other, there and back again, for ever.

    Args:
        pictures: uint8 `(frames, height, width, 1 or 3)`, gray or RGB.
        path: the file, ending in .gif.
        seconds: how long each is shown.
        side: height in the file, pixels.

    Raises:
        ValueError: there are no pictures, or they have other shapes.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> walk = np.zeros((6, 48, 48, 1), "uint8")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     visualization.write_gif(walk, f"{folder}/walk.gif")
    """
    from PIL import Image

    pictures = np.asarray(pictures)
    if (
        pictures.ndim != 4
        or not len(pictures)
        or pictures.shape[3] not in (1, 3)
    ):
        raise ValueError(
            "expected pictures (frames, height, width, 1 or 3). Received: "
            f"{pictures.shape}"
        )
    width = round(side * pictures.shape[2] / pictures.shape[1])
    frames = [
        Image.fromarray(
            picture.squeeze(2) if picture.shape[2] == 1 else picture
        ).resize((width, side), Image.Resampling.BICUBIC)
        for picture in pictures.astype(np.uint8)
    ]
    frames += frames[-2:0:-1]
    path = Path(path)
    part = path.with_suffix(".part.gif")
    frames[0].save(
        part,
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 * seconds),
        loop=0,
    )
    os.replace(part, path)

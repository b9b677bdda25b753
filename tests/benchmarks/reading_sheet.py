"""A shuffled sheet of procedural faces for a reader, and its key.

    python tests/benchmarks/reading_sheet.py OUT

Writes OUT/sheet.png, 40 numbered faces of eight expressions in random numbers,
and OUT/key.json. Whoever reads the sheet must not see the key. The seed is that
of the sheet whose reading the README reports.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from keras_fer.datasets import procedural

SEED, FACES, COLUMNS, SIZE = 31, 40, 8, 190


def main(out):
    classes = procedural.INFO.classes
    draws = np.random.default_rng(SEED).integers(0, len(classes), FACES)
    numbers = np.bincount(draws, minlength=len(classes)).tolist()
    faces = procedural.load_data(
        "test",
        counts=dict(zip(classes, numbers, strict=True)),
        size=SIZE,
        channels=3,
        seed=SEED,
    )
    order = np.random.default_rng(SEED + 99).permutation(FACES)
    tiles = []
    for number, row in enumerate(order, start=1):
        tile = np.full((SIZE + 24, SIZE + 6, 3), 255, np.uint8)
        tile[22 : 22 + SIZE, 3 : 3 + SIZE] = faces.images[row][..., ::-1]
        font, black = cv2.FONT_HERSHEY_DUPLEX, (0, 0, 0)
        cv2.putText(tile, str(number), (6, 17), font, 0.6, black, 1)
        tiles.append(tile)
    lines = [
        np.hstack(tiles[start : start + COLUMNS])
        for start in range(0, FACES, COLUMNS)
    ]
    out.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / "sheet.png"), np.vstack(lines))
    key = [classes[faces.labels["shown"][row]] for row in order]
    (out / "key.json").write_text(json.dumps(key))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

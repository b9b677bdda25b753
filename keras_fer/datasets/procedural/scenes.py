"""Procedural faces in larger pictures, for detectors and alignment."""

import dataclasses

import numpy as np

from keras_fer.datasets.procedural import corpus
from keras_fer.datasets.procedural import drawing

_ZOOM = 0.45  # of a face in the square that is drawn for it
_MOST = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """A picture and where its faces are.

    Args:
        image: uint8 RGB `(height, width, 3)`, in `[0, 255]`.
        boxes: float `(faces, 4)`: left, top, width, height in pixels of a
            square from the brows' hairline to below the chin, as FER2013
            frames faces.
        landmarks: float `(faces, 5, 2)`, x and y in pixels of left eye, right
            eye, tip of the nose, left and right corner of the mouth.
    """

    image: np.ndarray
    boxes: np.ndarray
    landmarks: np.ndarray


def draw_scene(
    seed: int,
    *,
    people: int = 1,
    size: tuple[int, int] = (480, 640),
    side: tuple[float, float] = (60.0, 200.0),
    roll: float = 10.0,
    domain: str = "web",
) -> Scene:
    """Draw people side by side before a background.

    Args:
        seed: number from which all is drawn.
        people: number of faces, 0 to 4.
        size: height and width of the picture in pixels.
        side: smallest and largest side of a face's box in pixels; faces are
            made smaller where there is no room.
        roll: how far heads are inclined at most, in degrees.
        domain: name in `DOMAINS`, for persons, poses, light and camera.

    Raises:
        ValueError: there are more people, or no such domain.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> scene = procedural.draw_scene(3, people=2)
    >>> scene.image.shape, scene.boxes.shape
    ((480, 640, 3), (2, 4))
    """
    if not 0 <= people <= _MOST:
        raise ValueError(f"`people` must be 0 to {_MOST}. Received: {people}")
    draws = np.random.default_rng([11, seed])
    height, width = size
    image = _background(draws, size)
    # One more than is shown, so that nobody is a case of its own.
    persons = draws.choice(10_000, people + 1, replace=False)
    faces, _ = corpus.draw_faces(
        draws.integers(8, size=people + 1),
        persons,
        domain=domain,
        seed=[11, seed],
    )
    faces = faces[:people]
    faces = dataclasses.replace(
        faces,
        zoom=np.full(people, _ZOOM),
        shift=np.zeros((people, 2)),
        pose=np.column_stack(
            [faces.pose[:, :2], draws.uniform(-roll, roll, people)]
        ),
        occlusion=np.zeros((people, 5)),
        noise=np.zeros(people),
        quality=np.full(people, 100),
    )
    marks = drawing.landmarks(faces)
    boxes, landmarks = np.zeros((people, 4)), np.zeros((people, 5, 2))
    for number in range(people):
        room = min(width / people, height) * 0.85
        box = draws.uniform(min(side[0], room), min(side[1], room))
        drawn = max(16, round(box / _ZOOM))
        box = drawn * _ZOOM
        # The middle of the face, so that its box stays in its column.
        slack = (width / people - box) / 2
        x = width / people * (number + 0.5) + slack * draws.uniform(-0.9, 0.9)
        y = draws.uniform(0.55 * box, height - 0.55 * box)
        left, top = round(x - drawn / 2), round(y - drawn / 2)
        _compose(image, faces[number : number + 1], drawn, left, top)
        corner = np.array([left, top]) + (1 - _ZOOM) / 2 * drawn
        boxes[number] = *corner, box, box
        landmarks[number] = (left, top) + marks[number] * drawn - 0.5
    noise = draws.normal(0, 3, image.shape)
    image = (image + noise).clip(0, 255).round().astype(np.uint8)
    return Scene(image=image, boxes=boxes, landmarks=landmarks)


def _background(draws, size):
    """Soft colors with some bright and dark boxes on them."""
    import cv2

    height, width = size
    coarse = draws.uniform(40, 215, (4, 5, 3)).astype(np.float32)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(draws.integers(3, 9)):
        left, top = draws.integers(0, (width, height))
        right = left + draws.integers(20, width // 3)
        bottom = top + draws.integers(20, height // 3)
        color = draws.uniform(20, 235, 3)
        cv2.rectangle(image, (left, top), (right, bottom), color.tolist(), -1)
    return cv2.GaussianBlur(image, (0, 0), 1.5)


def _compose(image, face, side, left, top):
    """Lay a face over a picture; what the picture cuts off is not drawn."""
    pictures = []
    for level in (0.0, 255.0):
        ground = np.full((1, 2, 3), level)
        clean = dataclasses.replace(face, background=ground)
        pictures.append(drawing.render(clean, side, 3)[0].astype(np.float32))
    black, white = pictures
    # What differs between the two is background, all of it at the corner.
    differs = white - black
    ground = (differs / np.maximum(differs[0, 0], 1)).clip(0, 1)
    # A camera of little contrast shows black as gray.
    black = black - ground * black[0, 0]
    rows, columns = image.shape[:2]
    inside = (
        slice(max(0, -top), min(side, rows - top)),
        slice(max(0, -left), min(side, columns - left)),
    )
    place = (
        slice(max(0, top), min(rows, top + side)),
        slice(max(0, left), min(columns, left + side)),
    )
    image[place] = image[place] * ground[inside] + black[inside]

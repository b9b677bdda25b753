"""How well each detector finds drawn faces, and how well they are aligned.

    python tests/benchmarks/detectors.py

500 scenes of one to three people (`procedural.draw_scene`: 480×640 pixels,
faces of 60 to 200 pixels, heads inclined by up to 10 degrees), whose boxes and
landmarks are known. A face is found if a box overlaps its own by at least half
(intersection over union); other boxes are false. Boxes of the scenes are framed
as FER2013 is, which is how the Haar cascade frames; MTCNN's reach from hairline
to chin and are narrower. Alignment error is the distance of the aligned eyes
from the template's, as a share of the distance between the eyes, for landmarks
of MTCNN; and that of crops without alignment, by the box alone. Then the same
by the inclination of the head.
"""

import time

import numpy as np

from keras_fer import faces
from keras_fer.datasets import procedural

SCENES, TURNED = 500, 100
SIZE = (112, 112)


def overlap(one, others):
    """Intersection over union of a box with others."""
    corner = np.maximum(one[:2], others[:, :2])
    end = np.minimum(one[:2] + one[2:], others[:, :2] + others[:, 2:])
    both = np.prod(np.maximum(end - corner, 0), axis=1)
    return both / (np.prod(one[2:]) + np.prod(others[:, 2:], axis=1) - both)


def look(scenes, detector):
    """Overlaps of the faces found, number of false boxes, aligned eyes."""
    overlaps, false, aligned, cropped, errors = [], 0, [], [], []
    for scene in scenes:
        found = faces.detect_faces(scene.image, detector)
        taken = np.zeros(len(found), bool)
        for box, marks in zip(scene.boxes, scene.landmarks, strict=True):
            best, place = 0.0, None
            if len(found):
                shares = np.where(taken, 0, overlap(box, found.boxes))
                place = int(shares.argmax())
                best = shares[place]
            if best < 0.5:
                overlaps.append(0.0)
                continue
            taken[place] = True
            overlaps.append(best)
            eyes = np.linalg.norm(marks[1] - marks[0])
            cropped.append(spread(box_matrix(found.boxes[place]), marks))
            if np.isfinite(found.landmarks[place]).all():
                wrong = found.landmarks[place] - marks
                errors.append(np.linalg.norm(wrong, axis=1).mean() / eyes)
                matrix = faces.alignment(found.landmarks[place], SIZE)
                aligned.append(spread(matrix, marks))
        false += int((~taken).sum())
    return np.array(overlaps), false, errors, aligned, cropped


def box_matrix(box):
    """The warp that `crop_face` is."""
    top, left, side, _ = faces.face_square(box, (10_000, 10_000))
    scale = SIZE[0] / side
    return np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])


def spread(matrix, marks):
    """Where the true eyes come to lie, `(2, 2)`, in pixels of the crop."""
    return marks[:2] @ matrix[:, :2].T + matrix[:, 2]


def scatter(eyes):
    """Deviation of the eyes over all crops, as a share of their distance."""
    eyes = np.array(eyes)
    distance = np.linalg.norm(eyes[:, 1] - eyes[:, 0], axis=1).mean()
    around = np.linalg.norm(eyes - eyes.mean(axis=0), axis=2)
    return np.sqrt((around**2).mean()) / distance


def main():
    scenes = [
        procedural.draw_scene(seed, people=1 + seed % 3)
        for seed in range(SCENES)
    ]
    count = sum(len(scene.boxes) for scene in scenes)
    print(f"{SCENES} scenes, {count} faces")
    for detector in faces.DETECTORS:
        faces.detect_faces(scenes[0].image, detector)  # loads it
        start = time.perf_counter()
        for scene in scenes[:100]:
            faces.detect_faces(scene.image, detector)
        seconds = (time.perf_counter() - start) / 100
        overlaps, false, errors, aligned, cropped = look(scenes, detector)
        found = overlaps > 0
        print(
            f"{detector}: recall {100 * found.mean():.1f} %, mean overlap "
            f"{overlaps[found].mean():.2f}, {false} false boxes, "
            f"{1000 * seconds:.0f} ms a picture"
        )
        print(
            f"  eyes scatter by {100 * scatter(cropped):.1f} % of their "
            "distance in crops by the box"
        )
        if errors:
            print(
                f"  landmarks are off by {100 * np.mean(errors):.1f} % of the "
                "distance between the eyes on average, 95th percentile "
                f"{100 * np.percentile(errors, 95):.1f} %; aligned by them, "
                f"eyes scatter by {100 * scatter(aligned):.1f} %"
            )
    exact = [
        spread(faces.alignment(marks, SIZE), marks)
        for scene in scenes
        for marks in scene.landmarks
    ]
    print(f"aligned by the true landmarks: {100 * scatter(exact):.1f} %")
    for roll in (0, 15, 30, 45, 60):
        turned = [
            procedural.draw_scene(
                10_000 + seed, people=1, roll=roll, side=(100, 200)
            )
            for seed in range(TURNED)
        ]
        shares = ", ".join(
            f"{detector} {100 * (look(turned, detector)[0] > 0).mean():.0f} %"
            for detector in faces.DETECTORS
        )
        print(f"heads inclined by up to {roll} degrees: {shares}")


if __name__ == "__main__":
    main()

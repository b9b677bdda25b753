import cv2
import numpy as np
import pytest

from keras_fer import faces
from keras_fer.datasets import procedural
from keras_fer.faces import TEMPLATE


def moved(points, degrees=0.0, scale=1.0, shift=(0.0, 0.0)):
    angle = np.radians(degrees)
    turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return scale * points @ np.transpose(turn) + shift


def land(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("transform", faces.TRANSFORMS)
def test_a_turned_template_is_turned_back(transform, count):
    if (transform, count) == ("affine", 2):
        return
    points = moved(300 * TEMPLATE[:count], 25, 0.7, (40, -9))
    matrix = faces.alignment(points, (96, 96), transform=transform)
    np.testing.assert_allclose(
        land(matrix, points), 96 * TEMPLATE[:count] - 0.5, atol=1e-9
    )


def test_a_similarity_is_the_best_of_all():
    """No angle, size and shift nearby lies closer to the template."""
    draws = np.random.default_rng(0)
    points = 200 * TEMPLATE + draws.normal(0, 8, (5, 2))
    matrix = faces.alignment(points, (112, 112))
    assert matrix[0, 0] == matrix[1, 1] and matrix[0, 1] == -matrix[1, 0]
    target = 112 * TEMPLATE - 0.5

    def error(matrix):
        return ((land(matrix, points) - target) ** 2).sum()

    for _ in range(200):
        angle, size, *shift = draws.normal(0, [0.02, 0.02, 0.5, 0.5])
        other = matrix.copy()
        turn = (1 + size) * np.exp(1j * angle)
        rotation = [[turn.real, -turn.imag], [turn.imag, turn.real]]
        other[:, :2] = rotation @ matrix[:, :2]
        other[:, 2] += shift
        assert error(other) > error(matrix)
    affine = faces.alignment(points, (112, 112), transform="affine")
    assert error(affine) < error(matrix)


def test_affine_also_undoes_a_stretch():
    points = 100 * TEMPLATE * [1.6, 0.8]
    matrix = faces.alignment(points, (64, 64), transform="affine")
    np.testing.assert_allclose(land(matrix, points), 64 * TEMPLATE - 0.5)


def test_a_margin_shows_more_around_the_same_middle():
    points = 100 * TEMPLATE
    close, wide = (
        land(faces.alignment(points, (96, 96), margin=m), points)
        for m in (0.0, 0.5)
    )
    np.testing.assert_allclose((wide - 47.5) * 1.5, close - 47.5)


@pytest.mark.parametrize("factor", [1, 6])
def test_pixels_lie_where_the_landmarks_say(factor):
    """Dots on the landmarks, in a picture six times as large as well."""
    points = moved(90 * TEMPLATE, -18, 1.0, (60, 70)) * factor
    image = np.zeros((220 * factor, 220 * factor, 3), "uint8")
    for x, y in points:
        place = (round(x), round(y))
        cv2.circle(image, place, 3 * factor, (255, 255, 255), -1)
    aligned = faces.align_face(image, points, (112, 112))
    assert aligned.shape == (112, 112, 3) and aligned.dtype == np.uint8
    rows, columns = np.mgrid[:112, :112]
    for x, y in 112 * TEMPLATE - 0.5:
        near = (np.hypot(columns - x, rows - y) < 8) * aligned[..., 0]
        center = (near * columns).sum(), (near * rows).sum()
        np.testing.assert_allclose(
            np.divide(center, near.sum()), (x, y), atol=0.8
        )


def test_shrinking_does_not_skip_pixels():
    """Fine stripes become gray instead of coarse stripes."""
    image = np.zeros((1000, 1000), "uint8")
    image[:, ::2] = 200
    aligned = faces.align_face(image, 1000 * TEMPLATE, (48, 48))
    assert aligned.shape == (48, 48)
    assert np.abs(aligned.astype(int) - 100).max() <= 6


def test_beyond_the_picture_its_border_goes_on():
    image = np.full((60, 60), 90, "uint8")
    aligned = faces.align_face(image, 60 * TEMPLATE - 30, (64, 64))
    assert (aligned == 90).all()


def test_aligned_faces_have_their_eyes_in_one_place():
    """Drawn faces of any pose, aligned by their known landmarks."""
    drawn = procedural.draw_split("val", images=30, domain="web")
    marks = procedural.landmarks(drawn) * 128 - 0.5
    for points in marks:
        left, right = land(faces.alignment(points, (112, 112)), points)[:2]
        assert abs(left[1] - right[1]) < 0.05 * 112


@pytest.mark.parametrize(
    ("landmarks", "options", "message"),
    [
        (np.zeros((3, 2)), {}, "five .or two"),
        (np.full((5, 2), np.nan), {}, "five .or two.*nan"),
        (np.zeros((5, 2)), {}, "one place or line"),
        (np.arange(10.0).reshape(5, 2), {"transform": "affine"}, "or line"),
        (TEMPLATE, {"transform": "shear"}, "similarity, affine"),
        (TEMPLATE[:2], {"transform": "affine"}, "affine needs five"),
        (TEMPLATE, {"size": (96, 48)}, "`size` must be square"),
        (TEMPLATE, {"margin": -1}, "above -1"),
        (TEMPLATE, {"template": TEMPLATE[:2]}, "`template` five"),
    ],
)
def test_refuses(landmarks, options, message):
    size = options.pop("size", (96, 96))
    with pytest.raises(ValueError, match=message):
        faces.align_face(np.zeros((9, 9), "uint8"), landmarks, size, **options)


def test_five_of_sixty_eight():
    points = np.arange(136.0).reshape(68, 2)
    five = faces.five_landmarks(np.stack([points, points + 1]))
    assert five.shape == (2, 5, 2)
    # Points 37 to 42 and 43 to 48 are the eyes, counted from 1; 31 is the tip
    # of the nose, 49 and 55 are the corners of the mouth.
    expected = [points[36:42].mean(0), points[42:48].mean(0)]
    np.testing.assert_array_equal(five[0, :2], expected)
    np.testing.assert_array_equal(five[0, 2:], points[[30, 48, 54]])
    with pytest.raises(ValueError, match="68, 2"):
        faces.five_landmarks(np.zeros((5, 2)))

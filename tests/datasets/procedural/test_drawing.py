import dataclasses

import numpy as np
import pytest

from keras_fer.datasets import procedural
from keras_fer.datasets.procedural import drawing
from keras_fer.datasets.procedural import shape

SIZE = 96


def still(count=1, person=43):
    """One person at rest, looking straight at an even light, no camera."""
    faces, _ = procedural.draw_faces(np.zeros(count, int), [person] * count)
    faces = faces[np.zeros(count, int)]
    zero = {
        name: 0 * getattr(faces, name)
        for name in ("units", "pose", "shift", "gaze", "blur", "noise", "age")
    }
    one = {
        name: 0 * getattr(faces, name) + 1
        for name in ("zoom", "level", "contrast")
    }
    return dataclasses.replace(
        faces,
        **zero,
        **one,
        quality=0 * faces.quality + 100,
        hair_style=0 * faces.hair_style,
        light=0 * faces.light + np.array([0, -0.3, 1.0]),
    )


def with_unit(unit, sides=(5, 5)):
    faces = still()
    units = faces.units.copy()
    units[:, shape.UNITS.index(unit)] = sides
    return dataclasses.replace(faces, units=units)


def render(faces, **options):
    return procedural.render(faces, SIZE, **options).astype(int)[0, ..., 0]


# Rows and columns that a unit may change, in face units: top, bottom, and how
# far to the side. 0 is between the eyes, the chin is at 1.16.
FOREHEAD, EYES = (-1.0, -0.2, 0.9), (-0.55, 0.08, 0.95)
NOSE, MOUTH = (-0.7, 0.75, 0.6), (0.05, 1.1, 0.8)
REGIONS = {
    **dict.fromkeys((1, 2, 4), FOREHEAD),
    **dict.fromkeys((5, 7), EYES),
    6: (-0.55, 0.6, 0.95),
    9: NOSE,
    10: (0.0, 1.1, 0.8),
    12: (-0.35, 1.0, 0.95),
    **dict.fromkeys((14, 15, 17, 20, 23, 24, 25), MOUTH),
    26: (0.3, 1.5, 1.1),
    27: (0.05, 1.5, 1.1),
}


def test_every_unit_has_a_region():
    assert set(REGIONS) == set(shape.UNITS)


@pytest.mark.parametrize("unit", shape.UNITS)
def test_a_unit_changes_its_own_region_only(unit):
    difference = np.abs(render(with_unit(unit)) - render(still()))
    places = (np.arange(SIZE) + 0.5) / SIZE * 2 * 1.115 - 1.115
    top, bottom, side = REGIONS[unit]
    rows = (places + 0.085 > top) & (places + 0.085 < bottom)
    inside = rows[:, None] & (np.abs(places) < side)
    assert difference[inside].max() > 25
    assert difference[~inside].max() <= 3


@pytest.mark.parametrize("unit", shape.UNITS)
def test_one_side_alone_moves_that_side(unit):
    rest = render(still())
    half = SIZE // 2
    right, left = (
        render(with_unit(unit, (5, 0))),
        render(with_unit(unit, (0, 5))),
    )
    # One is the mirror image of the other, but for the glint in the eyes.
    assert np.abs(right[:, ::-1] - left).mean() < 1
    moved = np.abs(right - rest)
    # Central points follow either side by half.
    assert moved[:, half:].sum() > 1.3 * moved[:, :half].sum()


def test_the_same_parameters_give_the_same_pixels():
    faces, _ = procedural.draw_faces(range(8), range(8), domain="web")
    first = procedural.render(faces, 48)
    np.testing.assert_array_equal(first, procedural.render(faces, 48))
    # Whatever else is drawn with them.
    np.testing.assert_array_equal(
        first[[5, 2]], procedural.render(faces[[5, 2]], 48)
    )


@pytest.mark.parametrize("size", [16, 48, 97, 224])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_gray_or_rgb(size, channels):
    faces, _ = procedural.draw_faces(range(8), range(8), domain="web")
    images = procedural.render(faces, size, channels)
    assert images.shape == (8, size, size, channels)
    assert images.dtype == np.uint8
    assert images.std(axis=(1, 2, 3)).min() > 5


def test_gray_is_the_gray_of_rgb():
    faces = still()
    color = procedural.render(faces, SIZE, 3).astype(float)[0]
    gray = color @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(render(faces), gray, atol=1)
    assert color[..., 0].mean() > color[..., 2].mean()  # skin is red, not blue


def test_sizes_show_the_same_face():
    import cv2

    large = procedural.render(still(), 192)[0]
    small = cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    assert np.abs(render(still()) - small).mean() < 3


@pytest.mark.parametrize(
    ("axis", "feature"), [(0, (1, 0)), (1, (0, 1)), (2, None)]
)
def test_pose_turns_the_face(axis, feature):
    faces = still()
    pose = faces.pose.copy()
    pose[0, axis] = 15
    before = drawing.project(faces)[0]
    after = drawing.project(dataclasses.replace(faces, pose=pose))[0]
    points = drawing._SLICES["points"]
    nose = (after - before)[points][drawing._TIP]
    if feature is None:
        # Turned clockwise: the right eye goes down, the left one up.
        eyes = (after - before)[points][[drawing._SOCKET, drawing._SOCKET_L]]
        assert eyes[0, 1] > 0.02 and eyes[1, 1] < -0.02
    else:
        assert nose @ feature > 0.05


def test_light_comes_from_where_it_is_said_to():
    faces = still()
    for side in (-1, 1):
        lit = dataclasses.replace(
            faces,
            light=np.array([[side, -0.2, 0.6]]),
            ambient=np.array([0.2]),
        )
        image = render(lit)
        cheeks = image[50:70, 62:74].mean(), image[50:70, 22:34].mean()
        assert (cheeks[0] - cheeks[1]) * side > 15


def test_zoom_shift_level_and_patch():
    faces = still()
    outer = drawing.project(faces)[0][drawing._SLICES["head"]]
    for change, check in (
        ({"zoom": np.array([0.5])}, lambda p: np.ptp(p) < 0.55 * np.ptp(outer)),
        (
            {"shift": np.array([[0.1, 0.0]])},
            lambda p: np.allclose(p - outer, [0.1, 0]),
        ),
    ):
        moved = drawing.project(dataclasses.replace(faces, **change))[0]
        assert check(moved[drawing._SLICES["head"]])
    dark = dataclasses.replace(faces, level=np.array([0.5]))
    assert render(dark).mean() < 0.6 * render(faces).mean()
    patch = np.array([[0.5, 0.5, 0.2, 0.1, 255.0]])
    covered = render(dataclasses.replace(faces, occlusion=patch))
    changed = covered != render(faces)
    assert changed[44:52, 39:57].mean() > 0.9
    assert not changed[:40].any() and not changed[:, :36].any()


def test_noise_and_compression_are_the_cameras():
    faces = still()
    clean = render(faces)
    noisy = render(dataclasses.replace(faces, noise=np.array([10.0])))
    assert 7 < (noisy - clean).std() < 11
    squeezed = render(dataclasses.replace(faces, quality=np.array([10])))
    assert 1 < np.abs(squeezed - clean).mean() < 10


def test_every_style_is_drawn_otherwise():
    faces = still()
    for field, count in (
        ("hair_style", len(drawing.HAIR_STYLES)),
        ("beard", len(drawing.BEARDS)),
        ("glasses", 2),
    ):
        images = [
            render(dataclasses.replace(faces, **{field: np.array([value])}))
            for value in range(count)
        ]
        for one in range(count):
            for other in range(one):
                difference = np.abs(images[one] - images[other])
                assert (difference > 10).mean() > 0.005, (field, one, other)


def test_wrong_arguments():
    for options in ({"channels": 2}, {"size": 8}):
        with pytest.raises(ValueError, match="`channels` must be 1 or 3"):
            procedural.render(still(), **options)


def test_eyes_outside_the_picture_are_left_out():
    faces = still()
    away = dataclasses.replace(faces, shift=np.array([[2.0, 2.0]]))
    assert procedural.render(away, SIZE).std() < 60


def test_a_unit_changes_its_part_of_the_face():
    """Brows above the middle, jaw below; the region is that of the unit."""
    faces = procedural.draw_split("val", images=24)
    regions = {
        unit: procedural.unit_region(faces, unit, 48) for unit in (1, 4, 12, 26)
    }
    rows = np.arange(48)[:, None]
    center = {
        unit: (region * rows).sum() / region.sum()
        for unit, region in regions.items()
    }
    assert center[1] < 20 and center[4] < 20
    assert 24 < center[12] < center[26]
    for region in regions.values():
        assert region.any(axis=(1, 2)).all()
        assert region.mean() < 0.2
    with pytest.raises(ValueError, match="one of 1, 2, .*unit=3"):
        procedural.unit_region(faces, 3)


def test_a_region_knows_neither_noise_nor_what_the_face_shows():
    faces = procedural.draw_split("val", images=8, domain="webcam")
    noisy = dataclasses.replace(faces, noise=faces.noise + 20)
    units = faces.units.copy()
    units[:, procedural.UNITS.index(12)] = 5
    smiling = dataclasses.replace(faces, units=units)
    first, *others = (
        procedural.unit_region(some, 12, 48) for some in (faces, noisy, smiling)
    )
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_landmarks_follow_the_face():
    """Corners of the mouth go apart in a smile; a turned head turns them."""
    import dataclasses

    import numpy as np

    from keras_fer.datasets import procedural

    faces = procedural.draw_split("val", images=4)
    faces = dataclasses.replace(
        faces, units=0 * faces.units, pose=0 * faces.pose
    )
    marks = procedural.landmarks(faces)
    left_eye, right_eye, nose, left, right = marks.transpose(1, 0, 2)
    assert (left_eye[:, 0] < nose[:, 0]).all()
    assert (nose[:, 0] < right_eye[:, 0]).all()
    assert (left_eye[:, 1] < nose[:, 1]).all() and (nose < right).all()
    units = faces.units.copy()
    units[:, procedural.UNITS.index(12)] = 5
    smiling = procedural.landmarks(dataclasses.replace(faces, units=units))
    assert (
        smiling[:, 4, 0] - smiling[:, 3, 0] > right[:, 0] - left[:, 0]
    ).all()
    np.testing.assert_allclose(smiling[:, :2], marks[:, :2])
    turned = dataclasses.replace(faces, pose=faces.pose + [0, 0, 20])
    eyes = np.diff(procedural.landmarks(turned)[:, :2], axis=1)[:, 0]
    angles = np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0]))
    before = np.diff(marks[:, :2], axis=1)[:, 0]
    before = np.degrees(np.arctan2(before[:, 1], before[:, 0]))
    np.testing.assert_allclose(angles - before, 20, atol=0.5)

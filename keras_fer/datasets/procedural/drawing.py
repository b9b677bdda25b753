"""From parameters to pixels: projection, light, paint, camera."""

import dataclasses

import numpy as np

from keras_fer.datasets.procedural import shape

_FRAME = 1.115  # half the side of the picture in face units
_CENTER = np.array([0.0, 0.085])  # of the picture, in face units
_SHIFT = 4  # bits behind the point in OpenCV's coordinates
_LIGHT_GRID = 40  # the light map is computed at this size, then enlarged

HAIR_STYLES = ("bald", "short", "fringe", "long", "receding")
# How far the edge of the hair on the forehead moves down.
_HAIRLINE = np.array([0.0, 0.0, 0.14, 0.0, -0.16])
BEARDS = ("none", "mustache", "full")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Faces:
    """Everything that is drawn, for N faces.

    Args:
        modes: `(N, len(shape.MODES))`, identity in standard deviations.
        units: `(N, len(shape.UNITS), 2)`, intensity 0 to 5 of each action
            unit on the right and the left of the picture.
        pose: `(N, 3)`, yaw, pitch, roll in degrees; positive yaw looks to the
            right of the picture, positive pitch down, positive roll turns
            clockwise.
        zoom: `(N,)`, size of the face; 1 is the framing of FER2013.
        shift: `(N, 2)`, right and down, as shares of the picture.
        gaze: `(N, 2)`, right and down, -1 to 1.
        skin: `(N, 3)`, RGB.
        hair: `(N, 3)`, RGB.
        iris: `(N, 3)`, RGB.
        clothes: `(N, 3)`, RGB.
        background: `(N, 2, 3)`, RGB at the top and at the bottom.
        hair_style: `(N,)`, index into `HAIR_STYLES`.
        beard: `(N,)`, index into `BEARDS`.
        glasses: `(N,)`, whether they are worn.
        age: `(N,)`, 0 to 1: lines that are there at rest.
        light: `(N, 3)`, direction to the light: right, down, to the viewer.
        ambient: `(N,)`, share of the light that comes from everywhere.
        level: `(N,)`, brightness, 1 is well lit.
        contrast: `(N,)`, of the camera.
        blur: `(N,)`, standard deviation in thousandths of the side.
        noise: `(N,)`, standard deviation in gray levels.
        quality: `(N,)`, of JPEG compression, 100 is none.
        occlusion: `(N, 5)`, center, width, height (shares of the picture) and
            gray level of a patch; none where the width is 0.
        seeds: `(N,)`, of each face's noise.
    """

    modes: np.ndarray
    units: np.ndarray
    pose: np.ndarray
    zoom: np.ndarray
    shift: np.ndarray
    gaze: np.ndarray
    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    clothes: np.ndarray
    background: np.ndarray
    hair_style: np.ndarray
    beard: np.ndarray
    glasses: np.ndarray
    age: np.ndarray
    light: np.ndarray
    ambient: np.ndarray
    level: np.ndarray
    contrast: np.ndarray
    blur: np.ndarray
    noise: np.ndarray
    quality: np.ndarray
    occlusion: np.ndarray
    seeds: np.ndarray

    def __len__(self):
        return len(self.seeds)

    def __getitem__(self, rows) -> "Faces":
        """Some of the faces."""
        return Faces(
            **{
                field.name: getattr(self, field.name)[rows]
                for field in dataclasses.fields(self)
            }
        )


def _sided(name, names, samples=5):
    return {
        name: shape.spline(names, samples=samples),
        f"-{name}": shape.spline(shape.mirrored(names), samples=samples),
    }


_CURVES = {
    "head": shape.spline(
        "h0 h1 h2 h3 h4 h5 h6 h7 h8 h9 -h8 -h7 -h6 -h5 -h4 -h3 -h2 -h1",
        closed=True,
        samples=4,
    ),
    "hair_out": shape.spline("-o4 -o3 -o2 -o1 o0 o1 o2 o3 o4", samples=4),
    "hair_line": shape.spline("-l4 -l3 -l2 -l1 l0 l1 l2 l3 l4", samples=4),
    "hair_long": shape.spline(
        "-g6 -g5 -g4 -o4 -o3 -o2 -o1 o0 o1 o2 o3 o4 g4 g5 g6", samples=3
    ),
    "body": shape.spline("-t3 -t2 -t1 -t0 t0 t1 t2 t3", samples=1),
    **_sided("ear", "a0 a1 a2 a3 a4", 3),
    **_sided("brow_top", "bt0 bt1 bt2 bt3 bt4", 4),
    **_sided("brow_bottom", "bb4 bb3 bb2 bb1 bb0", 4),
    **_sided("lid_upper", "ei eu1 eu2 eu3 eo"),
    **_sided("lid_lower", "eo el3 el2 el1 ei"),
    **_sided("lid_crease", "ec0 ec1 ec2 ec3 ec4", 3),
    **_sided("eye_fold", "ef0 ef1 ef2", 4),
    **_sided("nose_wing", "nw0 nw1 nw2 nw3", 3),
    "nose_base": shape.spline("-nw3 -nd nc nd nw3", samples=3),
    "lip_top": shape.spline("-mc -mu2 -mu1 mu0 mu1 mu2 mc", samples=4),
    "lip_inner_top": shape.spline("-mc -iu2 -iu1 iu0 iu1 iu2 mc", samples=4),
    "lip_inner_low": shape.spline("mc il2 il1 il0 -il1 -il2 -mc", samples=4),
    "lip_low": shape.spline("mc ml2 ml1 ml0 -ml1 -ml2 -mc", samples=4),
    **_sided("nasolabial", "nl0 nl1 nl2 nl3", 4),
    **_sided("dimple", "d0 d1 d2", 4),
    **_sided("furrow", "v0 v1 v2", 3),
    **_sided("forehead_outer_low", "x00 x01 x02", 3),
    **_sided("forehead_outer_high", "x10 x11 x12", 3),
    "forehead_low": shape.spline("-w02 -w01 w00 w01 w02", samples=3),
    "forehead_high": shape.spline("-w12 -w11 w10 w11 w12", samples=3),
    **_sided("crow_high", "c00 c01", 1),
    **_sided("crow_middle", "c10 c11", 1),
    **_sided("crow_low", "c20 c21", 1),
    "nose_wrinkle_high": shape.spline("-z01 z00 z01", samples=3),
    "nose_wrinkle_low": shape.spline("-z11 z10 z11", samples=3),
    **_sided("nose_wrinkle_side", "z20 z21", 1),
    **_sided("nose_wrinkle_outer", "z30 z31", 1),
    "chin_crease": shape.spline("-k1 k0 k1", samples=4),
    "chin_high": shape.spline("-q1 q0 q1", samples=3),
    **_sided("chin_pit", "q1 q2", 1),
    "points": np.eye(len(shape.MEAN))[
        shape.rows("ir -ir nn -nn sc -sc sj sf nt nc se -se mu0 ml0")
    ],
}
_ENDS = np.cumsum([len(weights) for weights in _CURVES.values()])
_SLICES = {
    name: slice(end - len(weights), end)
    for (name, weights), end in zip(_CURVES.items(), _ENDS, strict=True)
}
_WEIGHTS = np.concatenate(list(_CURVES.values()))
_MODE_MOVES = np.stack(list(shape.MODES.values()))
(
    _IRIS, _IRIS_L, _NOSTRIL, _NOSTRIL_L, _CHEEK, _CHEEK_L, _CHIN, _FOREHEAD,
    _TIP, _COLUMELLA, _SOCKET, _SOCKET_L, _LIP_TOP, _LIP_LOW,
) = range(14)  # fmt: skip

# Lines in the skin: curve, width in face units, depth at rest for an old face,
# and how deep each unit at its strongest makes it.
_LINES = (
    ("forehead_low", 0.018, 0.10, {1: 0.42, 2: 0.12}),
    ("forehead_high", 0.018, 0.08, {1: 0.32, 2: 0.10}),
    ("forehead_outer_low", 0.018, 0.06, {2: 0.34}),
    ("forehead_outer_high", 0.018, 0.05, {2: 0.26}),
    ("furrow", 0.026, 0.10, {4: 0.55, 9: 0.20}),
    ("crow_high", 0.016, 0.10, {6: 0.36}),
    ("crow_middle", 0.016, 0.10, {6: 0.40}),
    ("crow_low", 0.016, 0.08, {6: 0.32}),
    ("eye_fold", 0.026, 0.16, {6: 0.34, 7: 0.20}),
    ("nose_wrinkle_high", 0.018, 0.03, {9: 0.45}),
    ("nose_wrinkle_low", 0.018, 0.02, {9: 0.42}),
    ("nose_wrinkle_side", 0.020, 0.02, {9: 0.50}),
    ("nose_wrinkle_outer", 0.018, 0.02, {9: 0.42}),
    ("nasolabial", 0.026, 0.20, {9: 0.22, 10: 0.30, 12: 0.34, 20: 0.16}),
    ("dimple", 0.026, 0.02, {14: 0.50, 12: 0.14, 24: 0.12, 23: 0.10}),
    ("chin_crease", 0.036, 0.12, {17: 0.46, 24: 0.16, 15: 0.14}),
    ("chin_high", 0.026, 0.0, {17: 0.40}),
    ("chin_pit", 0.024, 0.0, {17: 0.40}),
)


def project(faces: Faces) -> np.ndarray:
    """Curves of all faces in picture shares, `(N, samples, 2)`."""
    count = len(shape.UNITS)
    moved = (
        shape.MEAN
        + np.tensordot(faces.modes, _MODE_MOVES, 1)
        + np.tensordot(
            faces.units.reshape(len(faces), 2 * count),
            shape.MOVES.reshape(2 * count, len(shape.MEAN), 2),
            1,
        )
    )
    moved[:, _FRINGE, 1] += _HAIRLINE[faces.hair_style][:, None]
    # Lids never cross, nor do lips.
    for upper, lower in _OPENINGS:
        gap = moved[:, lower, 1] - moved[:, upper, 1]
        half = np.maximum(0.004 - gap, 0) / 2
        moved[:, upper, 1] -= half
        moved[:, lower, 1] += half
    x, y = moved[..., 0], moved[..., 1]
    z = np.broadcast_to(shape.DEPTH, x.shape)
    yaw, pitch, roll = np.radians(faces.pose).T[..., None]
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y = y * np.cos(pitch) + z * np.sin(pitch)
    x, y = (
        x * np.cos(roll) - y * np.sin(roll),
        x * np.sin(roll) + y * np.cos(roll),
    )
    points = np.stack([x, y], axis=2) - _CENTER
    points = points * (faces.zoom / (2 * _FRAME))[:, None, None]
    points += 0.5 + faces.shift[:, None]
    return _WEIGHTS @ points


_FRINGE = shape.rows("l0 l1 l2 -l0 -l1 -l2")
_OPENINGS = [
    (shape.rows(f"{side}{upper}")[0], shape.rows(f"{side}{lower}")[0])
    for side in ("", "-")
    for upper, lower in (
        ("eu1", "el1"),
        ("eu2", "el2"),
        ("eu3", "el3"),
        ("iu0", "il0"),
        ("iu1", "il1"),
        ("iu2", "il2"),
    )
]


def _line_depths(faces):
    """(N, lines, 2): how dark each line is on the right and on the left."""
    index = {unit: row for row, unit in enumerate(shape.UNITS)}
    depths = np.zeros((len(faces), len(_LINES), 2))
    for number, (_, _, rest, units) in enumerate(_LINES):
        depths[:, number] = rest * faces.age[:, None]
        for unit, depth in units.items():
            share = faces.units[:, index[unit]] / shape.MAX_INTENSITY
            depths[:, number] += depth * share
    return np.minimum(depths, 0.55)


def _light_maps(faces, points):
    """(N, grid, grid) light on a head of smooth bumps."""
    grid = (np.arange(_LIGHT_GRID) + 0.5) / _LIGHT_GRID
    unit = 2 * _FRAME / faces.zoom  # face units across the picture
    index = {u: row for row, u in enumerate(shape.UNITS)}
    share = faces.units / shape.MAX_INTENSITY

    def strength(*units):
        return sum(share[:, index[u]] for u in units)

    cheek = 0.10 + 0.10 * np.minimum(strength(6, 12), 1.3)
    one = np.ones(len(faces))
    # place, width, height, elevation
    bumps = (
        (_CHEEK, 0.30, 0.24, cheek[:, 0]),
        (_CHEEK_L, 0.30, 0.24, cheek[:, 1]),
        (_TIP, 0.13, 0.30, 0.24 * one),
        (_COLUMELLA, 0.17, 0.09, 0.16 * one),
        (_SOCKET, 0.24, 0.15, -0.15 * one),
        (_SOCKET_L, 0.24, 0.15, -0.15 * one),
        (_FOREHEAD, 0.60, 0.22, 0.08 * one),
        (_CHIN, 0.24, 0.15, 0.10 + 0.07 * strength(17).mean(axis=1)),
        (_LIP_TOP, 0.22, 0.06, 0.05 * one),
        (_LIP_LOW, 0.20, 0.07, 0.07 * one),
    )
    slope_x = np.zeros((len(faces), _LIGHT_GRID, _LIGHT_GRID))
    slope_y = np.zeros_like(slope_x)
    for place, width, height, elevation in bumps:
        center = points[:, place]
        u = (grid - center[:, :1]) * (unit / width)[:, None]
        v = (grid - center[:, 1:]) * (unit / height)[:, None]
        gu, gv = np.exp(-(u**2)), np.exp(-(v**2))
        amount = elevation[:, None, None]
        slope_x += amount * gv[:, :, None] * (-2 * u * gu / width)[:, None]
        slope_y += amount * (-2 * v * gv / height)[:, :, None] * gu[:, None]
    # Places that no muscle moves, so that light stays when the face moves.
    eyes = (points[:, _SOCKET] + points[:, _SOCKET_L]) / 2
    middle = eyes + 0.35 * (eyes - points[:, _FOREHEAD])
    u = (grid - middle[:, :1]) * (unit / 1.06)[:, None]
    v = (grid - middle[:, 1:]) * (unit / 1.36)[:, None]
    inside = 1 - u[:, None] ** 2 - v[:, :, None] ** 2
    z = np.sqrt(np.maximum(inside, 0.06))
    slope_x -= 0.9 * u[:, None] / 1.06 / z
    slope_y -= 0.9 * v[:, :, None] / 1.36 / z
    light = faces.light / np.linalg.norm(faces.light, axis=1, keepdims=True)
    lx, ly, lz = light.T[..., None, None]
    # The normal of a surface z(x, y) is (-dz/dx, -dz/dy, 1).
    shine = (lz - lx * slope_x - ly * slope_y) / np.sqrt(
        1 + slope_x**2 + slope_y**2
    )
    ambient = faces.ambient[:, None, None]
    level = faces.level[:, None, None]
    lit = ambient + (1 - ambient) * 1.25 * np.maximum(shine, 0)
    # What lies behind the head has its own, even light.
    on_head = np.clip(8 * inside + 1.6, 0, 1)
    return level * (on_head * lit + (1 - on_head) * 0.85)


def render(faces: Faces, size: int = 96, channels: int = 1) -> np.ndarray:
    """Draw faces.

    Args:
        faces: what to draw.
        size: side of the pictures in pixels.
        channels: 1 for gray, 3 for RGB.

    Returns:
        uint8 `(N, size, size, channels)`, in `[0, 255]`.

    Raises:
        ValueError: `channels` is neither 1 nor 3, or `size` is below 16.
    """
    if channels not in (1, 3) or size < 16:
        raise ValueError(
            "`channels` must be 1 or 3 and `size` at least 16. Received: "
            f"channels={channels}, size={size}"
        )
    images = np.empty((len(faces), size, size, channels), np.uint8)
    for start in range(0, len(faces), 256):
        part = faces[start : start + 256]
        curves = project(part)
        points = curves[:, _SLICES["points"]]
        lights = _light_maps(part, points).astype(np.float32)
        depths = _line_depths(part)
        for row in range(len(part)):
            image = _paint(
                part, row, curves[row], lights[row], depths[row], size
            )
            images[start + row] = _photograph(part, row, image, size, channels)
    return images


def landmarks(faces: Faces) -> np.ndarray:
    """Find eyes, nose and mouth of faces.

    Args:
        faces: the faces.

    Returns:
        `(N, 5, 2)`, x and y as shares of the picture: left eye (the middle
        between its corners), right eye, tip of the nose, left and right corner
        of the mouth, left and right as in the picture.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> faces = procedural.draw_split("val", images=2)
    >>> procedural.landmarks(faces).shape
    (2, 5, 2)
    """
    curves = project(faces)

    def ends(name):
        points = curves[:, _SLICES[name]]
        return points[:, 0], points[:, -1]

    eyes = [np.mean(ends(name), axis=0) for name in ("-lid_upper", "lid_upper")]
    tip = curves[:, _SLICES["points"]][:, _TIP]
    return np.stack([*eyes, tip, *ends("lip_top")], axis=1)


def unit_region(
    faces: Faces,
    unit: int,
    size: int = 96,
    *,
    intensity: float = 3.0,
    threshold: float = 0.1,
) -> np.ndarray:
    """Find the pixels of each face that an action unit changes.

    The face is drawn twice, with the unit at rest and on both sides at some
    intensity, everything else as it is, without noise and compression.

    Args:
        faces: the faces.
        unit: number of an action unit, one of `UNITS`.
        size: side of the pictures in pixels.
        intensity: of the unit, 0 to 5.
        threshold: change from which a pixel belongs to the region, as a share
            of the largest change in the face.

    Returns:
        bool `(N, size, size)`.

    Raises:
        ValueError: the unit is not drawn.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import procedural
    >>> faces = procedural.draw_split("val", images=2)
    >>> brows, jaw = (procedural.unit_region(faces, u, 48) for u in (1, 26))
    >>> bool(brows[:, 30:].any()), bool(jaw[:, :10].any())
    (False, False)
    """
    if unit not in shape.UNITS:
        raise ValueError(
            f"`unit` must be one of {', '.join(map(str, shape.UNITS))}. "
            f"Received: unit={unit}"
        )
    pictures = []
    for level in (0.0, intensity):
        units = faces.units.copy()
        units[:, shape.UNITS.index(unit)] = level
        clean = dataclasses.replace(
            faces,
            units=units,
            noise=np.zeros(len(faces)),
            quality=np.full(len(faces), 100),
        )
        pictures.append(render(clean, size)[..., 0].astype(float))
    change = np.abs(pictures[1] - pictures[0])
    return change > threshold * change.max(axis=(1, 2), keepdims=True)


def _paint(faces, row, curves, light, depths, size):
    import cv2

    side = 2 * size if size <= 160 else size
    scale = side * (1 << _SHIFT)
    fixed = np.rint(curves * scale - (1 << (_SHIFT - 1))).astype(np.int32)
    unit = faces.zoom[row] / (2 * _FRAME) * side  # pixels a face unit
    skin, hair = faces.skin[row], faces.hair[row]

    def curve(name):
        return fixed[_SLICES[name]]

    def ink(color):
        return np.asarray(color, float).tolist()  # OpenCV clips to 0 to 255

    def fill(color, *names):
        outline = np.concatenate([curve(name) for name in names])
        cv2.fillPoly(image, [outline], ink(color), cv2.LINE_AA, _SHIFT)

    def stroke(target, color, width, *names):
        cv2.polylines(
            target,
            [curve(name) for name in names],
            False,
            ink(color) if np.ndim(color) else float(color),
            max(1, round(width * unit)),
            cv2.LINE_AA,
            _SHIFT,
        )

    ramp = np.linspace(0, 1, side)[:, None, None]
    top, bottom = faces.background[row]
    image = np.empty((side, side, 3), np.uint8)
    image[:] = (top + (bottom - top) * ramp).astype(np.uint8)

    style = HAIR_STYLES[faces.hair_style[row]]
    if style == "long":
        fill(hair * 0.8, "hair_long")
    elif style != "bald":
        fill(hair * 0.85, "hair_out")
    fill(faces.clothes[row], "body")
    neck = curve("body")[2:6]
    cv2.fillPoly(image, [neck], ink(skin * 0.78), cv2.LINE_AA, _SHIFT)
    fill(skin * 0.86, "ear")
    fill(skin * 0.86, "-ear")
    fill(skin, "head")

    _beard(faces, row, image, curve, skin, hair)
    for eye in ("", "-"):
        _eye(faces, row, image, curves, fixed, eye, unit, side)
        stroke(image, skin * 0.62, 0.020, f"{eye}lid_crease")
        stroke(image, skin * 0.70, 0.014, f"{eye}lid_lower")
        stroke(image, np.minimum(hair, 60) * 0.6, 0.028, f"{eye}lid_upper")
        brow = hair * 0.55 + skin * 0.08
        fill(brow, f"{eye}brow_top", f"{eye}brow_bottom")
        stroke(image, skin * 0.70, 0.022, f"{eye}nose_wing")
    stroke(image, skin * 0.72, 0.020, "nose_base")
    for nostril in (_NOSTRIL, _NOSTRIL_L):
        center = fixed[_SLICES["points"]][nostril]
        axes = (np.array([0.045, 0.020]) * unit * (1 << _SHIFT)).astype(int)
        cv2.ellipse(
            image,
            tuple(map(int, center)),
            tuple(map(int, axes)),
            float(faces.pose[row, 2]),
            0,
            360,
            ink(skin * 0.30),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )
    _mouth(faces, row, image, curves, curve, fill, stroke, skin, unit)

    lines = np.full((side, side), 255, np.uint8)
    for (name, width, _, _), (right, left) in zip(_LINES, depths, strict=True):
        if f"-{name}" in _SLICES:
            strokes = ((name, right), (f"-{name}", left))
        else:
            strokes = ((name, (right + left) / 2),)
        for which, depth in strokes:
            if depth > 0.02:
                stroke(lines, 255 * (1 - depth), width, which)
    reach = max(1, side // 40) | 1
    blurred = cv2.blur(lines, (reach, reach))

    if style != "bald":
        fill(hair, "hair_out", "hair_line_back")
        outer, inner = curve("hair_out"), curve("hair_line")
        strands = np.stack([outer, (4 * inner + outer) // 5], axis=1)
        for shade in range(3):
            cv2.polylines(
                image,
                list(strands[2 + shade : -2 : 3]),
                False,
                ink(hair * (0.90 + 0.10 * shade)),
                max(1, round(0.03 * unit)),
                cv2.LINE_AA,
                _SHIFT,
            )
        outline = np.concatenate([curve("hair_out"), curve("hair_line_back")])
        cv2.fillPoly(blurred, [outline], 255.0, cv2.LINE_AA, _SHIFT)
    if faces.glasses[row]:
        _glasses(faces, row, image, curves, unit, side)

    large = cv2.resize(light, (side, side), interpolation=cv2.INTER_LINEAR)
    large *= blurred * np.float32(1 / 255)
    return cv2.multiply(image, cv2.merge([large] * 3), dtype=cv2.CV_8U)


def _eye(faces, row, image, curves, fixed, eye, unit, side):
    """White, iris, pupil and glint, seen through the opening of the lids."""
    import cv2

    upper, lower = _SLICES[f"{eye}lid_upper"], _SLICES[f"{eye}lid_lower"]
    outline = np.concatenate([fixed[upper], fixed[lower]])
    low = np.maximum((outline.min(axis=0) >> _SHIFT) - 2, 0)
    high = np.minimum((outline.max(axis=0) >> _SHIFT) + 3, side)
    if (high <= low).any():
        return
    window = image[low[1] : high[1], low[0] : high[0]]
    layer = np.full_like(window, (228, 224, 218))
    radius = 0.088 * unit
    center = curves[_SLICES["points"]][_IRIS_L if eye else _IRIS] * side - low
    center = center + faces.gaze[row] * [0.06 * unit, 0.035 * unit]
    scale = 1 << _SHIFT
    place = tuple(int(v) for v in np.rint((center - 0.5) * scale))
    iris = faces.iris[row]
    for share, color in (
        (1.0, iris * 0.45),
        (0.82, iris),
        (0.45, iris * 0.12),
    ):
        cv2.circle(
            layer,
            place,
            int(share * radius * scale),
            tuple(map(float, color)),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )
    glint = tuple(
        int(v) for v in np.rint((center - 0.5 - 0.3 * radius) * scale)
    )
    cv2.circle(
        layer, glint, int(0.2 * radius * scale), (250.0,) * 3, -1,
        cv2.LINE_AA, _SHIFT,
    )  # fmt: skip
    mask = np.zeros(window.shape[:2], np.uint8)
    inside = outline - (low * scale).astype(np.int32)
    cv2.fillPoly(mask, [inside], 255, cv2.LINE_8, _SHIFT)
    cv2.copyTo(layer, mask, window)


def _mouth(faces, row, image, curves, curve, fill, stroke, skin, unit):
    import cv2

    lips = skin * np.array([0.86, 0.62, 0.60])
    top = curves[_SLICES["lip_inner_top"]]
    low = curves[_SLICES["lip_inner_low"]][::-1]
    opening = (low - top)[:, 1].max() * image.shape[0] / unit
    if opening > 0.02:
        fill((58, 18, 22), "lip_inner_top", "lip_inner_low")
        # Teeth hang from the upper lip; in a wide mouth the tongue shows.
        scale = image.shape[0] * (1 << _SHIFT)
        # Their edge is straight, whatever the lip does.
        edge = top.copy()
        level = top[len(top) // 2, 1] + 0.075 * unit / image.shape[0]
        edge[:, 1] = np.clip(level, top[:, 1], (top + 0.9 * (low - top))[:, 1])
        inner = slice(5, len(top) - 5)
        polygon = np.concatenate([top[inner], edge[inner][::-1]])
        cv2.fillPoly(
            image,
            [np.rint(polygon * scale).astype(np.int32)],
            (222.0, 214.0, 200.0),
            cv2.LINE_AA,
            _SHIFT,
        )
        if opening > 0.16:
            gap = (low - top)[:, 1:]
            back = top + np.concatenate([0 * gap, 0.62 * gap], axis=1)
            inner = slice(6, len(top) - 6)
            polygon = np.concatenate([back[inner], low[inner][::-1]])
            cv2.fillPoly(
                image,
                [np.rint(polygon * scale).astype(np.int32)],
                (168.0, 78.0, 80.0),
                cv2.LINE_AA,
                _SHIFT,
            )
    upper = np.concatenate([curve("lip_top"), curve("lip_inner_top")[::-1]])
    lower = np.concatenate([curve("lip_low"), curve("lip_inner_low")[::-1]])
    for outline, shade in ((upper, 0.90), (lower, 1.03)):
        cv2.fillPoly(
            image,
            [outline],
            (lips * shade).tolist(),
            cv2.LINE_AA,
            _SHIFT,
        )
    line = lips * 0.42
    stroke(image, line, 0.020, "lip_inner_top")
    if opening > 0.02:
        stroke(image, lips * 0.66, 0.014, "lip_inner_low")


def _beard(faces, row, image, curve, skin, hair):
    import cv2

    kind = BEARDS[faces.beard[row]]
    if kind == "none":
        return
    mask = np.zeros(image.shape[:2], np.uint8)
    lip, nose = curve("lip_top"), curve("nose_base")[::-1]
    cv2.fillPoly(mask, [np.concatenate([lip, nose])], 180, cv2.LINE_AA, _SHIFT)
    if kind == "full":
        head = curve("head")  # from the top, right side down, left side up
        outline = np.concatenate(
            [
                head[20:53],
                curve("-nasolabial")[-1:],
                curve("lip_low")[::-1],
                curve("nasolabial")[-1:],
            ]
        )
        cv2.fillPoly(mask, [outline], 180, cv2.LINE_AA, _SHIFT)
    reach = max(1, image.shape[0] // 24) | 1  # hair thins out at its edge
    mask = cv2.merge([cv2.blur(mask, (reach, reach))] * 3)
    shade = np.full_like(image, np.clip(0.3 * skin + 0.5 * hair, 0, 255))
    image[:] = cv2.add(
        cv2.multiply(image, 255 - mask, scale=1 / 255),
        cv2.multiply(shade, mask, scale=1 / 255),
    )


def _glasses(faces, row, image, curves, unit, side):
    import cv2

    points = curves[_SLICES["points"]] * side
    color = (30.0, 28.0, 30.0)
    width = max(1, round(0.035 * unit))
    roll = float(faces.pose[row, 2])
    scale = 1 << _SHIFT
    axes = (int(0.265 * unit * scale), int(0.215 * unit * scale))
    ends = []
    for socket in (_SOCKET, _SOCKET_L):
        center = points[socket] + [0, 0.03 * unit]
        ends.append(center)
        cv2.ellipse(
            image, tuple(int(v) for v in center * scale), axes, roll, 0, 360,
            color, width, cv2.LINE_AA, _SHIFT,
        )  # fmt: skip
    direction = (ends[0] - ends[1]) / np.linalg.norm(ends[0] - ends[1])
    for begin, end in (
        (
            ends[1] + direction * 0.265 * unit,
            ends[0] - direction * 0.265 * unit,
        ),
        (ends[0] + direction * 0.265 * unit, ends[0] + direction * 0.62 * unit),
        (ends[1] - direction * 0.265 * unit, ends[1] - direction * 0.62 * unit),
    ):
        cv2.line(
            image,
            tuple(int(v) for v in begin * scale),
            tuple(int(v) for v in end * scale),
            color, width, cv2.LINE_AA, _SHIFT,
        )  # fmt: skip


def _photograph(faces, row, image, size, channels):
    """The camera: patch in front, size, blur, contrast, noise, JPEG."""
    import cv2

    x, y, width, height, gray = faces.occlusion[row]
    if width > 0:
        side = image.shape[0]
        half = np.array([width, height]) / 2
        low = np.maximum(np.rint((np.array([x, y]) - half) * side), 0)
        high = np.rint((np.array([x, y]) + half) * side)
        (left, top), (right, bottom) = low.astype(int), high.astype(int)
        image[top:bottom, left:right] = gray
    if image.shape[0] != size:
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    if channels == 1:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    sigma = faces.blur[row] * size / 1000
    if sigma > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    contrast, noise = faces.contrast[row], faces.noise[row]
    if noise > 0 or contrast != 1:
        image = (image - np.float32(128)) * np.float32(contrast) + 128
        if noise > 0:
            draws = np.random.default_rng(faces.seeds[row])
            grain = draws.standard_normal(image.shape, np.float32)
            image += grain * np.float32(noise)
        image = np.clip(image, 0, 255).astype(np.uint8)
    quality = int(faces.quality[row])
    if quality < 100:
        # OpenCV takes the first of three channels for blue.
        _, encoded = cv2.imencode(
            ".jpg",
            image[..., ::-1] if channels == 3 else image,
            [cv2.IMWRITE_JPEG_QUALITY, quality],
        )
        image = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
        image = image[..., ::-1] if channels == 3 else image
    return image.reshape(size, size, channels)


_SLICES["hair_line_back"] = slice(
    _SLICES["hair_line"].stop - 1, _SLICES["hair_line"].start - 1, -1
)

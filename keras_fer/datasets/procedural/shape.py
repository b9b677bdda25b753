"""The face as points: a mean shape, how people differ, what muscles move.

Points lie in face units: x to the right of the picture, y down, z toward the
viewer; half the width of the face is 1. Everything is linear, so a batch of
faces is one matrix product: shape = mean + identity modes + action units, and
curve = spline weights · points. Only points with x >= 0 are written down; the
other half is their mirror image.
"""

import numpy as np

# Action units that are drawn, numbers of the Facial Action Coding System.
UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26, 27)
MAX_INTENSITY = 5

_POINTS = {
    # Outline of head and jaw, from the top.
    "h0": (0, -1.22),
    "h1": (0.42, -1.16),
    "h2": (0.78, -0.90),
    "h3": (0.95, -0.48),
    "h4": (0.965, -0.05),
    "h5": (0.90, 0.36),
    "h6": (0.755, 0.70),
    "h7": (0.50, 0.98),
    "h8": (0.22, 1.13),
    "h9": (0, 1.16),
    # Edge of the hair on the forehead, and its outer edge.
    "l0": (0, -0.86),
    "l1": (0.38, -0.83),
    "l2": (0.70, -0.66),
    "l3": (0.86, -0.34),
    "l4": (0.93, -0.02),
    "o0": (0, -1.42),
    "o1": (0.52, -1.33),
    "o2": (0.93, -1.02),
    "o3": (1.09, -0.52),
    "o4": (1.06, -0.02),
    "g4": (1.10, 0.30),
    "g5": (1.10, 0.85),
    "g6": (0.98, 1.35),
    # Ear.
    "a0": (0.93, -0.22),
    "a1": (1.06, -0.27),
    "a2": (1.10, -0.08),
    "a3": (1.05, 0.14),
    "a4": (0.94, 0.20),
    # Brow, upper and lower edge from the nose outward.
    "bt0": (0.150, -0.482),
    "bt1": (0.29, -0.530),
    "bt2": (0.46, -0.545),
    "bt3": (0.62, -0.505),
    "bt4": (0.735, -0.425),
    "bb0": (0.158, -0.425),
    "bb1": (0.29, -0.455),
    "bb2": (0.46, -0.470),
    "bb3": (0.61, -0.455),
    "bb4": (0.735, -0.42),
    # Eye: corners, upper and lower lid, crease above, fold below, iris.
    "ei": (0.205, -0.165),
    "eo": (0.585, -0.195),
    "eu1": (0.285, -0.250),
    "eu2": (0.39, -0.285),
    "eu3": (0.505, -0.262),
    "el1": (0.295, -0.130),
    "el2": (0.395, -0.112),
    "el3": (0.505, -0.137),
    "ec0": (0.225, -0.245),
    "ec1": (0.29, -0.320),
    "ec2": (0.40, -0.350),
    "ec3": (0.515, -0.322),
    "ec4": (0.615, -0.225),
    "ef0": (0.240, -0.085),
    "ef1": (0.37, -0.025),
    "ef2": (0.51, -0.050),
    "ir": (0.392, -0.200),
    # Nose: wing, nostril, tip.
    "nw0": (0.130, 0.125),
    "nw1": (0.192, 0.195),
    "nw2": (0.180, 0.270),
    "nw3": (0.115, 0.288),
    "nn": (0.092, 0.272),
    "nt": (0, 0.215),
    "nc": (0, 0.312),
    "nd": (0.050, 0.300),
    # Mouth: corner, outer upper, inner upper, inner lower, outer lower.
    "mc": (0.315, 0.590),
    "mu0": (0, 0.520),
    "mu1": (0.070, 0.503),
    "mu2": (0.195, 0.540),
    "iu0": (0, 0.590),
    "iu1": (0.10, 0.588),
    "iu2": (0.21, 0.589),
    "il0": (0, 0.594),
    "il1": (0.10, 0.593),
    "il2": (0.21, 0.592),
    "ml0": (0, 0.700),
    "ml1": (0.105, 0.690),
    "ml2": (0.215, 0.648),
    # Lines that muscles draw into the skin.
    "nl0": (0.215, 0.205),
    "nl1": (0.300, 0.33),
    "nl2": (0.375, 0.47),
    "nl3": (0.405, 0.60),
    "k0": (0, 0.790),
    "k1": (0.14, 0.810),
    "q0": (0, 0.955),
    "q1": (0.10, 0.930),
    "q2": (0.06, 1.000),
    "d0": (0.395, 0.505),
    "d1": (0.420, 0.585),
    "d2": (0.395, 0.665),
    "v0": (0.060, -0.585),
    "v1": (0.072, -0.475),
    "v2": (0.060, -0.370),
    "w00": (0, -0.655),
    "w01": (0.14, -0.655),
    "w02": (0.27, -0.665),
    "w10": (0, -0.745),
    "w11": (0.15, -0.745),
    "w12": (0.29, -0.750),
    "x00": (0.33, -0.685),
    "x01": (0.48, -0.700),
    "x02": (0.66, -0.635),
    "x10": (0.34, -0.770),
    "x11": (0.48, -0.780),
    "x12": (0.63, -0.725),
    "c00": (0.655, -0.215),
    "c01": (0.775, -0.285),
    "c10": (0.660, -0.175),
    "c11": (0.800, -0.180),
    "c20": (0.650, -0.135),
    "c21": (0.770, -0.080),
    "z00": (0, -0.245),
    "z01": (0.09, -0.225),
    "z10": (0, -0.165),
    "z11": (0.085, -0.150),
    "z20": (0.115, -0.08),
    "z21": (0.165, 0.02),
    "z30": (0.160, -0.10),
    "z31": (0.215, -0.01),
    # Centers of what light shows: cheek, chin, forehead.
    "sc": (0.52, 0.22),
    "sj": (0, 0.95),
    "sf": (0, -0.70),
    "se": (0.40, -0.22),
    # Neck and shoulder.
    "t0": (0.48, 0.80),
    "t1": (0.50, 1.28),
    "t2": (0.80, 1.45),
    "t3": (1.70, 1.75),
}

# How far a point stands before the ellipsoid of the head, by the longest
# beginning of its name that is listed.
_BEFORE = {
    "nt": 0.34, "nc": 0.26, "nd": 0.22, "nn": 0.20, "nw0": 0.17, "nw1": 0.12,
    "nw2": 0.11, "nw3": 0.16,
    "mu": 0.09, "iu": 0.08, "il": 0.08, "ml": 0.09, "mc": 0.02, "b": 0.05,
    "q": 0.06, "k": 0.02, "z": 0.10, "nl": 0.03,
}  # fmt: skip
# Points that do not lie on the ellipsoid: outline, hair, ears, neck.
_DEPTH = {"h": 0.0, "o": -0.05, "g": -0.25, "a": -0.12, "t": -0.30}

# What each unit moves at intensity 5, on one side: point -> (dx, dy).
_MOVES = {
    1: {"bt0": (0.01, -0.165), "bb0": (0.01, -0.165), "bt1": (0, -0.115),
        "bb1": (0, -0.115), "bt2": (0, -0.04), "bb2": (0, -0.04),
        "v0": (0, -0.08), "v1": (0, -0.10), "v2": (0, -0.10)},
    2: {"bt4": (0, -0.12), "bb4": (0, -0.12), "bt3": (0, -0.16),
        "bb3": (0, -0.16), "bt2": (0, -0.115), "bb2": (0, -0.115),
        "bt1": (0, -0.035), "bb1": (0, -0.035), "ec3": (0, -0.02)},
    4: {"bt0": (-0.055, 0.135), "bb0": (-0.055, 0.135),
        "bt1": (-0.055, 0.115), "bb1": (-0.055, 0.115),
        "bt2": (-0.04, 0.075), "bb2": (-0.04, 0.075),
        "bt3": (-0.02, 0.035), "bb3": (-0.02, 0.035),
        "v0": (-0.012, 0.03), "v1": (-0.015, 0.04), "v2": (-0.012, 0.05),
        "ec1": (0, 0.025), "ec2": (0, 0.012)},
    5: {"eu1": (0, -0.050), "eu2": (0, -0.072), "eu3": (0, -0.055),
        "ec1": (0, -0.02), "ec2": (0, -0.025), "ec3": (0, -0.02)},
    6: {"el1": (0, -0.032), "el2": (0, -0.058), "el3": (0, -0.055),
        "ef0": (0, -0.02), "ef1": (0, -0.035), "ef2": (0, -0.035),
        "eo": (0, 0.006), "eu2": (0, 0.012), "eu3": (0, 0.026),
        "sc": (0, -0.08)},
    7: {"el1": (0, -0.040), "el2": (0, -0.054), "el3": (0, -0.042),
        "eu1": (0, 0.030), "eu2": (0, 0.044), "eu3": (0, 0.032)},
    9: {"nw0": (0.02, -0.060), "nw1": (0.025, -0.065), "nw2": (0.02, -0.055),
        "nw3": (0.01, -0.035), "nn": (0.01, -0.045), "nt": (0, -0.02),
        "nc": (0, -0.02), "nd": (0, -0.025), "nl0": (0.01, -0.05),
        "nl1": (0.01, -0.035), "mu0": (0, -0.040), "mu1": (0, -0.050),
        "mu2": (0.005, -0.030), "bt0": (-0.02, 0.05), "bb0": (-0.02, 0.05),
        "v1": (0, 0.02), "v2": (0, 0.03)},
    10: {"mu0": (0, -0.085), "mu1": (0.01, -0.105), "mu2": (0.015, -0.095),
         "iu0": (0, -0.055), "iu1": (0.005, -0.065), "iu2": (0.01, -0.055),
         "nw2": (0.01, -0.02), "nw1": (0.01, -0.02),
         "nl0": (0.02, -0.01), "nl1": (0.03, -0.03), "nl2": (0.02, -0.02),
         "mc": (0, 0.012)},
    12: {"mc": (0.125, -0.150), "mu2": (0.075, -0.065), "mu1": (0.02, 0.012),
         "mu0": (0, 0.018), "iu2": (0.070, -0.065), "il2": (0.070, -0.055),
         "iu1": (0.025, 0.002), "il1": (0.025, 0.004), "ml2": (0.070, -0.045),
         "ml1": (0.025, 0.002), "nl1": (0.045, -0.025), "nl2": (0.080, -0.05),
         "nl3": (0.10, -0.08), "d0": (0.11, -0.13), "d1": (0.12, -0.14),
         "d2": (0.11, -0.13), "sc": (0.01, -0.05)},
    14: {"mc": (0.050, -0.040), "mu2": (0.020, -0.005), "ml2": (0.020, -0.020),
         "iu2": (0.020, -0.016), "il2": (0.020, -0.016), "nl3": (0.03, -0.02),
         "d0": (0.035, -0.03), "d1": (0.045, -0.03), "d2": (0.035, -0.03)},
    15: {"mc": (0.005, 0.115), "mu2": (0, 0.045), "iu2": (0, 0.062),
         "il2": (0, 0.062), "ml2": (0, 0.055), "iu1": (0, 0.008),
         "il1": (0, 0.008), "nl3": (0.01, 0.05)},
    17: {"ml0": (0, -0.060), "ml1": (0, -0.055), "ml2": (0, -0.030),
         "il0": (0, -0.048), "il1": (0, -0.040), "iu0": (0, -0.046),
         "iu1": (0, -0.038), "mu0": (0, -0.030), "mu1": (0, -0.026),
         "mc": (0, 0.022), "k0": (0, -0.055), "k1": (0, -0.035),
         "h9": (0, -0.035), "h8": (0, -0.025), "sj": (0, -0.04)},
    20: {"mc": (0.135, 0.040), "mu2": (0.075, 0.015), "iu2": (0.075, 0.012),
         "il2": (0.075, 0.022), "ml2": (0.075, 0.010), "ml1": (0.02, -0.012),
         "ml0": (0, -0.016), "mu0": (0, 0.012), "mu1": (0.015, 0.014),
         "nl3": (0.07, 0.02), "nl2": (0.03, 0.0)},
    23: {"mu0": (0, 0.035), "mu1": (0, 0.045), "mu2": (-0.010, 0.024),
         "ml0": (0, -0.050), "ml1": (-0.005, -0.045), "ml2": (-0.012, -0.025),
         "mc": (-0.035, 0.004), "iu2": (-0.012, 0), "il2": (-0.012, 0)},
    24: {"mu0": (0, 0.040), "mu1": (0, 0.052), "mu2": (0, 0.032),
         "ml0": (0, -0.066), "ml1": (0, -0.060), "ml2": (0, -0.036),
         "mc": (-0.012, 0.010)},
    25: {"iu0": (0, -0.026), "iu1": (0, -0.025), "iu2": (0, -0.016),
         "il0": (0, 0.066), "il1": (0, 0.062), "il2": (0, 0.034),
         "ml0": (0, 0.054), "ml1": (0, 0.052), "ml2": (0, 0.030),
         "mu0": (0, -0.012), "mu1": (0, -0.012), "mu2": (0, -0.006)},
    26: {"il0": (0, 0.145), "il1": (0, 0.138), "il2": (0, 0.094),
         "ml0": (0, 0.155), "ml1": (0, 0.150), "ml2": (0, 0.110),
         "mc": (-0.025, 0.055), "k0": (0, 0.12), "k1": (0, 0.11),
         "q0": (0, 0.12), "q1": (0, 0.12), "q2": (0, 0.12), "sj": (0, 0.12),
         "h9": (0, 0.115), "h8": (0, 0.105), "h7": (0, 0.07), "h6": (0, 0.03)},
    27: {"il0": (0, 0.290), "il1": (0.020, 0.282), "il2": (0.005, 0.235),
         "iu0": (0, -0.020), "iu1": (0.005, -0.018), "iu2": (-0.005, 0.010),
         "ml0": (0, 0.300), "ml1": (0.015, 0.296), "ml2": (-0.005, 0.255),
         "mu2": (-0.02, 0.01), "mc": (-0.070, 0.150), "nl3": (-0.03, 0.08),
         "nl2": (-0.02, 0.03),
         "k0": (0, 0.26), "k1": (0, 0.25), "q0": (0, 0.25), "q1": (0, 0.25),
         "q2": (0, 0.25), "sj": (0, 0.25), "h9": (0, 0.235), "h8": (0, 0.22),
         "h7": (0, 0.16), "h6": (0, 0.075), "h5": (-0.01, 0.02)},
}  # fmt: skip

NAMES = tuple(_POINTS)
_INDEX = {name: row for row, name in enumerate(NAMES)}
_HALF = np.array(list(_POINTS.values()), float)
_CENTRAL = _HALF[:, 0] == 0


def _prefixed(prefixes):
    return np.array([name.startswith(prefixes) for name in NAMES])


def _both(half):
    """Add the mirror image: right side first, then left."""
    return np.concatenate([half, half * [-1, 1]])


MEAN = _both(_HALF)  # (2 R, 2); central points occur twice


def _depth():
    x, y = _HALF.T
    inside = 1 - (x / 1.06) ** 2 - (y / 1.34) ** 2
    z = 0.9 * np.sqrt(np.maximum(inside, 0))
    for row, name in enumerate(NAMES):
        if name[0] in _DEPTH:
            z[row] = _DEPTH[name[0]]
        else:
            known = [start for start in _BEFORE if name.startswith(start)]
            z[row] += _BEFORE[max(known, key=len)] if known else 0
    return np.concatenate([z, z])


DEPTH = _depth()


def _unit_moves():
    """(units, sides, points, 2): what each unit moves on each side."""
    moves = np.zeros((len(UNITS), 2, 2 * len(NAMES), 2))
    for number, unit in enumerate(UNITS):
        half = np.zeros_like(_HALF)
        for name, move in _MOVES[unit].items():
            half[_INDEX[name]] = move
        # A central point is pulled by both sides, half each.
        half[_CENTRAL] /= 2
        left = half * [-1, 1]
        right_rows = np.concatenate(
            [half, np.where(_CENTRAL[:, None], half, 0)]
        )
        left_rows = np.concatenate([np.where(_CENTRAL[:, None], half, 0), left])
        moves[number, 0], moves[number, 1] = right_rows, left_rows
    return moves / MAX_INTENSITY


MOVES = _unit_moves()


def _modes():
    """How people differ: name -> (points, 2) for a value of 1."""
    x, y = _HALF.T
    zero = np.zeros_like(_HALF)
    head, hair = _prefixed("h"), _prefixed(("o", "l", "g"))
    brow, eye = _prefixed("b"), _prefixed(("ei", "eo", "eu", "el", "ec", "ef",
                                           "ir", "se", "c"))  # fmt: skip
    nose = _prefixed("n") & ~_prefixed("nl")
    mouth = _prefixed(("mc", "mu", "iu", "il", "ml", "d", "nl3"))
    chin = _prefixed(("k", "q", "sj"))

    def field(dx=0.0, dy=0.0, where=True):
        moved = zero.copy()
        moved[:, 0] = np.where(where, dx, 0)
        moved[:, 1] = np.where(where, dy, 0)
        return _both(moved)

    low = np.clip((y - 0.2) / 0.9, 0, 1)
    high = np.clip((-0.4 - y) / 0.8, 0, 1)
    lips = {"mu": -1.0, "ml": 1.0}
    thickness = sum(np.where(_prefixed(k), v, 0.0) for k, v in lips.items())
    return {
        "width": field(dx=0.07 * x, where=True),
        "jaw": field(dx=0.16 * x * low, where=head | _prefixed("t0")),
        "chin": field(dy=0.09 * low, where=head | chin),
        "forehead": field(dy=-0.10 * high, where=head | hair),
        "hairline": field(dy=-0.09, where=_prefixed(("l0", "l1", "l2"))),
        "eye_distance": field(dx=0.035, where=eye),
        "eye_size": _both(
            np.where(eye[:, None], 0.16 * (_HALF - [0.395, -0.2]), 0)
        ),
        "eye_tilt": field(dy=-0.10 * (x - 0.395), where=eye),
        "eye_height": field(dy=0.035, where=eye | brow),
        "brow_height": field(dy=-0.035, where=brow),
        "brow_thickness": field(
            dy=-0.024 * np.where(_prefixed("bt"), 1, -0.3) *
            np.clip((0.78 - x) / 0.3, 0, 1), where=brow),
        "brow_tilt": field(dy=-0.03 * (x - 0.42), where=brow),
        "brow_arch": field(dy=-0.03 * np.exp(-((x - 0.5) / 0.14) ** 2),
                           where=brow),
        "nose_length": field(dy=0.05 * np.clip((y + 0.3) / 0.5, 0, 1),
                             where=nose),
        "nose_width": field(dx=0.18 * x, where=nose),
        "mouth_width": field(dx=0.12 * x, where=mouth),
        "mouth_height": field(dy=0.035, where=mouth),
        "lip_thickness": field(dy=0.022 * thickness *
                               np.clip((0.36 - x) / 0.2, 0, 1), where=mouth),
    }  # fmt: skip


MODES = _modes()


def lips_part(units: np.ndarray) -> np.ndarray:
    """Intensity of action unit 25 that the opening of the mouth shows.

    The upper lip raiser and a dropping jaw part the lips as well.

    Args:
        units: `(N, units, 2)`, intensity of each unit on both sides.

    Returns:
        `(N,)`, 0 to 5.
    """
    upper, lower = rows("iu0 il0")
    opening = MOVES[:, :, lower, 1] - MOVES[:, :, upper, 1]
    full = MAX_INTENSITY * opening[UNITS.index(25)].sum()
    shares = np.tensordot(units, opening, 2) / full
    return np.clip(MAX_INTENSITY * shares, 0, MAX_INTENSITY)


def rows(names: str) -> list[int]:
    """Rows of points, `-name` for the left side."""
    return [
        _INDEX[name.lstrip("-")] + (len(NAMES) if name[0] == "-" else 0)
        for name in names.split()
    ]


def mirrored(names: str) -> str:
    """The same names on the other side."""
    return " ".join(
        name[1:] if name[0] == "-" else f"-{name}" for name in names.split()
    )


def spline(names: str, closed: bool = False, samples: int = 5) -> np.ndarray:
    """Weights of a Catmull-Rom curve through points, (samples, points).

    The curve passes through each point; a step between two of them has
    `samples` places.
    """
    knots = rows(names)
    count = len(knots)
    segments = count if closed else count - 1
    t = np.arange(samples) / samples
    basis = 0.5 * np.stack(
        [
            -(t**3) + 2 * t**2 - t,
            3 * t**3 - 5 * t**2 + 2,
            -3 * t**3 + 4 * t**2 + t,
            t**3 - t**2,
        ],
        axis=1,
    )
    lines = []
    for segment in range(segments):
        for weights in basis:
            line = np.zeros(len(MEAN))
            for offset, weight in zip(range(-1, 3), weights, strict=True):
                place = segment + offset
                place = (
                    place % count if closed else min(max(place, 0), count - 1)
                )
                line[knots[place]] += weight
            lines.append(line)
    if not closed:
        last = np.zeros(len(MEAN))
        last[knots[-1]] = 1
        lines.append(last)
    return np.array(lines)

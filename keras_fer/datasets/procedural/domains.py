"""Where pictures are taken, and how their annotators name them."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Domain:
    """Camera, light and habits of one corpus. Pairs are smallest and largest.

    Args:
        intensity: share of the full expression.
        yaw: largest turn to either side in degrees.
        pitch: likewise up and down.
        roll: likewise around the line of sight.
        zoom: size of the face; 1 is the framing of FER2013.
        shift: largest shift to any side, share of the picture.
        light_side: largest angle of the light to either side in degrees.
        ambient: share of the light that comes from everywhere.
        level: brightness; 1 is well lit.
        contrast: of the camera.
        blur: standard deviation in thousandths of the side.
        noise: standard deviation in gray levels.
        quality: of JPEG compression.
        occlusion: share of the pictures with a patch before the face.
        stray: share of the people who also move any muscle a little more.
        background: darkest and lightest gray behind the face.
        color: tint of skin, hair, clothes and background, RGB factors.
        label_noise: share of the labels that are drawn anew at random.
        confusions: `{(shown, named): share}`, what annotators mistake.
    """

    intensity: tuple[float, float]
    yaw: float
    pitch: float
    roll: float
    zoom: tuple[float, float]
    shift: float
    light_side: float
    ambient: tuple[float, float]
    level: tuple[float, float]
    contrast: tuple[float, float]
    blur: tuple[float, float]
    noise: tuple[float, float]
    quality: tuple[int, int]
    occlusion: float
    stray: float
    background: tuple[float, float]
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    label_noise: float = 0.0
    confusions: dict[tuple[str, str], float] = dataclasses.field(
        default_factory=dict
    )


DOMAINS = {
    # People asked to pose in front of a gray wall, as in CK+.
    "studio": Domain(
        intensity=(0.6, 1.0),
        yaw=15,
        pitch=9,
        roll=9,
        zoom=(0.9, 1.1),
        shift=0.045,
        light_side=50,
        ambient=(0.4, 0.65),
        level=(0.85, 1.1),
        contrast=(0.9, 1.1),
        blur=(0, 5),
        noise=(0, 4),
        quality=(75, 99),
        occlusion=0.0,
        stray=0.2,
        background=(90, 190),
    ),
    # Found on the web, as FER2013: anything goes, labels are rough.
    "web": Domain(
        intensity=(0.55, 1.0),
        yaw=20,
        pitch=12,
        roll=12,
        zoom=(0.88, 1.14),
        shift=0.05,
        light_side=60,
        ambient=(0.3, 0.6),
        level=(0.65, 1.15),
        contrast=(0.75, 1.2),
        blur=(0, 10),
        noise=(0, 10),
        quality=(40, 99),
        occlusion=0.10,
        stray=0.35,
        background=(20, 235),
        label_noise=0.02,
        confusions={
            ("fear", "surprise"): 0.04,
            ("sadness", "neutral"): 0.04,
            ("disgust", "anger"): 0.04,
        },
    ),
    # Frames of films, as SFEW: dark, lit from one side, warm.
    "film": Domain(
        intensity=(0.4, 0.9),
        yaw=28,
        pitch=12,
        roll=10,
        zoom=(0.9, 1.2),
        shift=0.05,
        light_side=80,
        ambient=(0.18, 0.4),
        level=(0.5, 0.95),
        contrast=(0.85, 1.2),
        blur=(2, 14),
        noise=(2, 9),
        quality=(60, 95),
        occlusion=0.08,
        stray=0.35,
        background=(10, 110),
        color=(1.1, 0.97, 0.84),
        label_noise=0.03,
        confusions={("fear", "sadness"): 0.06, ("anger", "disgust"): 0.05},
    ),
    # A cheap camera on a desk: bluish, noisy, squeezed.
    "webcam": Domain(
        intensity=(0.45, 0.95),
        yaw=15,
        pitch=16,
        roll=8,
        zoom=(0.8, 1.05),
        shift=0.05,
        light_side=50,
        ambient=(0.4, 0.7),
        level=(0.6, 1.25),
        contrast=(0.65, 1.0),
        blur=(4, 18),
        noise=(6, 18),
        quality=(20, 60),
        occlusion=0.05,
        stray=0.3,
        background=(60, 230),
        color=(0.92, 1.0, 1.1),
        label_noise=0.01,
        confusions={("contempt", "happiness"): 0.1},
    ),
    # Heads held before one camera and one wall: persons differ and what they
    # show; besides clothes, gaze, the tinge of the wall and the height of the
    # lamp.
    "lab": Domain(
        intensity=(0.8, 1.0),
        yaw=0,
        pitch=0,
        roll=0,
        zoom=(1.0, 1.0),
        shift=0.0,
        light_side=0,
        ambient=(0.55, 0.55),
        level=(1.0, 1.0),
        contrast=(1.0, 1.0),
        blur=(0, 0),
        noise=(0, 0),
        quality=(99, 99),
        occlusion=0.0,
        stray=0.0,
        background=(128, 128),
    ),
}

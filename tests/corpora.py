"""Small corpora on disk, in the layouts in which they are published."""

import gzip

import cv2
import matplotlib.cbook
import numpy as np
import scipy.io

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def fer2013_row(emotion, pixels, usage):
    """A row as published: `0,70 80 82 …,Training`."""
    return f"{emotion},{' '.join(map(str, np.ravel(pixels)))},{usage}"


def faces(size, seed=0):
    draws = np.random.default_rng(seed)
    return draws.integers(0, 256, (size, 48, 48), "uint8")


def write_fer2013_csv(root, train=28, val=14, test=0, compress=False):
    """Noise over stripes whose direction is the class, so it can be learned."""
    y, x = np.mgrid[:48, :48]
    rows = ["emotion,pixels,Usage"]
    sizes = {"Training": train, "PublicTest": val, "PrivateTest": test}
    for seed, (usage, size) in enumerate(sizes.items()):
        for number, noise in enumerate(faces(size, seed)):
            angle = np.pi * (number % 7) / 7
            wave = np.sin(1.2 * (x * np.cos(angle) + y * np.sin(angle)))
            pixels = (0.2 * noise + 0.8 * (127.5 + 127.5 * wave)).astype(int)
            rows.append(fer2013_row(number % 7, pixels, usage))
    return write_rows(root, rows, compress)


def write_rows(root, rows, compress=False):
    folder = root / "fer2013"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(rows) + "\n"
    if compress:
        path = folder / "fer2013.csv.gz"
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path = folder / "fer2013.csv"
        path.write_text(text)
    return path


def write_image(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)


def portrait_frame(shift=0):
    """A frame of 640×490 with one face of .5 to .8 of its height."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        photo = cv2.imdecode(
            np.frombuffer(file.read(), np.uint8), cv2.IMREAD_GRAYSCALE
        )
    photo = cv2.resize(photo[:500], None, fx=1.15, fy=1.15)[:490, :560]
    frame = np.full((490, 640), 128, np.uint8)
    frame[: photo.shape[0], 40 + shift : 40 + shift + photo.shape[1]] = photo
    return frame


def write_video(path, frames=30, rate=10, size=(320, 244)):
    """The portrait, whose brightness is the number of the frame."""
    codec = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*codec), rate, size
    )
    portrait = cv2.resize(portrait_frame(), size)
    for number in range(frames):
        frame = cv2.cvtColor(portrait, cv2.COLOR_GRAY2BGR)
        frame[:20] = 4 * number % 256
        frame[:, :, 2] = np.maximum(frame[:, :, 2], 128)  # reddish
        writer.write(frame)
    writer.release()
    return path


def write_ck_plus(root, subjects=10, frames=5):
    """The distribution: every subject shows one of the seven expressions.

    The lines of the label files are those that ReadMeFirst quotes.
    """
    folder = root / "ck_plus"
    for number in range(subjects):
        subject, sequence = f"S{number + 5:03d}", "001"
        for frame in range(1, frames + 1):
            name = f"{subject}_{sequence}_{frame:08d}"
            write_image(
                folder
                / "cohn-kanade-images"
                / subject
                / sequence
                / f"{name}.png",
                portrait_frame(frame),
            )
        for room, suffix, text in (
            ("Emotion", "emotion", f"   {number % 7 + 1:.7e}\n"),
            (
                "FACS",
                "facs",
                "   9.0000000e+00   5.0000000e+00\n"
                "   1.7000000e+01   0.0000000e+00\n",
            ),
        ):
            path = folder / room / subject / sequence / f"{name}_{suffix}.txt"
            path.parent.mkdir(parents=True)
            path.write_text(text)
    return folder


def write_ck48(root, subjects=20):
    folder = root / "ck48"
    names = "anger contempt disgust fear happy sadness surprise".split()
    for label, name in enumerate(names):
        for number, pixels in enumerate(faces(subjects, label)):
            file = f"S{number + 10:03d}_{label + 1:03d}_{17:08d}.png"
            write_image(folder / name / file, pixels)
    return folder


def write_tfd(root, size=96):
    """35 labeled faces, 7 a fifth, and 7 without a label, as distributed.

    Each face carries its row and label in its first two pixels.
    """
    rows = np.arange(42)
    labels = np.where(rows < 35, rows % 7 + 1, -1).astype("int8")
    images = np.zeros((42, size, size), "uint8")
    images[:, 0, 0], images[:, 0, 1] = rows, labels.astype("uint8")
    # Fifth f tests fold f, the next one validates it.
    fifth = rows[:, None] // 7
    fold = np.arange(5)
    codes = np.select([fifth == fold, fifth == (fold + 1) % 5], [3, 2], 1)
    path = root / "tfd" / f"TFD_{size}x{size}.mat"
    path.parent.mkdir(exist_ok=True)
    scipy.io.savemat(
        path,
        {
            "images": images,
            "labs_ex": labels[:, None],
            "labs_id": (rows[:, None] // 2).astype("int16"),
            "folds": np.where(fifth < 5, codes, 0).astype("uint8"),
        },
    )
    return path


def face_of(number, shape):
    """A gray face that is told from others by its brightness."""
    return np.full(shape, 5 * number % 256, "uint8")


def write_sfew(root, films=10, split="train"):
    """Each film shows each expression once; the first film has five more.

    Names and size as on disk: `AlexEmma_000225840_00000024.png`, 143×181.
    """
    for number, label in enumerate(CLASSES):
        for film in range(films):
            copies = 5 if film == 0 else 1
            for copy in range(copies):
                name = f"Film{film:02d}_000225840_{copy:08d}.png"
                path = root / "sfew" / split / label / name
                image = face_of(7 * film + number, (181, 143, 3))
                write_image(path, image)
    return root / "sfew"


def write_jaffe(root, size=64):
    """Ten subjects, two files of each expression: `KA.AN1.39.tiff`."""
    folder = root / "jaffe"
    folder.mkdir(parents=True)
    subjects = "KA KL KM KR MK NA NM TM UY YM".split()
    count = 0
    for subject in subjects:
        for label, code in enumerate("AN DI FE HA SA SU NE".split()):
            for take in (1, 2):
                count += 1
                name = f"{subject}.{code}{take}.{count}.tiff"
                write_image(folder / name, face_of(label, (size, size)))
    return folder


def write_raf_db(root, part="basic", train=20, test=3):
    """A number of images of each class, as distributed."""
    folder = root / "raf_db" / part
    classes = {"basic": 7, "compound": 11}[part]
    lines = []
    for split, count in (("train", train), ("test", test)):
        for number in range(count * classes):
            name, label = f"{split}_{number + 1:05d}", number % classes
            lines.append(f"{name}.jpg {label + 1}")
            path = folder / "Image" / "aligned" / f"{name}_aligned.jpg"
            write_image(path, face_of(label, (100, 100, 3)))
            path = folder / "Annotation" / "manual" / f"{name}_manu_attri.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            codes = f"{number % 3}\n{number % 2}\n{number % 5}"
            path.write_text("39.5\t41.25\n" * 5 + codes + "\n")
    path = folder / "EmoLabel" / "list_patition_label.txt"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n")
    return folder


def write_affectnet_2017(root, train=16, val=8, size=(120, 100)):
    """The lists of 2017: each face is a bright box in a dark picture.

    A line as quoted in issues of public code: `0/a.jpg,134,134,899,899,
    181.64;530.91;…,1,0.785714,-0.055556`.
    """
    folder = root / "affectnet"
    header = (
        "subDirectory_filePath,face_x,face_y,face_width,face_height,"
        "facial_landmarks,expression,valence,arousal"
    )
    for name, count in (("training", train), ("validation", val)):
        lines = [header]
        for number in range(count):
            inner = f"{number % 3}/{name}{number:05d}.jpg"
            picture = np.full((*size, 3), 20, "uint8")
            picture[30:80, 40:90] = 5 * number + 60
            path = folder / "Manually_Annotated_Images" / inner
            write_image(path, picture)
            landmarks = ";".join(f"{40 + n}.5;{30 + n}.25" for n in range(68))
            lines.append(
                f"{inner},40,30,50,50,{landmarks},{number % 8},"
                f"{number / 40:.6f},{-number / 40:.6f}"
            )
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_affectnet_2021(root, train=16, val=8, size=64):
    """The folders of 2021: `images/12.jpg`, `annotations/12_exp.npy`, …

    Values are arrays of no dimension that hold text, as distributed.
    """
    folder = root / "affectnet"
    for name, count in (("train_set", train), ("val_set", val)):
        inner = folder / name / "annotations"
        inner.mkdir(parents=True)
        for number in range(count):
            path = folder / name / "images" / f"{number}.jpg"
            write_image(path, face_of(number, (size, size, 3)))
            values = {
                "exp": np.array(str(number % 8)),
                "val": np.array(f"{number / 40:.6f}"),
                "aro": np.array(f"{-number / 40:.6f}"),
                "lnd": np.arange(136) + 0.5,
            }
            for key, value in values.items():
                np.save(inner / f"{number}_{key}.npy", value)
    return folder


EMOTIONS = tuple(
    "neutral happiness surprise sadness anger disgust fear contempt".split()
)
PAIRS = tuple(
    "happiness-surprise happiness-sadness happiness-anger sadness-surprise "
    "anger-surprise fear-surprise sadness-anger sadness-disgust sadness-fear "
    "anger-disgust fear-anger".split()
)


def write_ferplus(root, train, val, *, kinds=EMOTIONS + PAIRS):
    """FER2013 whose voters agree, or are split four to four.

    Args:
        root: folder of the corpora.
        train: images of Training.
        val: images of PublicTest.
        kinds: what is voted for, in turn: an emotion, or two.
    """
    columns = (*EMOTIONS, "unknown", "NF")
    rows = ["emotion,pixels,Usage"]
    table = [f"Usage,Image name,{','.join(columns)}"]
    sizes = {"Training": train, "PublicTest": val}
    for seed, (usage, size) in enumerate(sizes.items()):
        for number, pixels in enumerate(faces(size, seed)):
            named = kinds[number % len(kinds)].split("-")
            share = {1: "10", 2: "4"}[len(named)]
            votes = (share if name in named else "0" for name in columns)
            rows.append(fer2013_row(number % 7, pixels, usage))
            table.append(f"{usage},fer{len(table):07d}.png,{','.join(votes)}")
    path = write_rows(root, rows)
    (path.parent / "fer2013new.csv").write_text("\n".join(table) + "\n")

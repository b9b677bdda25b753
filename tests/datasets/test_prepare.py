import csv
import json
import os
import signal
import subprocess
import sys
import time

import cv2
import filelock
import numpy as np
import pytest
from corpora import portrait_frame
from corpora import write_image
from PIL import Image

from keras_fer import datasets
from keras_fer import faces
from keras_fer.datasets import procedural
from keras_fer.datasets.prepare import prepare

# A scene with each number of faces, of which the Haar cascade finds all.
SCENES = {0: 0, 1: 0, 2: 1, 3: 3}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Several faces, one, none, a turned and two broken files."""
    root = tmp_path_factory.mktemp("photos")
    for people, seed in SCENES.items():
        scene = procedural.draw_scene(seed, people=people, side=(120, 170))
        path = root / "scenes" / f"{people} people.jpg"
        write_image(path, scene.image[..., ::-1])
    write_image(root / "portrait.png", portrait_frame())
    turned = Image.fromarray(np.rot90(portrait_frame()).copy())
    exif = turned.getexif()
    exif[0x0112] = 6  # to be turned clockwise
    turned.save(root / "turned.jpg", exif=exif)
    content = (root / "portrait.png").read_bytes()
    (root / "cut.png").write_bytes(content[:5000])
    (root / "empty.jpeg").write_bytes(b"")
    (root / "notes.txt").write_text("no picture")
    (root / ".hidden.png").write_bytes(content)
    return root


def table(out):
    with open(out / "prepare.csv", newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_what_happens_to_each_file(photos, tmp_path):
    out = tmp_path / "crops"
    counts = prepare(photos, out)
    assert counts == {"ok": 5, "no face": 1, "unreadable": 2}
    rows = table(out)
    assert len(rows) == 8 and "notes.txt" not in rows
    assert rows["scenes/0 people.jpg"]["status"] == "no face"
    assert [rows[f"scenes/{n} people.jpg"]["faces"] for n in (1, 2, 3)] == [
        "1",
        "2",
        "3",
    ]
    assert rows["cut.png"]["reason"].startswith("cut.png: cannot be read")
    assert rows["empty.jpeg"]["reason"] == "empty.jpeg: not a picture"
    assert not list(out.rglob("*.part"))
    for path, row in rows.items():
        assert bool(row["crop"]) == (row["status"] == "ok")
        if row["crop"]:
            crop = faces.read_image(out / row["crop"])
            assert crop.shape == (96, 96, 3)
            assert row["crop"] == os.path.splitext(path)[0] + ".png"
    # A crop is what prediction cuts out of the same picture.
    image = faces.read_image(photos / "portrait.png")
    found = faces.detect_faces(image)
    crop = faces.crop_face(image, found.boxes[0], (96, 96), margin=faces.MARGIN)
    np.testing.assert_array_equal(faces.read_image(out / "portrait.png"), crop)
    box = [int(rows["portrait.png"][n]) for n in ("left", "top", "width")]
    assert box == found.boxes[0, :3].tolist()
    # The turned one is the same face.
    turned = faces.read_image(out / "turned.png").astype(float)
    assert np.corrcoef(turned.ravel(), crop.ravel())[0, 1] > 0.85


def test_all_faces_of_a_picture(photos, tmp_path):
    preparation = datasets.Preparation(choose="all", size=48, channels=1)
    counts = prepare(photos / "scenes", tmp_path / "out", preparation)
    assert counts == {"ok": 6, "no face": 1}
    names = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert names == [
        "1 people.0.png",
        "2 people.0.png",
        "2 people.1.png",
        "3 people.0.png",
        "3 people.1.png",
        "3 people.2.png",
    ]
    crop = cv2.imread(str(tmp_path / "out" / names[0]), cv2.IMREAD_UNCHANGED)
    assert crop.shape == (48, 48)


def test_exactly_one_face(photos, tmp_path):
    preparation = datasets.Preparation(choose="one", size=128)
    counts = prepare(photos / "scenes", tmp_path / "out", preparation)
    assert counts == {"ok": 1, "no face": 1, "several faces": 2}


def test_aligned_by_landmarks(photos, tmp_path):
    preparation = datasets.Preparation(
        detector="mtcnn", align="similarity", size=112, margin=0.0
    )
    counts = prepare(photos / "scenes", tmp_path / "out", preparation)
    assert counts["ok"] == 3
    row = table(tmp_path / "out")["1 people.jpg"]
    landmarks = np.array(row["landmarks"].split(";"), float).reshape(5, 2)
    truth = procedural.draw_scene(SCENES[1], people=1, side=(120, 170))
    error = np.abs(landmarks - truth.landmarks[0]).max()
    assert error < truth.boxes[0, 2] / 10
    crop = faces.read_image(tmp_path / "out" / row["crop"])
    image = faces.read_image(photos / "scenes" / "1 people.jpg")
    again = faces.align_face(image, landmarks, (112, 112))
    # The table holds tenths of a pixel.
    assert np.abs(crop.astype(int) - again).mean() < 2


def test_processes_give_the_same_as_one(photos, tmp_path):
    for workers in (1, 2):
        prepare(photos, tmp_path / str(workers), workers=workers)
    one, two = (
        {
            path.relative_to(tmp_path / folder): path.read_bytes()
            for path in (tmp_path / folder).rglob("*")
            if path.is_file()
        }
        for folder in ("1", "2")
    )
    assert one == two


def test_goes_on_after_a_stop(photos, tmp_path):
    """A line that was cut, a picture of which a face is missing, lost crops."""
    preparation = datasets.Preparation(choose="all")
    whole = tmp_path / "whole"
    counts = prepare(photos, whole, preparation)
    text = (whole / "prepare.csv").read_text()
    with pytest.raises(faces.InputError, match="not empty; --resume"):
        prepare(photos, whole, preparation)

    def resumed():
        assert prepare(photos, whole, preparation, resume=True) == counts
        lines = (whole / "prepare.csv").read_text().splitlines()
        assert sorted(lines) == sorted(text.splitlines())
        assert len(list(whole.rglob("*.png"))) == counts["ok"]

    for end in (
        text.index("3 people.2.png") + 3,
        text.index("2 people.jpg,ok"),
        0,
    ):
        (whole / "prepare.csv").write_text(text[:end])
        resumed()
    (whole / "scenes" / "3 people.1.png").unlink()
    (whole / "portrait.0.png").write_bytes(b"")
    resumed()
    assert (whole / "portrait.0.png").stat().st_size > 0
    with pytest.raises(faces.InputError, match="made with another size$"):
        other = datasets.Preparation(choose="all", size=48)
        prepare(photos, whole, other, resume=True)


def test_what_was_unreadable_is_tried_again(tmp_path):
    path = tmp_path / "in" / "a.png"
    write_image(path, portrait_frame())
    content = path.read_bytes()
    path.write_bytes(content[:5000])
    assert prepare(path.parent, tmp_path / "out") == {"unreadable": 1}
    path.write_bytes(content)
    assert prepare(path.parent, tmp_path / "out", resume=True) == {"ok": 1}


@pytest.mark.slow
def test_killed_and_resumed(tmp_path):
    """With processes, which end when nobody waits for them any more."""
    many = tmp_path / "many"
    frame = cv2.imencode(".png", portrait_frame())[1].tobytes()
    many.mkdir()
    for number in range(40):
        (many / f"{number}.png").write_bytes(frame)
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom keras_fer.datasets import prepare\n"
        "if __name__ == '__main__':\n"
        "    prepare(sys.argv[1], sys.argv[2], workers=2)\n"
    )
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, script, many, out])
    while not (out / "prepare.csv").is_file() or len(table(out)) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(table(out)) < 40
    assert prepare(many, out, resume=True) == {"ok": 40}
    assert len(table(out)) == len(list(out.glob("*.png"))) == 40


def test_names_of_all_kinds(tmp_path):
    frame = portrait_frame()
    names = [
        "a.png",
        "a.jpg",
        "b.jpg",
        "B.gif",
        "line\nand\rreturn.png",
        'quote",comma.png',
        "größe.png",
        f"{246 * 'x'}.png",
    ]
    content = cv2.imencode(".png", frame)[1].tobytes()
    source = tmp_path / "in"
    (source / "c.png").mkdir(parents=True)
    for name in names:
        (source / name).write_bytes(content)
    (source / "c.jpg").write_bytes(content)
    (source / "c.png" / "d.png").write_bytes(content)
    odd = os.fsencode(source) + b"/m\xfcller.png"
    try:
        with open(odd, "wb") as file:
            file.write(content)
        names.append("odd")
    except OSError:  # a file system that refuses such names
        pass
    expected = {"ok": len(names) + 2}
    assert prepare(source, tmp_path / "out") == expected
    crops = [
        path for path in (tmp_path / "out").rglob("*.png") if path.is_file()
    ]
    assert len(crops) == expected["ok"]
    present = {path.name for path in crops}
    assert {"a.png.png", "a.jpg.png", "c.jpg.png", "d.png"} <= present
    assert "größe.png" in present
    # The table can be read again, whatever the names.
    assert prepare(source, tmp_path / "out", resume=True) == expected


def test_names_that_would_be_one_are_refused(tmp_path):
    source = tmp_path / "in"
    for name in ("a.png", "a.jpg", "a.jpg.png"):
        write_image(source / name, portrait_frame())
    with pytest.raises(faces.InputError, match="the name of another's"):
        prepare(source, tmp_path / "out")


def test_a_folder_is_in_use(photos, tmp_path):
    out = tmp_path / "out"
    prepare(photos / "scenes", out)
    with filelock.FileLock(out / ".lock"):
        with pytest.raises(faces.InputError, match="is in use"):
            prepare(photos / "scenes", out, resume=True)


def test_files_of_others_are_left_alone(photos, tmp_path):
    write_image(tmp_path / "out" / "1 people.png", np.zeros((9, 9), "uint8"))
    with pytest.raises(faces.InputError, match="holds no prepare.json"):
        prepare(photos / "scenes", tmp_path / "out", resume=True)


def test_crops_are_a_corpus_to_train_on(tmp_path):
    for number, label in enumerate(("anger", "fear")):
        for copy in range(2):
            path = tmp_path / "in" / "train" / label / f"{copy}.png"
            write_image(path, portrait_frame(3 * number + copy))
    prepare(tmp_path / "in", tmp_path / "out")
    corpus = datasets.folder.load_data(data_dir=tmp_path / "out", size=48)
    assert corpus.class_counts() == {"anger": 2, "fear": 2}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"detector": "dlib"}, "`detector` must be one of haar, mtcnn"),
        ({"align": "affine"}, "needs landmarks"),
        ({"align": "shear", "detector": "mtcnn"}, "None, similarity, affine"),
        ({"choose": "two"}, "largest, one, all"),
        ({"channels": 4}, "`channels` must be one of 1, 3"),
        ({"size": 4}, "at least 8"),
        ({"margin": -1.0}, "above -1"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        datasets.Preparation(**options)


def test_folders_that_cannot_be_used(tmp_path):
    with pytest.raises(faces.InputError, match="there is no such folder"):
        prepare(tmp_path / "none", tmp_path / "out")
    (tmp_path / "in").mkdir()
    with pytest.raises(faces.InputError, match="no picture in it"):
        prepare(tmp_path / "in", tmp_path / "out")
    write_image(tmp_path / "in" / "a.png", portrait_frame())
    for out in (tmp_path / "in" / "out", tmp_path):
        with pytest.raises(
            faces.InputError, match="not lie in one another|not"
        ):
            prepare(tmp_path / "in", out, resume=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "prepare.json").write_text(json.dumps({"folder": "x"}))
    with pytest.raises(faces.InputError, match="another folder, detector"):
        prepare(tmp_path / "in", tmp_path / "out", resume=True)

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from corpora import write_video

from keras_fer import faces
from keras_fer import inference
from keras_fer.inference import video
from keras_fer.visualization import EXPRESSION_COLORS

GRAY = np.full((200, 300, 3), 128, np.uint8)


def face(expression, box=(100, 60, 80, 80)):
    shares = dict.fromkeys(EXPRESSION_COLORS, 0.0) | {expression: 1.0}
    return inference.Face(box=box, score=9, probabilities=shares)


@pytest.mark.parametrize("expression", EXPRESSION_COLORS)
def test_each_expression_has_its_color(expression):
    drawn = inference.annotate(GRAY, [face(expression)])
    color = EXPRESSION_COLORS[expression]
    expected = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    assert drawn[60, 100].tolist() == drawn[139, 179].tolist() == expected
    assert (drawn[80:120, 120:160] == 128).all()  # the face itself
    assert (drawn[:30] == 128).all() and (drawn[150:] == 128).all()


def test_the_picture_itself_stays_as_it_is():
    image = GRAY.copy()
    inference.annotate(image, [face("fear")])
    assert (image == GRAY).all()
    np.testing.assert_array_equal(inference.annotate(image, []), image)


@pytest.mark.parametrize(
    "box", [(0, 0, 300, 200), (250, 150, 80, 80), (-20, -20, 50, 50), None]
)
def test_boxes_at_the_border(box):
    drawn = inference.annotate(GRAY, [face("anger", box)])
    assert drawn.shape == GRAY.shape and (drawn != GRAY).any()


@pytest.fixture(scope="module")
def recognizer():
    return inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")


def test_copies_of_pictures_and_videos(recognizer, tmp_path):
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    portrait = inference.sample_picture().read_bytes()
    for name in ("a.jpg", "deep/b.jpg", "deep/b.jpeg"):
        (source / name).write_bytes(portrait)
    from PIL import Image

    Image.fromarray(GRAY).save(source / "blank.webp", lossless=True)
    (source / "broken.png").write_bytes(b"")
    write_video(source / "c.avi", frames=8, rate=10)
    media = inference.find_media([source])
    out = tmp_path / "out"
    with inference.AnnotatedFolder(out, media, every=2) as sink:
        inference.predict_media(recognizer, media, sink, every=2)
    made = sorted(str(p.relative_to(out)) for p in out.rglob("*.*"))
    assert made == [
        "a.jpg",
        "blank.webp.png",
        "c.avi.mp4",
        "deep/b.jpeg",
        "deep/b.jpg",
    ]
    drawn = faces.read_image(out / "a.jpg")
    (found,) = recognizer.recognize(inference.sample_picture())
    left, top, *_ = found.box
    color = EXPRESSION_COLORS[found.expression]
    expected = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    np.testing.assert_allclose(drawn[top + 60, left], expected, atol=40)
    blank = faces.read_image(out / "blank.webp.png")
    np.testing.assert_array_equal(blank, GRAY)
    frames = list(video.read_frames(out / "c.avi.mp4"))
    assert len(frames) == 4 and frames[0].rate == 5


def test_from_wherever_the_pictures_come(tmp_path, monkeypatch):
    """Relative, absolute and upward paths: all copies lie in the folder."""
    for name in ("a/x.jpg", "b/c/y.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(inference.sample_picture(), tmp_path / name)
    monkeypatch.chdir(tmp_path / "b")
    media = [Path("../a/x.jpg"), tmp_path / "b" / "c" / "y.jpg"]
    with inference.AnnotatedFolder("out", media) as sink:
        for path in media:
            sink.write(inference.Answer(source=str(path)))
    copies = {p.relative_to("out") for p in Path("out").rglob("*.*")}
    assert copies == {Path("a/x.jpg"), Path("b/c/y.jpg")}


def test_no_copy_takes_the_place_of_another_file(tmp_path):
    for name in ("y.gif", "y.gif.png", "z.png"):
        shutil.copy(inference.sample_picture(), tmp_path / name)
    media = inference.find_media([tmp_path])
    with pytest.raises(faces.InputError, match="would both become"):
        inference.AnnotatedFolder(tmp_path / "out", media)
    with pytest.raises(faces.InputError, match="all sources lie in"):
        inference.AnnotatedFolder(tmp_path, media, resume=True)


def test_copies_are_not_annotated_again(recognizer, tmp_path):
    shutil.copy(inference.sample_picture(), tmp_path / "a.jpg")
    out = tmp_path / "annotated"
    for _ in range(3):
        media = inference.find_media([tmp_path])
        with inference.AnnotatedFolder(out, media, resume=True) as sink:
            inference.predict_media(recognizer, media, sink)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "a.jpg",
        "a.jpg",
        "annotated",
    ]


def test_a_name_that_is_no_utf_8(recognizer, tmp_path):
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.jpg"))
    shutil.copy(inference.sample_picture(), path)
    media = inference.find_media([tmp_path])
    with inference.AnnotatedFolder(tmp_path / "out", media) as sink:
        summary = inference.predict_media(recognizer, media, sink)
    assert summary.errors == () and len(list(tmp_path.rglob("*.jpg"))) == 2


def test_what_is_there_is_not_done_again(recognizer, tmp_path):
    media = [inference.sample_picture()]
    out = tmp_path / "out"
    with inference.AnnotatedFolder(out, media) as sink:
        inference.predict_media(recognizer, media, sink)
    with pytest.raises(faces.InputError, match="hopper.jpg exists already"):
        inference.AnnotatedFolder(out, media)
    with inference.AnnotatedFolder(out, media, resume=True) as sink:
        summary = inference.predict_media(recognizer, media, sink)
    assert (summary.sources, summary.before) == (0, 1)

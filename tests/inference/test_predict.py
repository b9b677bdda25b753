import io

import pytest
from corpora import write_video

from keras_fer import faces
from keras_fer import inference


@pytest.fixture(scope="module")
def recognizer():
    return inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")


class Stops:
    """A sink that is interrupted at an answer."""

    def __init__(self, inner, at):
        self.inner, self.left = inner, at

    def has(self, source):
        return self.inner.has(source)

    def write(self, answer):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.inner.write(answer)


def folder(tmp_path):
    portrait = inference.sample_picture().read_bytes()
    for name in "abcdef":
        (tmp_path / f"{name}.jpg").write_bytes(portrait)
    (tmp_path / "c.jpg").write_bytes(b"broken")
    write_video(tmp_path / "g.avi", frames=5)
    return inference.find_media([tmp_path])


def test_counts_of_a_folder_with_a_broken_file(recognizer, tmp_path):
    media = folder(tmp_path)
    screen = inference.Screen("csv", recognizer.classes, io.StringIO())
    summary = inference.predict_media(recognizer, media, screen)
    assert (summary.sources, summary.faces) == (6, 10)
    assert summary.before == 0
    (error,) = summary.errors
    assert "c.jpg: not a picture" in error


def test_interrupted_and_gone_on_with(recognizer, tmp_path):
    media = folder(tmp_path)
    settings = {"network": recognizer.network.info.to_json()}
    made = {}
    for name, stops in (("whole", None), ("resumed", 4)):
        path = tmp_path / name
        options = (path, "csv", recognizer.classes, settings)
        if stops is not None:
            with pytest.raises(KeyboardInterrupt):
                with inference.RecordFile(*options) as file:
                    inference.predict_media(
                        recognizer, media, Stops(file, stops)
                    )
        with inference.RecordFile(*options, resume=True) as file:
            summary = inference.predict_media(recognizer, media, file)
        made[name] = path.read_text()
    assert summary.before == 4
    assert made["whole"] == made["resumed"]


def test_a_sink_that_refuses_is_a_counted_error(recognizer, tmp_path):
    """Once, not for each frame of the video."""
    video = write_video(tmp_path / "a.avi", frames=5)

    class Refuses:
        def has(self, source):
            return False

        def write(self, answer):
            if answer.frame is not None:
                raise faces.InputError("no room")

    media = [inference.sample_picture(), video]
    summary = inference.predict_media(recognizer, media, Refuses())
    assert (summary.sources, summary.errors) == (1, ("no room",))


def test_a_camera_ends_with_an_interrupt(recognizer, tmp_path, monkeypatch):
    """Files are interrupted by it, a camera has no other end."""
    monkeypatch.setattr(
        recognizer,
        "recognize_video",
        lambda *a, **k: iter(
            [inference.Answer(source="camera 0", frame=0, seconds=0.0)] * 9
        ),
    )
    screen = inference.Screen("csv", recognizer.classes, io.StringIO())
    summary = inference.predict_media(recognizer, [0], Stops(screen, 3))
    assert summary.sources == 1

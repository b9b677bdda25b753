import logging

import numpy as np
import pytest
from corpora import write_video

from keras_fer import inference
from keras_fer.inference import video


@pytest.fixture(scope="module")
def recognizer():
    return inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")


@pytest.mark.parametrize("kind", ["avi", "mp4"])
def test_frames_with_their_number_and_time(tmp_path, kind):
    path = write_video(tmp_path / f"video.{kind}")
    frames = list(video.read_frames(path))
    assert [number for number, _, _ in frames] == list(range(30))
    seconds = [time for _, time, _ in frames]
    np.testing.assert_allclose(seconds, np.arange(30) / 10, atol=1e-3)
    for number, _, image in frames:
        assert image.shape == (244, 320, 3) and image.dtype == np.uint8
        assert abs(image[5, 5, 1] - 4.0 * number) < 6
        # Red comes first.
        assert image[5, 5, 0] > image[5, 5, 2] or number > 25
    assert video.frames_per_second(path) == 10


def test_every_so_many_frames(tmp_path):
    path = write_video(tmp_path / "video.avi")
    frames = list(video.read_frames(path, every=7))
    assert [number for number, _, _ in frames] == [0, 7, 14, 21, 28]
    np.testing.assert_allclose([f[1] for f in frames], np.arange(0, 3, 0.7))
    with pytest.raises(ValueError, match="`every` must be at least 1"):
        next(video.read_frames(path, every=0))


def test_a_face_in_each_frame(recognizer, tmp_path):
    path = write_video(tmp_path / "video.mp4", frames=20)
    answers = list(recognizer.recognize_video(path))
    assert [answer.frame for answer in answers] == list(range(20))
    assert all(len(answer.faces) == 1 for answer in answers)
    assert all(answer.image.shape == (244, 320, 3) for answer in answers)
    assert answers[3].to_json().keys() == {
        "source",
        "frame",
        "seconds",
        "faces",
    }
    alone = recognizer.recognize(answers[3].image)
    assert alone[0].box == answers[3].faces[0].box


def test_few_frames_are_held_at_a_time(recognizer, tmp_path, monkeypatch):
    path = write_video(tmp_path / "video.avi", frames=100)
    ahead, read = [], 0
    original = video.read_frames

    def counted(*arguments):
        nonlocal read
        for frame in original(*arguments):
            read += 1
            yield frame

    monkeypatch.setattr(video, "read_frames", counted)
    for answer in recognizer.recognize_video(path, detect=False):
        ahead.append(read - answer.frame)
    assert len(ahead) == 100 and max(ahead) <= 16


def test_a_video_that_was_cut_short(recognizer, tmp_path, caplog):
    whole = write_video(tmp_path / "video.avi", frames=60).read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: len(whole) // 2])
    with caplog.at_level(logging.WARNING):
        answers = list(recognizer.recognize_video(path, detect=False))
    assert 20 < len(answers) < 40
    message = f"cut.avi: cut short, {len(answers)} of 60 frames can be read"
    assert message in caplog.text


@pytest.mark.parametrize("kind", ["mp4", "avi"])
@pytest.mark.parametrize("size", [0, 300])
def test_nothing_left_of_a_video(recognizer, tmp_path, kind, size):
    whole = write_video(tmp_path / f"video.{kind}").read_bytes()
    path = tmp_path / f"cut.{kind}"
    path.write_bytes(whole[:size])
    with pytest.raises(inference.InputError, match="cannot be opened|no frame"):
        list(recognizer.recognize_video(path))


def test_missing_files_and_cameras(recognizer):
    with pytest.raises(inference.InputError, match="there is no such file"):
        list(recognizer.recognize_video("nowhere.mp4"))
    with pytest.raises(inference.InputError, match="camera 99: cannot be op"):
        list(recognizer.recognize_video(99))


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "copy.mp4"
    with video.VideoWriter(path, 12) as writer:
        for number in range(5):
            writer.write(np.full((48, 64, 3), (40 * number, 0, 0), np.uint8))
            assert not path.exists()
    frames = [image for _, _, image in video.read_frames(path)]
    assert len(frames) == 5 and video.frames_per_second(path) == 12
    assert [
        round(float(f[..., 0].mean()), -1) for f in frames
    ] == pytest.approx([0, 40, 80, 120, 160], abs=10)
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyError):
        with video.VideoWriter(tmp_path / "copy.mp4", 12) as writer:
            writer.write(np.zeros((48, 64, 3), np.uint8))
            raise KeyError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(inference.InputError, match="cannot be written"):
        with video.VideoWriter(tmp_path / "copy.nope", 12) as writer:
            writer.write(np.zeros((48, 64, 3), np.uint8))

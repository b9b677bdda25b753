import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from corpora import write_video

from keras_fer import faces
from keras_fer import inference
from keras_fer.inference import video


@pytest.fixture(scope="module")
def recognizer():
    return inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")


@pytest.mark.parametrize("kind", ["avi", "mp4"])
def test_frames_with_their_number_and_time(tmp_path, kind):
    path = write_video(tmp_path / f"video.{kind}")
    frames = list(video.read_frames(path))
    assert [frame.number for frame in frames] == list(range(30))
    seconds = [frame.seconds for frame in frames]
    np.testing.assert_allclose(seconds, np.arange(30) / 10, atol=1e-3)
    for number, _, rate, image in frames:
        assert rate == 10
        assert image.shape == (244, 320, 3) and image.dtype == np.uint8
        assert abs(image[5, 5, 1] - 4.0 * number) < 6
        # Red comes first.
        assert image[5, 5, 0] > image[5, 5, 2] or number > 25


def test_every_so_many_frames(tmp_path):
    path = write_video(tmp_path / "video.avi")
    frames = list(video.read_frames(path, every=7))
    assert [frame.number for frame in frames] == [0, 7, 14, 21, 28]
    seconds = [frame.seconds for frame in frames]
    np.testing.assert_allclose(seconds, np.arange(0, 3, 0.7))
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
    message = f"cut short or damaged, {len(answers)} of 60 frames can be read"
    assert message in caplog.text


def test_a_damaged_frame_is_passed_over(tmp_path, caplog):
    """Not the end of the video."""
    path = write_video(tmp_path / "video.avi", frames=50)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(600)
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        frames = list(video.read_frames(path))
    assert 45 < len(frames) <= 50 and frames[-1].number >= 48
    if len(frames) < 50:
        assert f"{len(frames)} of 50 frames" in caplog.text


def test_a_name_that_is_no_utf_8_is_refused(tmp_path):
    """OpenCV would end the process."""
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.avi"))
    shutil.copy(write_video(tmp_path / "video.avi", frames=2), path)
    with pytest.raises(faces.InputError, match=r"xff.avi: OpenCV cannot"):
        list(video.read_frames(path))
    with pytest.raises(faces.InputError, match="no UTF-8"):
        video.VideoWriter(path, 25)


@pytest.mark.parametrize("kind", ["mp4", "avi"])
@pytest.mark.parametrize("size", [0, 300])
def test_nothing_left_of_a_video(recognizer, tmp_path, kind, size):
    whole = write_video(tmp_path / f"video.{kind}").read_bytes()
    path = tmp_path / f"cut.{kind}"
    path.write_bytes(whole[:size])
    with pytest.raises(faces.InputError, match="cannot be opened|no frame"):
        list(recognizer.recognize_video(path))


def test_missing_files_and_cameras(recognizer):
    with pytest.raises(faces.InputError, match="there is no such file"):
        list(recognizer.recognize_video("nowhere.mp4"))
    with pytest.raises(faces.InputError, match="camera 99: cannot be op"):
        list(recognizer.recognize_video(99))


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "copy.mp4"
    with video.VideoWriter(path, 12) as writer:
        for number in range(5):
            writer.write(np.full((48, 64, 3), (40 * number, 0, 0), np.uint8))
            assert not path.exists()
    frames = list(video.read_frames(path))
    assert len(frames) == 5 and frames[0].rate == 12
    assert [
        round(float(f.image[..., 0].mean()), -1) for f in frames
    ] == pytest.approx([0, 40, 80, 120, 160], abs=10)
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyError):
        with video.VideoWriter(tmp_path / "copy.mp4", 12) as writer:
            writer.write(np.zeros((48, 64, 3), np.uint8))
            raise KeyError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(faces.InputError, match="cannot be written"):
        with video.VideoWriter(tmp_path / "copy.nope", 12) as writer:
            writer.write(np.zeros((48, 64, 3), np.uint8))


def test_odd_sizes_lose_no_pixel_and_changes_are_refused(tmp_path):
    path = tmp_path / "copy.mp4"
    image = np.full((47, 63, 3), 200, np.uint8)
    with video.VideoWriter(path, 12) as writer:
        writer.write(image)
        with pytest.raises(faces.InputError, match="size of the frames"):
            writer.write(image[:40])
    (frame,) = video.read_frames(path)
    assert frame.image.shape == (48, 64, 3)
    np.testing.assert_allclose(frame.image, 200, atol=6)

import os
from pathlib import Path

import pytest

from keras_fer import faces
from keras_fer import inference
from keras_fer.inference import media


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_folders_to_any_depth_in_order(tmp_path):
    for name in ("b/z.jpg", "b/c/a.PNG", "a.mp4", "notes.txt", "b/model.keras"):
        touch(tmp_path / name)
    touch(tmp_path / ".hidden" / "x.jpg")
    touch(tmp_path / ".x.jpg")
    found = inference.find_media([tmp_path])
    names = [str(path.relative_to(tmp_path)) for path in found]
    assert names == ["a.mp4", "b/c/a.PNG", "b/z.jpg"]
    assert [media.is_video(path) for path in found] == [True, False, False]


def test_files_of_any_name_and_cameras(tmp_path, monkeypatch):
    odd = touch(tmp_path / "picture.dat")
    assert inference.find_media([odd, "0", "12"]) == [odd, 0, 12]
    assert media.is_video(0) and media.name_of(0) == "camera 0"
    monkeypatch.chdir(tmp_path)
    touch(Path("7"))
    assert inference.find_media(["7"]) == [Path("7")]


def test_names_that_are_no_utf_8():
    path = Path(os.fsdecode(b"a\xff\xc3\xa9.jpg"))
    assert media.name_of(path) == r"a\xffé.jpg" and not media.is_utf8(path)
    assert media.name_of("é.jpg") == "é.jpg" and media.is_utf8("é.jpg")


def test_each_once(tmp_path):
    picture = touch(tmp_path / "a.jpg")
    assert inference.find_media([picture, tmp_path, picture]) == [picture]
    assert inference.find_media(str(tmp_path)) == [picture]


def test_nothing_there(tmp_path):
    with pytest.raises(faces.InputError, match="no such file or folder"):
        inference.find_media([tmp_path / "nope"])
    touch(tmp_path / "notes.txt")
    with pytest.raises(faces.InputError, match="no picture or video in it"):
        inference.find_media([tmp_path])

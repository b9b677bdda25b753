import csv

import numpy as np
import pytest
from corpora import write_image
from networks import stripes

from keras_fer.datasets import CorpusError
from keras_fer.datasets import folder
from keras_fer.datasets.corpus import SplitNotFoundError

NAMES = ("angry", "Happy", "nostalgia")


def write(root, prefix="", count=40):
    """Pictures of expressions, each with stripes of its own."""
    for label, name in enumerate(NAMES):
        for number in range(count):
            pixels = stripes(2 * label, (60, 50, 1), 100 * label + number)
            write_image(root / prefix / name / f"{number:03d}.png", pixels)
    return root


def write_table(root, rows, header=("path", "expression"), mark=""):
    with open(root / "labels.csv", "w", newline="", encoding="utf-8") as file:
        file.write(mark)
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    return root


def test_a_folder_an_expression(tmp_path):
    write(tmp_path)
    parts = {
        split: folder.load_data(split, data_dir=tmp_path)
        for split in ("train", "val", "test")
    }
    assert parts["train"].info.classes == ("anger", "happiness", "nostalgia")
    assert parts["train"].images.shape[1:] == (48, 48, 1)
    names = [name for part in parts.values() for name in part.names]
    assert len(names) == len(set(names)) == 120
    assert 80 < len(parts["train"]) < 110
    for part in parts.values():
        for name, label in zip(
            part.names, part.labels["expression"], strict=True
        ):
            assert NAMES[label] == name.split("/")[0]
    again = folder.load_data("val", data_dir=tmp_path)
    assert again.names == parts["val"].names
    color = folder.load_data(data_dir=tmp_path, size=32, channels=3)
    assert color.images.shape[1:] == color.info.image_shape == (32, 32, 3)


def test_copies_stay_in_one_split(tmp_path):
    write(tmp_path, count=20)
    for number in range(20):
        source = tmp_path / "angry" / f"{number:03d}.png"
        target = tmp_path / "angry" / f"copy of {number}.png"
        target.write_bytes(source.read_bytes())
    split_of = {}
    for split in ("train", "val", "test"):
        corpus = folder.load_data(split, data_dir=tmp_path)
        for name, image in zip(corpus.names, corpus.images, strict=True):
            assert split_of.setdefault(image.tobytes(), split) == split, name


def test_folders_of_splits(tmp_path):
    for prefix, count in (("Train", 6), ("validation", 3)):
        write(tmp_path, prefix, count)
    write(tmp_path, ".cache", 1)
    write(tmp_path, "__MACOSX", 1)
    assert len(folder.load_data(data_dir=tmp_path)) == 18
    assert len(folder.load_data("val", data_dir=tmp_path)) == 9
    with pytest.raises(SplitNotFoundError, match="holds train, val"):
        folder.load_data("test", data_dir=tmp_path)


def test_a_table(tmp_path):
    write(tmp_path, "faces", 4)
    rows = [
        (f"faces/{name}/{number:03d}.png", name, number / 2, f"P{number}", s)
        for name in NAMES
        for number, s in enumerate(("train", "Training", "val", "test"))
    ]
    header = "path expression valence who split".split()
    write_table(tmp_path, rows, header, mark="\ufeff")
    train = folder.load_data(data_dir=tmp_path)
    assert train.labels["valence"].tolist() == [0, 0.5] * 3
    assert train.labels["who"].tolist() == ["P0", "P1"] * 3
    assert train.labels["expression"].tolist() == [0, 0, 1, 1, 2, 2]
    assert [
        len(folder.load_data(s, data_dir=tmp_path)) for s in ("val", "test")
    ] == [3, 3]


def test_persons_are_in_one_split(tmp_path):
    write(tmp_path, "faces", 40)
    rows = [
        (f"faces/{name}/{number:03d}.png", name, f"P{number}")
        for name in NAMES
        for number in range(40)
    ]
    write_table(tmp_path, rows, ("path", "expression", "subject"))
    people = [
        set(folder.load_data(s, data_dir=tmp_path).labels["subject"])
        for s in ("train", "val", "test")
    ]
    assert sum(map(len, people)) == len(set.union(*people)) == 40
    assert all(people)


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (("file", "expression"), ("a", "b"), "row 1: expected .* path and"),
        (("path", "path", "expression"), ("a", "a", "b"), "row 1"),
        (("path", "expression"), ("faces/angry/000.png",), "row 2: expected 2"),
        (("path", "expression"), ("a.png", "b", "c"), "row 2: expected 2"),
        (("path", "expression"), ("a.png", " "), "row 2: no expression"),
        (("path", "expression"), ("a.png", "angry"), "a.png: .*No such file"),
        (("path", "expression"), ("", "angry"), "row 2: expected a path"),
        (("path", "expression"), ("../a.png", "angry"), "row 2: .*'../a.png'"),
        (("path", "expression"), ("/etc/a.png", "angry"), "row 2: expected a"),
        (
            ("path", "expression", "split"),
            ("faces/angry/000.png", "angry", "tset"),
            "row 2: unknown split 'tset'",
        ),
    ],
)
def test_spoiled_tables_are_named(tmp_path, header, row, message):
    write(tmp_path, "faces", 1)
    write_table(tmp_path, [row], header)
    with pytest.raises(CorpusError, match=message):
        folder.load_data(data_dir=tmp_path)


def test_tables_that_contradict_themselves(tmp_path):
    write(tmp_path, "faces", 2)
    one = "faces/angry/000.png"
    write_table(tmp_path, [(one, "angry"), ("faces/../" + one, "fear")])
    with pytest.raises(CorpusError, match="row 3: .* is listed twice"):
        folder.load_data(data_dir=tmp_path)
    write_table(tmp_path, [(one, "smirk"), ("faces/angry/001.png", "Smirk")])
    with pytest.raises(CorpusError, match="only in case: Smirk, smirk"):
        folder.load_data(data_dir=tmp_path)
    text = f'path,expression\n{one},"angry\nfaces/angry/001.png,angry\n'
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(CorpusError, match="labels.csv cannot be read"):
        folder.load_data(data_dir=tmp_path)


def test_headers_and_persons_as_they_are_typed(tmp_path):
    """Capitals and blanks in the header; numbers that name persons."""
    write(tmp_path, "faces", 8)
    rows = [
        (f"faces/{name}/{n:03d}.png", name, "val" if n > 5 else "train", who)
        for name in NAMES
        for n, who in enumerate(["001", "1", "20230008", "20230009"] * 2)
    ]
    write_table(tmp_path, rows, ("Path", " expression", "Split", "Subject "))
    people = {
        split: set(folder.load_data(split, data_dir=tmp_path).labels["subject"])
        for split in ("train", "val")
    }
    assert people["train"] == {"001", "1", "20230008", "20230009"}
    assert people["val"] == {"20230008", "20230009"}


@pytest.mark.parametrize("count", [3, 5, 10, 37])
def test_few_persons_still_give_each_split_one(tmp_path, count):
    write(tmp_path, "faces", count)
    rows = [
        (f"faces/{name}/{n:03d}.png", name, f"P{n}")
        for name in NAMES
        for n in range(count)
    ]
    write_table(tmp_path, rows, ("path", "expression", "subject"))
    sizes = [
        len(set(folder.load_data(s, data_dir=tmp_path).labels["subject"]))
        for s in ("train", "val", "test")
    ]
    assert min(sizes) >= 1 and sum(sizes) == count
    assert sizes[1] == sizes[2] + (0 if count % 10 != 1 else -1) or count > 10


def test_files_that_are_no_pictures_are_named(tmp_path):
    for inner, what in (
        (
            "train/angry/notes.doc",
            "train/angry/notes.doc: not a picture by its",
        ),
        ("train/empty/x.doc", "train/empty: no picture in it"),
        ("sad/000.png", "sad: expected train, val or test"),
    ):
        root = write(tmp_path / inner.replace("/", "_"), "train", 5)
        path = root / inner
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"?")
        (root / "train" / "angry" / ".DS_Store").touch()
        with pytest.raises(CorpusError, match=what):
            folder.load_data(data_dir=root)
        corpus = folder.load_data(data_dir=root, skip_bad=True)
        assert len(corpus) == 15 and what in corpus.notes[0]


def test_the_split_does_not_depend_on_the_size(tmp_path):
    write(tmp_path)
    names = [
        folder.load_data("val", data_dir=tmp_path, size=size).names
        for size in (48, 96)
    ]
    assert names[0] == names[1]


def test_bad_files_are_named_or_left_out(tmp_path):
    write(tmp_path, "train", 5)
    (tmp_path / "train" / "angry" / "zz.png").write_bytes(b"no picture")
    with pytest.raises(CorpusError, match="^train/angry/zz.png: not a picture"):
        folder.load_data(data_dir=tmp_path)
    corpus = folder.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == 15 and len(corpus.notes) == 1


def test_nothing_there(tmp_path):
    for path in (None, tmp_path / "nope"):
        with pytest.raises(CorpusError, match="own corpus: no folder .*--data"):
            folder.load_data(data_dir=path)
    with pytest.raises(CorpusError, match="no picture of an expression in it"):
        folder.load_data(data_dir=tmp_path)
    (tmp_path / "angry").mkdir()
    with pytest.raises(CorpusError, match="^angry: no picture in it"):
        folder.load_data(data_dir=tmp_path)


def test_told_from_published_corpora(tmp_path):
    assert not folder.is_own(tmp_path)
    assert folder.is_own(write(tmp_path / "mine", "", 1))
    assert folder.is_own(write(tmp_path / "split", "train", 1))
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "labels.csv").touch()
    assert folder.is_own(tmp_path / "table")
    assert not folder.is_own(tmp_path / "table" / "labels.csv")
    # A folder of corpora, one of which is flat, and a corpus itself.
    write_image(
        tmp_path / "data" / "jaffe" / "KA.AN1.39.tiff", np.zeros((9, 9))
    )
    assert not folder.is_own(tmp_path / "data")
    assert not folder.is_own(write(tmp_path / "ck48", "", 1))


def test_numbers_and_words(tmp_path):
    write(tmp_path, "faces", 2)
    rows = [
        (f"faces/{name}/{n:03d}.png", name, "train", 3 if n else "unknown")
        for name in NAMES
        for n in range(2)
    ]
    write_table(tmp_path, rows, ("path", "expression", "split", "age"))
    ages = folder.load_data(data_dir=tmp_path).labels["age"]
    assert ages.tolist() == ["unknown", "3"] * 3 and ages.dtype.kind == "U"
    assert np.ndim(ages) == 1

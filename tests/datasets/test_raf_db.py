import numpy as np
import pytest
from corpora import write_image
from corpora import write_raf_db

from keras_fer.datasets import CorpusError
from keras_fer.datasets import raf_db


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("raf_db")
    for part in ("basic", "compound"):
        write_raf_db(root, part)
    return root


@pytest.mark.parametrize(("part", "classes"), [("basic", 7), ("compound", 11)])
def test_a_tenth_of_the_training_images_validates(root, part, classes):
    sizes, names = [], []
    for split in ("train", "val", "test"):
        corpus = raf_db.load_data(split, data_dir=root, part=part, size=32)
        assert len(set(corpus.class_counts().values())) == 1
        sizes.append(len(corpus) // classes)
        names += corpus.names
    assert sizes == [18, 2, 3]
    assert len(set(names)) == 23 * classes
    assert names[-1].startswith(f"{part}/Image/aligned/test_")


def test_labels_and_attributes_stay_with_their_faces(root):
    corpus = raf_db.load_data("test", data_dir=root)
    assert corpus.images.shape == (21, 100, 100, 3)
    codes = np.rint(corpus.images[:, 0, 0, 0] / 5)
    assert corpus.labels["expression"].tolist() == codes.tolist()
    assert [corpus.info.classes[k] for k in (0, 3, 6)] == [
        "surprise",
        "happiness",
        "neutral",
    ]
    assert corpus.labels["gender"][:4].tolist() == [
        "male",
        "female",
        "unsure",
        "male",
    ]
    assert corpus.labels["race"][:2].tolist() == [
        "Caucasian",
        "African-American",
    ]
    assert corpus.labels["age"][:5].tolist() == list(raf_db.AGES)


def test_gray_and_small(root):
    corpus = raf_db.load_data("val", data_dir=root, size=48, channels=1)
    assert corpus.images.shape[1:] == corpus.info.image_shape == (48, 48, 1)


def test_without_annotations(tmp_path):
    folder = write_raf_db(tmp_path, train=10, test=1)
    for path in (folder / "Annotation" / "manual").iterdir():
        path.unlink()
    (folder / "Annotation" / "manual").rmdir()
    corpus = raf_db.load_data(data_dir=tmp_path, size=32)
    assert set(corpus.labels) == {"expression"}


def spoil_list(folder, change):
    path = folder / "EmoLabel" / "list_patition_label.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(change(lines)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: ["train_00001.jpg", *a[1:]], "line 1: expected a line as"),
        (lambda a: ["train_00001.jpg 5 6", *a[1:]], "line 1: expected a line"),
        (lambda a: ["train_00001.jpg five", *a[1:]], "line 1: .*five"),
        (lambda a: ["image_00001.jpg 5", *a[1:]], "line 1: expected a line"),
        (lambda a: ["train_00001.jpg 0", *a[1:]], "line 1: .* 1 to 7. .*: 0"),
        (lambda a: ["train_00001.jpg 8", *a[1:]], "line 1: .* 1 to 7. .*: 8"),
        (lambda a: [a[1], *a[1:]], "line 2: train_00002.jpg is listed twice"),
        (
            lambda a: ["train_99999.jpg 1", *a[1:]],
            "train_99999_manu_attri.txt: cannot be read: No such file",
        ),
    ],
)
def test_spoiled_lines_are_named_or_left_out(tmp_path, change, message):
    spoil_list(write_raf_db(tmp_path, train=10, test=1), change)
    with pytest.raises(CorpusError, match=f"^basic/.*{message}"):
        raf_db.load_data(data_dir=tmp_path, size=32)
    corpus = raf_db.load_data(data_dir=tmp_path, size=32, skip_bad=True)
    assert len(corpus) in (62, 63)
    assert any(note.startswith("left out basic/") for note in corpus.notes)


def test_pictures_that_are_not_listed_are_counted(tmp_path, root):
    folder = write_raf_db(tmp_path, train=10, test=1)
    corpus = raf_db.load_data(data_dir=tmp_path, size=32)
    assert corpus.notes == (
        "train and val: 70 images here, 12271 were published",
    )
    for number in (7, 8):
        path = folder / "Image" / "aligned" / f"test_9000{number}_aligned.jpg"
        write_image(path, np.zeros((100, 100, 3), "uint8"))
    corpus = raf_db.load_data(data_dir=tmp_path, size=32)
    assert corpus.notes[1] == (
        "2 pictures in basic/Image/aligned/ are not in the list, such as "
        "test_90007_aligned.jpg"
    )


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"])
def test_line_ends_and_byte_order_mark(tmp_path, end):
    folder = write_raf_db(tmp_path, train=10, test=1)
    path = folder / "EmoLabel" / "list_patition_label.txt"
    text = "\ufeff" + end.join(path.read_text().splitlines())
    path.write_bytes(text.encode())
    assert len(raf_db.load_data(data_dir=tmp_path, size=32)) == 63


@pytest.mark.parametrize(
    ("inner", "content", "message"),
    [
        ("Image/aligned/train_00003_aligned.jpg", None, "No such file"),
        ("Image/aligned/train_00003_aligned.jpg", b"", "not a picture"),
        ("Annotation/manual/train_00003_manu_attri.txt", b"", "five lines"),
        (
            "Annotation/manual/train_00003_manu_attri.txt",
            b"1 2\n" * 5 + b"3\n0\n0\n",
            "gender",
        ),
        (
            "Annotation/manual/train_00003_manu_attri.txt",
            b"1 2\n" * 5 + b"0\n0\n-1\n",
            "age",
        ),
    ],
)
def test_spoiled_files_are_named_or_left_out(tmp_path, inner, content, message):
    path = write_raf_db(tmp_path, train=10, test=1) / inner
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=f"^basic/{inner}: .*{message}"):
        raf_db.load_data(data_dir=tmp_path, size=32)
    corpus = raf_db.load_data(data_dir=tmp_path, size=32, skip_bad=True)
    (note,) = [note for note in corpus.notes if note.startswith("left out")]
    assert len(corpus) == 62 and "train_00003" in note


def test_what_is_missing_is_named(tmp_path, root):
    with pytest.raises(CorpusError, match="basic, compound. Received: both"):
        raf_db.load_data(data_dir=root, part="both")
    (tmp_path / "raf_db" / "basic").mkdir(parents=True)
    with pytest.raises(CorpusError, match="list_patition_label.txt cannot be"):
        raf_db.load_data(data_dir=tmp_path)
    path = tmp_path / "raf_db" / "basic" / "EmoLabel"
    path.mkdir()
    (path / "list_patition_label.txt").touch()
    with pytest.raises(CorpusError, match="no image in it"):
        raf_db.load_data(data_dir=tmp_path)

import numpy as np
import pytest
from corpora import write_affectnet_2017
from corpora import write_affectnet_2021
from corpora import write_image

from keras_fer.datasets import CorpusError
from keras_fer.datasets import affectnet
from keras_fer.datasets.corpus import SplitNotFoundError

NAMES = "neutral happiness sadness surprise fear disgust anger contempt".split()
WRITERS = {2017: write_affectnet_2017, 2021: write_affectnet_2021}


@pytest.fixture(scope="module", params=WRITERS)
def root(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(str(request.param))
    WRITERS[request.param](root)
    return root


def test_every_label_of_both_layouts(root):
    train = affectnet.load_data(data_dir=root, size=32)
    val = affectnet.load_data("val", data_dir=root, size=32)
    assert (len(train), len(val)) == (16, 8)
    assert train.images.shape == (16, 32, 32, 3)
    assert list(train.info.classes) == NAMES
    numbers = np.arange(16)
    assert train.labels["expression"].tolist() == (numbers % 8).tolist()
    np.testing.assert_allclose(train.labels["valence"], numbers / 40)
    np.testing.assert_allclose(train.labels["arousal"], -numbers / 40)
    assert train.labels["landmarks"].shape == (16, 68, 2)
    assert train.notes == ("train: 16 images here, 287651 were published",)
    with pytest.raises(SplitNotFoundError, match="not public"):
        affectnet.load_data("test", data_dir=root)


def test_faces_of_2017_are_cut_out_by_their_box(tmp_path):
    write_affectnet_2017(tmp_path)
    corpus = affectnet.load_data(data_dir=tmp_path, size=50, channels=1)
    assert corpus.images.std(axis=(1, 2, 3)).max() < 8  # JPEG alone
    means = corpus.images.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, 5 * np.arange(16) + 60, atol=3)
    assert corpus.labels["box"][0].tolist() == [40, 30, 50, 50]
    assert corpus.labels["landmarks"][0, 1].tolist() == [41.5, 31.25]
    assert corpus.names[1] == "Manually_Annotated_Images/1/training00001.jpg"


def test_faces_of_2021_come_in_the_order_of_their_numbers(tmp_path):
    write_affectnet_2021(tmp_path)
    corpus = affectnet.load_data(data_dir=tmp_path, size=32, channels=1)
    assert corpus.names[9:11] == [
        "train_set/images/9.jpg",
        "train_set/images/10.jpg",
    ]
    assert "box" not in corpus.labels
    assert corpus.labels["landmarks"][3, 0].tolist() == [0.5, 1.5]
    means = corpus.images.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, 5 * np.arange(16), atol=2)


def test_seven_expressions_in_another_order(root):
    classes = ("anger", *NAMES[:6])
    corpus = affectnet.load_data(data_dir=root, size=32, classes=classes)
    assert len(corpus) == 14 and corpus.info.classes == classes
    assert corpus.labels["expression"][:7].tolist() == [1, 2, 3, 4, 5, 6, 0]
    assert "2 images left out: contempt" in corpus.notes
    with pytest.raises(CorpusError, match="`classes` must be among.*: calm"):
        affectnet.load_data(data_dir=root, classes=("calm", "anger"))


def in_table(folder, change, name="training.csv"):
    path = folder / name
    lines = path.read_text().splitlines()
    path.write_bytes(change(lines).encode())


def change(place, value, row=1):
    """One value of one row is another."""

    def changed(lines):
        values = lines[row].split(",")
        values[place] = value
        return "\n".join([*lines[:row], ",".join(values), *lines[row + 1 :]])

    return changed


def test_markers_are_left_out_and_counted(tmp_path):
    folder = write_affectnet_2017(tmp_path, train=32)
    in_table(folder, change(6, "8"))
    in_table(folder, change(6, "9", row=2))
    in_table(folder, change(6, "10", row=3))
    in_table(folder, change(5, "NULL", row=3))
    in_table(folder, change(6, "10", row=4))
    in_table(folder, change(7, "-2", row=5))
    in_table(folder, change(8, "-2.000000", row=6))
    corpus = affectnet.load_data(data_dir=tmp_path, size=32)
    assert len(corpus) == 26
    assert set(corpus.notes[1:]) == {
        "1 images left out: none",
        "1 images left out: uncertain",
        "2 images left out: no face",
        "2 images left out: no valence or arousal",
    }
    assert corpus.labels["valence"].min() >= -1


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: "\r\n".join(lines) + "\r\n",
        lambda lines: "\ufeff" + "\r".join(lines),
        lambda lines: "\n\n".join(lines),
        lambda lines: "\n".join(lines[1:]),  # no header
    ],
)
def test_line_ends_byte_order_mark_and_header(tmp_path, change):
    in_table(write_affectnet_2017(tmp_path), change)
    assert len(affectnet.load_data(data_dir=tmp_path, size=32)) == 16


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change(6, "11"), "row 2: expected an expression of 0 to 10, not 11"),
        (change(6, "-1"), "row 2: expected an expression of 0 to 10"),
        (change(6, "happy"), "row 2: .*happy"),
        (change(7, "1.5"), r"row 2: expected valence in \[-1, 1\], not 1.5"),
        (change(7, "nan"), r"row 2: expected valence in \[-1, 1\], not nan"),
        (change(8, "-1.01"), r"expected arousal in \[-1, 1\], not -1.01"),
        (change(8, ""), "row 2: could not convert"),
        (change(5, "1.0;2.0"), "row 2: expected 68 landmarks, not 1"),
        (change(5, ";" * 135), "row 2: could not convert"),
        (change(1, "left"), "row 2: could not convert"),
        (change(1, "900"), "training00000.jpg: `box` must lie in the picture"),
        (change(3, "inf"), "row 2: expected finite landmarks and box"),
        (change(3, "1e12"), "training00000.jpg: `box` must lie"),
        (change(3, "1000000"), "training00000.jpg: `box` must lie"),
        (change(1, "99.6"), "training00000.jpg: `box` must lie"),
        (change(5, "nan;" * 135 + "nan"), "row 2: expected finite landmarks"),
        (change(5, "1" * 200_000), "field larger"),
        (change(3, "0"), "training00000.jpg: `box` must lie in the picture"),
        (change(0, "0/none.jpg"), "0/none.jpg: cannot be read: No such file"),
        (change(0, "1/training00001.jpg"), "row 3: .*is listed twice"),
        (change(0, "../../etc/passwd"), "row 2: .*lies elsewhere"),
        (change(0, "/etc/passwd"), "row 2: .*lies elsewhere"),
        (lambda lines: "\n".join([*lines, "a,b"]), "row 18: expected subDir"),
        (lambda lines: "\n".join(line[:9] for line in lines), "row 1: expect"),
    ],
)
def test_spoiled_lines_are_named_or_left_out(tmp_path, change, message):
    in_table(write_affectnet_2017(tmp_path), change)
    with pytest.raises(CorpusError, match=message):
        affectnet.load_data(data_dir=tmp_path, size=32)
    try:
        corpus = affectnet.load_data(data_dir=tmp_path, size=32, skip_bad=True)
    except CorpusError as error:
        # All lines are bad, or the table ends in the middle of one.
        assert "no image of neutral" in str(error) or "field" in str(error)
    else:
        assert len(corpus) in (15, 16)
        assert any(note.startswith("left out ") for note in corpus.notes)


@pytest.mark.parametrize(
    ("inner", "content", "message"),
    [
        ("annotations/3_exp.npy", None, "3_.*.npy: cannot be read: No such"),
        ("annotations/3_lnd.npy", b"", "3_.*.npy: "),
        ("annotations/3_val.npy", b"\x93NUMPY\x01", "3_.*.npy: "),
        ("annotations/3_aro.npy", np.array("5"), "arousal in .*, not 5"),
        ("annotations/3_exp.npy", np.array("12"), "an expression of 0 to 10"),
        ("annotations/3_exp.npy", np.array([1, 2]), "3_.*.npy: invalid"),
        ("annotations/3_val.npy", np.array({}), "3_.*.npy: "),
        ("annotations/3_exp.npy", b"PK\x03\x04 no zip", "3_.*.npy: "),
        ("annotations/3_lnd.npy", np.zeros(136, "c16"), "136|complex"),
        ("annotations/3_exp.npy", np.zeros(1, "i4,f4"), "3_.*.npy: "),
        ("images/3.jpg", None, "3_exp.npy: there is no such image"),
        ("images/3.png", b"", "3.png: a second image of this number"),
        ("images/3.jpg", b"GIF", "images/3.jpg: not a picture"),
    ],
)
def test_spoiled_files_are_named_or_left_out(tmp_path, inner, content, message):
    path = write_affectnet_2021(tmp_path) / "train_set" / inner
    path.unlink(missing_ok=True)
    if isinstance(content, np.ndarray):
        np.save(path, content)
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        affectnet.load_data(data_dir=tmp_path, size=32)
    corpus = affectnet.load_data(data_dir=tmp_path, size=32, skip_bad=True)
    assert len(corpus) in (15, 16)
    assert any(note.startswith("left out ") for note in corpus.notes)


def test_which_layout_it_is_must_be_clear(tmp_path):
    (tmp_path / "affectnet").mkdir()
    with pytest.raises(CorpusError, match="either training.csv or train_set/"):
        affectnet.load_data(data_dir=tmp_path)
    write_affectnet_2017(tmp_path)
    write_affectnet_2021(tmp_path)
    with pytest.raises(CorpusError, match="Received: Manually_Annotated"):
        affectnet.load_data(data_dir=tmp_path)


def test_lists_and_images_may_lie_in_folders_of_their_own(tmp_path):
    folder = write_affectnet_2017(tmp_path)
    lists = folder / "Manually_Annotated_file_lists"
    lists.mkdir()
    (folder / "Manually_Annotated").mkdir()
    inner = "Manually_Annotated_Images"
    (folder / inner).rename(folder / "Manually_Annotated" / inner)
    for name in ("training.csv", "validation.csv"):
        (folder / name).rename(lists / name)
    assert len(affectnet.load_data(data_dir=tmp_path, size=32)) == 16


def test_a_picture_without_a_line_is_not_read(tmp_path):
    folder = write_affectnet_2017(tmp_path)
    path = folder / "Manually_Annotated_Images" / "0" / "extra.jpg"
    write_image(path, np.zeros((20, 20, 3), "uint8"))
    assert len(affectnet.load_data(data_dir=tmp_path, size=32)) == 16

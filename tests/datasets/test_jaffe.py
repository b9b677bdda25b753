import numpy as np
import pytest
from corpora import write_jaffe
from PIL import Image

from keras_fer.datasets import CorpusError
from keras_fer.datasets import jaffe


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("jaffe")
    write_jaffe(root)
    return root


def test_each_subject_tests_once(root):
    tested = []
    for fold in range(10):
        parts = [
            jaffe.load_data(split, data_dir=root, fold=fold, size=48)
            for split in ("train", "val", "test")
        ]
        assert [len(part) for part in parts] == [112, 14, 14]
        people = [set(part.labels["subject"]) for part in parts]
        assert len(set.union(*people)) == 10
        tested += people[2]
    assert sorted(tested) == "KA KL KM KR MK NA NM TM UY YM".split()


def test_labels_stay_with_their_faces(root):
    corpus = jaffe.load_data(data_dir=root, size=48)
    assert corpus.images.shape[1:] == (48, 48, 1)
    assert (corpus.images == corpus.images[:, :1, :1]).all()
    codes = corpus.images[:, 0, 0, 0] // 5
    assert corpus.labels["expression"].tolist() == codes.tolist()
    assert corpus.info.classes[0] == "anger"
    assert corpus.names[0] == "KM.AN1.29.tiff"


def test_palettes_give_the_same_gray(tmp_path):
    """23 of the files have a palette."""
    folder = write_jaffe(tmp_path)
    y, x = np.mgrid[:64, :64]
    gray = (2 * x + 2 * y).astype(np.uint8)
    Image.fromarray(gray).save(folder / "KM.AN1.29.tiff")
    plain = jaffe.load_data(data_dir=tmp_path, size=64).images[0]
    np.testing.assert_array_equal(plain[..., 0], gray)
    # The same picture with its grays in another order behind a palette.
    picture = Image.fromarray(255 - gray, mode=None).convert("P")
    picture.putpalette([255 - k for k in range(256) for _ in range(3)])
    picture.save(folder / "KM.AN1.29.tiff")
    with Image.open(folder / "KM.AN1.29.tiff") as stored:
        assert stored.mode == "P"
    palette = jaffe.load_data(data_dir=tmp_path, size=64).images[0]
    np.testing.assert_array_equal(palette, plain)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("KA.XX1.39.tiff", b""),
        ("KA-AN1-39.tiff", b""),
        ("KA.AN1.39a.tif", b""),
        ("KM.AN9.299.tiff", b""),
        ("KM.AN9.299.png", b""),
        ("km.an1.29.TIFF", b"twice"),
        ("KM.AN9.299.tiff", b"II*\0 cut short"),
    ],
)
def test_spoiled_files_are_named_or_left_out(tmp_path, name, content):
    (write_jaffe(tmp_path) / name).write_bytes(content)
    with pytest.raises(CorpusError, match=f"^(?i:{name}): "):
        jaffe.load_data(data_dir=tmp_path)
    corpus = jaffe.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == 112
    start = f"left out {name}: ".lower()
    assert any(note.lower().startswith(start) for note in corpus.notes)


def test_files_in_capitals_count(tmp_path):
    folder = write_jaffe(tmp_path)
    (folder / "KM.AN1.29.tiff").rename(folder / "KM.AN1.29.TIFF")
    (folder / "README_FIRST.txt").touch()
    assert len(jaffe.load_data(data_dir=tmp_path, size=48)) == 112


def test_what_is_missing_is_named(tmp_path, root):
    with pytest.raises(CorpusError, match="0 to 9. Received: 10"):
        jaffe.load_data(data_dir=root, fold=10)
    (tmp_path / "JAFFE").mkdir()
    with pytest.raises(CorpusError, match="10 subjects. Received: none"):
        jaffe.load_data(data_dir=tmp_path)
    folder = write_jaffe(tmp_path / "more")
    for path in folder.glob("KA.*"):
        path.unlink()
    with pytest.raises(CorpusError, match="Received: KL, KM, .*, YM$"):
        jaffe.load_data(data_dir=tmp_path / "more")

import numpy as np
import pytest
import scipy.io
from corpora import write_tfd

from keras_fer.datasets import CorpusError
from keras_fer.datasets import tfd


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("tfd")
    for size in (48, 96):
        write_tfd(root, size=size)
    return root


def spoil(root, size=96, **changes):
    """The same file with other variables; None leaves one out."""
    path = write_tfd(root, size=size)
    variables = {
        name: value
        for name, value in scipy.io.loadmat(path).items()
        if not name.startswith("_")
    }
    for name, change in changes.items():
        if change is None:
            del variables[name]
        else:
            variables[name] = change(variables[name])
    scipy.io.savemat(path, variables)
    return root


@pytest.mark.parametrize("size", [48, 96])
def test_the_folds_part_the_labeled_faces(root, size):
    for fold in range(5):
        parts = [
            tfd.load_data(split, data_dir=root, fold=fold, size=size)
            for split in ("train", "val", "test")
        ]
        assert [len(part) for part in parts] == [21, 7, 7]
        assert parts[0].images.shape[1:] == (size, size, 1)
        assert parts[0].info.image_shape == (size, size, 1)
        names = [name for part in parts for name in part.names]
        assert len(set(names)) == 35


def test_labels_stay_with_their_faces(root):
    """The writer paints the row's number and label into each face."""
    corpus = tfd.load_data("test", data_dir=root, fold=2)
    rows = corpus.images[:, 0, 0, 0]
    codes = corpus.images[:, 0, 1, 0]
    assert corpus.labels["expression"].tolist() == (codes - 1).tolist()
    assert corpus.names == [f"TFD_96x96.mat row {row}" for row in rows]
    assert corpus.labels["subject"].tolist() == [str(r // 2) for r in rows]
    assert corpus.info.classes[codes[0] - 1] == "anger"


def test_faces_without_a_label(root):
    faces = tfd.load_unlabeled(data_dir=root, size=48)
    assert faces.shape == (7, 48, 48, 1)
    assert faces[:, 0, 0, 0].tolist() == list(range(35, 42))
    with pytest.raises(CorpusError, match="48 or 96. Received: 64"):
        tfd.load_unlabeled(data_dir=root, size=64)


def test_arguments_are_checked(root, tmp_path):
    with pytest.raises(CorpusError, match="0 to 4. Received: 5"):
        tfd.load_data(data_dir=root, fold=5)
    with pytest.raises(CorpusError, match="48 or 96. Received: 64"):
        tfd.load_data(data_dir=root, size=64)
    with pytest.raises(CorpusError, match="looked for tfd/ or TFD/"):
        tfd.load_data(data_dir=tmp_path)
    (tmp_path / "tfd").mkdir()
    with pytest.raises(CorpusError, match="no TFD_48x48.mat. Ask"):
        tfd.load_data(data_dir=tmp_path, size=48)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": None, "labs_id": None}, "no variable folds, labs_id"),
        ({"images": lambda a: a[:, :50]}, r"images of shape \(42, 96, 96\)"),
        ({"labs_ex": lambda a: a[:-1]}, r"labs_ex of shape \(42, 1\)"),
        ({"folds": lambda a: a[:, :4]}, r"folds of shape \(42, 5\)"),
        ({"images": lambda a: a / 255}, "type uint8. Received: float64"),
        ({"labs_ex": lambda a: a + 0.5}, "whole numbers in labs_ex"),
        ({"labs_id": lambda a: a + 0.5}, "whole numbers in labs_id"),
        ({"folds": lambda a: a + 1}, "folds of 0 to 3. Received: 4 in row"),
    ],
)
def test_a_spoiled_file_is_named(tmp_path, changes, message):
    spoil(tmp_path, **changes)
    with pytest.raises(CorpusError, match=f"TFD_96x96.mat: .*{message}"):
        tfd.load_data(data_dir=tmp_path)


@pytest.mark.parametrize("content", [b"", b"no matlab", None])
def test_a_file_of_another_kind_is_named(tmp_path, content):
    path = write_tfd(tmp_path)
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    with pytest.raises(CorpusError, match="TFD_96x96.mat"):
        tfd.load_data(data_dir=tmp_path)


def test_a_flipped_byte_is_found(tmp_path):
    path = write_tfd(tmp_path)
    variables = scipy.io.loadmat(path)
    scipy.io.savemat(
        path,
        {k: v for k, v in variables.items() if not k.startswith("_")},
        do_compression=True,
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="TFD_96x96.mat cannot be read"):
        tfd.load_data(data_dir=tmp_path)


def test_numbers_of_matlabs_own_type(tmp_path):
    spoil(
        tmp_path,
        labs_id=lambda a: np.where(a == 8, -1, a).astype(float),
        labs_ex=lambda a: a.astype(float),
        folds=lambda a: a.astype(float),
    )
    people = tfd.load_data(data_dir=tmp_path).labels["subject"]
    assert {"-1", "7"} <= set(people)


def test_a_label_out_of_range_is_refused_or_left_out(tmp_path):
    def unlabel(labels):
        labels = labels.copy()
        labels[14], labels[15] = -1, 8
        return labels

    spoil(tmp_path, labs_ex=unlabel)
    with pytest.raises(CorpusError, match="row 14 is in fold 0.*Received: -1"):
        tfd.load_data(data_dir=tmp_path)
    corpus = tfd.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == 19
    assert corpus.notes[1] == "left out row 15 of TFD_96x96.mat: label 8"
    assert np.bincount(corpus.labels["expression"]).min() > 0

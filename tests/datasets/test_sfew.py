import numpy as np
import pytest
from corpora import write_image
from corpora import write_sfew

from keras_fer.datasets import CorpusError
from keras_fer.datasets import sfew
from keras_fer.datasets.corpus import SplitNotFoundError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("sfew")
    write_sfew(root)
    write_sfew(root, films=2, split="val")
    return root


def test_official_splits(root):
    train = sfew.load_data(data_dir=root)
    assert len(train) == 7 * 14
    assert train.images.shape[1:] == (143, 143, 3)
    val = sfew.load_data("val", data_dir=root, size=48, channels=1)
    assert len(val) == 7 * 6
    assert val.images.shape[1:] == val.info.image_shape == (48, 48, 1)
    with pytest.raises(SplitNotFoundError, match="test/. Received: train, val"):
        sfew.load_data("test", data_dir=root)


def test_labels_stay_with_their_faces(root):
    """The writer's gray level is 5 times (7 times the film + the label)."""
    corpus = sfew.load_data(data_dir=root, size=48, channels=1)
    order = "angry disgust fear happy sad surprise neutral".split()
    names = {"angry": "anger", "happy": "happiness", "sad": "sadness"}
    for image, label, film in zip(
        corpus.images,
        corpus.labels["expression"],
        corpus.labels["film"],
        strict=True,
    ):
        numbers = 7 * int(film[4:]) + np.arange(7)
        (place,) = np.flatnonzero(5 * numbers % 256 == image[0, 0, 0])
        folder = order[place]
        assert corpus.info.classes[label] == names.get(folder, folder)


def test_no_film_is_in_two_parts_of_a_fold(root):
    tested = []
    for fold in range(5):
        parts = [
            sfew.load_data(split, data_dir=root, fold=fold, size=48)
            for split in ("train", "val", "test")
        ]
        films = [set(part.labels["film"]) for part in parts]
        assert not films[0] & films[1] | films[1] & films[2]
        assert not films[0] & films[2]
        assert sum(len(part) for part in parts) == 98
        tested += parts[2].names
        # The film with five times as many images has a fold alone.
        assert "Film00" not in films[2] or films[2] == {"Film00"}
        assert len(set(parts[2].class_counts().values())) == 1
    assert len(tested) == len(set(tested)) == 98


def test_names_as_they_are_found(tmp_path):
    """A dash, two underscores and titles of several parts occur on disk."""
    write_sfew(tmp_path, films=5)
    folder = tmp_path / "sfew" / "train"
    for name in (
        "OceansThirteen-010619400_00000087.png",
        "IAmSam_013827920__00000055.png",
        "HarryPotter_Half_Blood_Prince_005937334_00000027.png",
        "HarryPotterAndOrderOPhoenix_005937334_00000027.png",
        "OceansEleven_005937334_00000027.png",
        "50_50_001805320_00000009.png",
    ):
        write_image(folder / "angry" / name, np.zeros((181, 143, 3), np.uint8))
    films = set(sfew.load_data(data_dir=tmp_path, size=48).labels["film"])
    assert films > {"Oceans", "IAmSam", "HarryPotter", "50"}


def test_folders_as_distributed(tmp_path):
    source = write_sfew(tmp_path / "mine", films=2) / "train"
    target = tmp_path / "SFEW" / "Train_Aligned_Faces" / "Train_Aligned_Faces"
    for leaf in source.iterdir():
        (target / leaf.name.title()).parent.mkdir(parents=True, exist_ok=True)
        leaf.rename(target / leaf.name.title())
    assert len(sfew.load_data(data_dir=tmp_path, size=48)) == 42


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("angry/notes_1.txt", b"", "notes_1.txt: expected a name as AlexEmma"),
        ("angry/Film_0_1.png", b"", "Film_0_1.png"),
        ("angry/Film_0_1.png", b"no picture", "Film_0_1.png"),
        ("grumpy/Film_0_1.png", b"", "grumpy: unknown label, expected anger"),
        ("contempt/Film_0_1.png", b"", "contempt: unknown label"),
    ],
)
def test_spoiled_files_are_named_or_left_out(tmp_path, name, content, message):
    path = write_sfew(tmp_path, films=5) / "train" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=f"^train/.*{message}"):
        sfew.load_data(data_dir=tmp_path, size=48)
    corpus = sfew.load_data(data_dir=tmp_path, size=48, skip_bad=True)
    assert len(corpus) == 63
    note, _ = sorted(corpus.notes)
    assert note.startswith("left out train/") and message in note


def test_two_folders_of_a_split_or_label_are_refused(tmp_path):
    root = write_sfew(tmp_path, films=5)
    write_image(
        root / "train" / "more" / "angry" / "A_0_1.png", np.zeros((9, 9))
    )
    with pytest.raises(CorpusError, match="more/angry: a second folder of ang"):
        sfew.load_data(data_dir=tmp_path, size=48)
    (root / "Train_Aligned_Faces").mkdir()
    with pytest.raises(CorpusError, match="one folder train/") as error:
        sfew.load_data(data_dir=tmp_path, size=48)
    assert not isinstance(error.value, SplitNotFoundError)
    for size, channels in ((0, 3), (48.5, 3), (48, 4), ("x", 1)):
        with pytest.raises(CorpusError, match="`size` must be a whole number"):
            sfew.load_data(data_dir=tmp_path, size=size, channels=channels)


def test_empty_folders_and_wrong_folds(tmp_path, root):
    (write_sfew(tmp_path) / "train" / "empty").mkdir()
    assert len(sfew.load_data(data_dir=tmp_path, size=48)) == 98
    for path in (tmp_path / "sfew" / "train" / "fear").iterdir():
        path.unlink()
    with pytest.raises(CorpusError, match="fear: the folder is empty"):
        sfew.load_data(data_dir=tmp_path, size=48)
    with pytest.raises(CorpusError, match="no image of fear among"):
        sfew.load_data(data_dir=tmp_path, size=48, skip_bad=True)
    with pytest.raises(CorpusError, match="0 to 4 or None. Received: 5"):
        sfew.load_data(data_dir=root, fold=5)


@pytest.mark.slow
def test_the_copy_at_hand(real_data):
    corpus = sfew.load_data(data_dir=real_data, size=48)
    assert len(corpus) == 859
    assert len(set(corpus.labels["film"])) == 39
    for fold in range(5):
        part = sfew.load_data("test", data_dir=real_data, fold=fold, size=48)
        assert 150 <= len(part) <= 200
        assert min(part.class_counts().values()) >= 7

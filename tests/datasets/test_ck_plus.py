import cv2
import numpy as np
import pytest
from corpora import write_ck48
from corpora import write_ck_plus
from corpora import write_image

from keras_fer.datasets import CorpusError
from keras_fer.datasets import ck_plus


@pytest.fixture(scope="module")
def distribution(tmp_path_factory):
    root = tmp_path_factory.mktemp("distribution")
    write_ck_plus(root)
    return root


@pytest.fixture
def crops(tmp_path):
    write_ck48(tmp_path)
    return tmp_path


def test_first_frame_is_neutral_and_the_last_three_show_it(distribution):
    corpus = ck_plus.load_data(data_dir=distribution)
    frames = [name.split("_")[-1] for name in corpus.names]
    neutral = corpus.labels["expression"] == 0
    assert {f for f, n in zip(frames, neutral, strict=True) if n} == {
        "00000001.png"
    }
    assert {f for f, n in zip(frames, neutral, strict=True) if not n} == {
        f"{number:08d}.png" for number in (3, 4, 5)
    }
    assert len(corpus) == 8 * 4  # subjects times frames
    assert corpus.info.classes[0] == "neutral"


def test_faces_are_cropped_alike(distribution):
    corpus = ck_plus.load_data("test", data_dir=distribution)
    assert corpus.images.shape == (4, 96, 96, 1)
    # The frames differ by a shift of a pixel or two, the faces hardly.
    spread = corpus.images.astype(float).std(axis=0).mean()
    assert spread < 12
    assert corpus.images.std() > 30
    large = ck_plus.load_data("test", data_dir=distribution, size=128)
    assert (
        large.images.shape == (4, 128, 128, 1) == (4, *large.info.image_shape)
    )
    for one, other in zip(large.images, corpus.images, strict=True):
        small = cv2.resize(one, (96, 96)).astype(float)
        assert np.corrcoef(small.ravel(), other.ravel())[0, 1] > 0.98


def test_crops_have_one_size(crops):
    with pytest.raises(
        CorpusError, match="48 pixels a side. Received: size=96"
    ):
        ck_plus.load_data(data_dir=crops, layout="crops", size=96)


def test_action_units_with_intensity(distribution):
    corpus = ck_plus.load_data("val", data_dir=distribution)
    assert corpus.action_units == (9, 17)
    neutral = corpus.labels["expression"] == 0
    present = corpus.labels["action_units"]
    intensity = corpus.labels["action_unit_intensity"]
    assert present[~neutral].all()
    assert not present[neutral].any()
    assert set(intensity[~neutral, 0]) == {5.0}
    assert np.isnan(intensity[~neutral, 1]).all()  # coded, not scored
    assert set(np.ravel(intensity[neutral])) == {0.0}


@pytest.mark.parametrize("fold", [0, 3, 9])
def test_folds_are_those_of_the_published_code(crops, fold):
    subjects = [f"S{number + 10:03d}" for number in range(20)]
    parts = {
        split: set(
            ck_plus.load_data(
                split, data_dir=crops, layout="crops", fold=fold
            ).labels["subject"]
        )
        for split in ("train", "val", "test")
    }
    assert parts["test"] == set(subjects[fold::10])
    assert parts["val"] == set(subjects[(fold + 1) % 10 :: 10])
    assert parts["train"] == set(subjects) - parts["test"] - parts["val"]


def test_crops(crops):
    (crops / "ck48" / "anger" / ".DS_Store").write_text("x")
    (crops / "ck48" / "Sample_1.png").write_text("x")  # in no class folder
    corpus = ck_plus.load_data("test", data_dir=crops, layout="crops")
    assert corpus.images.shape == (14, 48, 48, 1)
    assert corpus.names[0] == "anger/S010_001_00000017.png"
    assert corpus.labels["sequence"][0] == "S010_001"
    assert corpus.class_counts() == dict.fromkeys(corpus.info.classes, 2)


def spoil_image(folder):
    (folder / "fear" / "S011_004_00000018.png").write_text("no image")
    return "fear/S011_004_00000018.png: not a readable image"


def spoil_size(folder):
    path = folder / "fear" / "S011_004_00000018.png"
    write_image(path, np.zeros((48, 47), "uint8"))
    return r"S011_004_00000018.png: .*Received: uint8 of shape \(48, 47\)"


def spoil_color(folder):
    path = folder / "fear" / "S011_004_00000018.png"
    write_image(path, np.zeros((48, 48, 3), "uint8"))
    return r"S011_004_00000018.png: .*Received: uint8 of shape \(48, 48, 3\)"


def spoil_name(folder):
    write_image(folder / "fear" / "face.png", np.zeros((48, 48), "uint8"))
    return "fear/face.png: expected a name such as"


def spoil_label(folder):
    path = folder / "calm" / "S011_004_00000018.png"
    write_image(path, np.zeros((48, 48), "uint8"))
    return "calm: unknown label"


@pytest.mark.parametrize(
    "spoil", [spoil_image, spoil_size, spoil_color, spoil_name, spoil_label]
)
def test_a_spoiled_crop_is_named_or_skipped(crops, spoil):
    message = spoil(crops / "ck48")
    arguments = {"data_dir": crops, "layout": "crops", "fold": 5}
    with pytest.raises(CorpusError, match=message):
        ck_plus.load_data(**arguments)
    corpus = ck_plus.load_data(**arguments, skip_bad=True)
    assert len(corpus) == 16 * 7
    assert len(corpus.notes) == 1


def test_an_empty_folder_is_named(crops):
    (crops / "ck48" / "sad").mkdir()
    with pytest.raises(CorpusError, match="sad: the folder is empty"):
        ck_plus.load_data(data_dir=crops, layout="crops")
    corpus = ck_plus.load_data(data_dir=crops, layout="crops", skip_bad=True)
    assert corpus.notes == ("left out sad: the folder is empty",)


def spoil_emotion(folder):
    (path,) = folder.glob("Emotion/S005/001/*")
    path.write_text("   8.0000000e+00\n")
    return "S005_001_00000004_emotion.txt: expected one label"


def spoil_facs(folder):
    (path,) = folder.glob("FACS/S005/001/*")
    path.write_text("   1.0000000e+00   2.0000000e+00\n   9.0000000e+00\n")
    return "00000004_facs.txt: line 2: expected an action unit.*: 9.0"


def spoil_intensity(folder):
    (path,) = folder.glob("FACS/S005/001/*")
    path.write_text("   inf   7.0000000e+00\n")
    return "00000004_facs.txt: line 1: expected an action unit.*: inf 7.0"


def spoil_missing_facs(folder):
    (path,) = folder.glob("FACS/S005/001/*")
    path.unlink()
    return "S005_001_00000004_facs.txt: .*No such file"


def spoil_frames(folder):
    sorted(folder.glob("cohn-kanade-images/S005/001/*"))[1].unlink()
    return "expected at least 4 frames.*Received: 3"


def spoil_face(folder):
    path = folder / "cohn-kanade-images/S005/001/S005_001_00000004.png"
    write_image(path, np.zeros((490, 640), "uint8"))
    return "S005_001_00000004.png: expected one face. Received: 0"


@pytest.mark.parametrize(
    ("spoil", "left"),
    [
        (spoil_emotion, 4),
        (spoil_facs, 4),
        (spoil_intensity, 4),
        (spoil_missing_facs, 4),
        (spoil_frames, 4),
        (spoil_face, 7),
    ],
)
def test_a_spoiled_sequence_is_named_or_skipped(tmp_path, spoil, left):
    folder = write_ck_plus(tmp_path, subjects=11, frames=4)
    message = spoil(folder)
    with pytest.raises(CorpusError, match=message):
        ck_plus.load_data("test", data_dir=tmp_path)
    corpus = ck_plus.load_data("test", data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == left
    assert corpus.notes[0].startswith("left out ")
    # The folds of the others stay what they were.
    assert "S015" in corpus.labels["subject"]


def test_sequences_without_a_label_are_no_part_of_it(tmp_path):
    folder = write_ck_plus(tmp_path, subjects=3)
    for path in folder.glob("Emotion/S005/001/*"):
        path.unlink()
    corpus = ck_plus.load_data("test", data_dir=tmp_path)
    assert set(corpus.labels["subject"]) == {"S006"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layout": "png"}, "'png'"),
        ({"fold": 10}, "Received: 10"),
        ({"split": "valid"}, "'valid'"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(CorpusError, match=message):
        ck_plus.load_data(**arguments)


def test_a_missing_part_of_the_distribution(tmp_path):
    (tmp_path / "ck_plus" / "Emotion").mkdir(parents=True)
    with pytest.raises(CorpusError, match="no folder cohn-kanade-images/"):
        ck_plus.load_data(data_dir=tmp_path)


@pytest.mark.slow
def test_the_real_crops(real_data):
    sizes = [
        len(
            ck_plus.load_data(
                "test", data_dir=real_data, layout="crops", fold=fold
            )
        )
        for fold in range(10)
    ]
    assert sum(sizes) == ck_plus.CROPS_INFO.counts["all"] == 981

import numpy as np
import pytest
from corpora import CLASSES
from corpora import faces
from corpora import fer2013_row
from corpora import write_fer2013_csv
from corpora import write_image
from corpora import write_rows

from keras_fer.datasets import CorpusError
from keras_fer.datasets import fer2013

HEADER = "emotion,pixels,Usage"  # first line of the published file


def published(root, size=14, spoil=None):
    """Rows of all classes; `spoil` replaces the text of the fourth."""
    rows = [HEADER]
    for number, pixels in enumerate(faces(size)):
        rows.append(fer2013_row(number % 7, pixels, "Training"))
    if spoil is not None:
        rows[4] = spoil
    return write_rows(root, rows)


@pytest.mark.parametrize("compress", [False, True])
def test_reads_the_published_file(tmp_path, compress):
    write_fer2013_csv(tmp_path, 21, 14, 7, compress)
    sizes = {}
    for split in ("train", "val", "test"):
        corpus = fer2013.load_data(split, data_dir=tmp_path)
        sizes[split] = len(corpus)
        assert corpus.images.shape[1:] == (48, 48, 1)
        assert corpus.labels["expression"].tolist()[:7] == [*range(7)]
    assert sizes == {"train": 21, "val": 14, "test": 7}


def test_faces_may_be_enlarged(tmp_path):
    write_fer2013_csv(tmp_path, 21, 14)
    small, large = (
        fer2013.load_data("val", data_dir=tmp_path, size=size).images
        for size in (48, 96)
    )
    assert large.shape == (14, 96, 96, 1) and large.dtype == np.uint8
    means = large.reshape(14, 48, 2, 48, 2).mean(axis=(2, 4))
    assert np.corrcoef(means.ravel(), small.ravel())[0, 1] > 0.9


def test_pixels_labels_and_names_of_a_row(tmp_path):
    pixels = np.arange(2304) % 256
    rows = [HEADER, fer2013_row(3, pixels, "PublicTest")]
    write_rows(tmp_path, rows)
    corpus = fer2013.load_data("val", data_dir=tmp_path)
    np.testing.assert_array_equal(np.ravel(corpus.images), pixels)
    assert corpus.images[0, 1, 0, 0] == 48  # row by row
    assert corpus.info.classes[corpus.labels["expression"][0]] == "happiness"
    assert corpus.names == ["fer2013.csv, row 2"]


def test_leaks_and_blank_images_are_left_out_and_counted(tmp_path):
    train, later = faces(21), faces(7, seed=5)
    train[8] = later[2]
    train[9] = 0
    rows = [HEADER]
    for number, pixels in enumerate(train):
        rows.append(fer2013_row(number % 7, pixels, "Training"))
    for number, pixels in enumerate(later):
        rows.append(fer2013_row(number % 7, pixels, "PublicTest"))
    write_rows(tmp_path, rows)
    corpus = fer2013.load_data("train", data_dir=tmp_path)
    assert len(corpus) == 19
    assert "fer2013.csv, row 10" not in corpus.names
    assert corpus.notes[0] == ("train: 21 images here, 28709 were published")
    assert [note.split(":")[0] for note in corpus.notes] == [
        "train",
        "1 training images left out",
        "1 training images left out",
    ]
    everything = fer2013.load_data("train", data_dir=tmp_path, drop_leaks=False)
    assert len(everything) == 21
    assert len(everything.notes) == 1
    assert len(fer2013.load_data("val", data_dir=tmp_path)) == 7


SPOILED = {
    "one_column_missing": ("3,1 2 3", "expected 3 columns.*Received: 2"),
    "cut_short": ("3,70 80 82", "expected 3 columns"),
    "too_few_pixels": (
        fer2013_row(3, range(2303), "Training").replace("2302", "1"),
        "Received: 2303",
    ),
    "too_bright": (
        fer2013_row(3, [256] * 2304, "Training"),
        "Received: 256 to 256",
    ),
    "not_a_number": (
        fer2013_row(3, ["nan"] * 2304, "Training"),
        "whole numbers",
    ),
    "fractions": (
        fer2013_row(3, ["1.5"] * 2304, "Training"),
        "whole numbers",
    ),
    "unknown_label": (
        fer2013_row(7, [0] * 2304, "Training"),
        "expected 0 to 6. Received: '7'",
    ),
    "unknown_usage": (
        fer2013_row(3, [0] * 2304, "Train"),
        "Received: 'Train'",
    ),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_spoiled_row_is_named(tmp_path, spoil):
    row, message = SPOILED[spoil]
    published(tmp_path, spoil=row)
    with pytest.raises(CorpusError, match=f"fer2013.csv, row 5: .*{message}"):
        fer2013.load_data(data_dir=tmp_path)


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_spoiled_row_can_be_skipped_and_is_listed(tmp_path, spoil):
    published(tmp_path, spoil=SPOILED[spoil][0])
    corpus = fer2013.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == 13
    assert corpus.notes[0].startswith("left out fer2013.csv, row 5")


def test_a_compressed_file_cut_short(tmp_path):
    path = write_fer2013_csv(tmp_path, compress=True)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(CorpusError, match="csv.gz: unreadable after row"):
        fer2013.load_data(data_dir=tmp_path)
    corpus = fer2013.load_data(data_dir=tmp_path, skip_bad=True)
    assert 14 < len(corpus) <= 28
    assert "csv.gz: unreadable after row" in corpus.notes[0]


def test_empty_lines_are_no_rows(tmp_path):
    path = write_fer2013_csv(tmp_path, train=14)
    path.write_text(path.read_text() + "\n\n")
    assert len(fer2013.load_data(data_dir=tmp_path)) == 14


def test_another_header(tmp_path):
    write_rows(tmp_path, ["label,image", "0,1"])
    with pytest.raises(CorpusError, match="row 1: expected the header"):
        fer2013.load_data(data_dir=tmp_path)


def test_a_class_missing_in_training(tmp_path):
    rows = [HEADER]
    rows += [fer2013_row(n % 6, p, "Training") for n, p in enumerate(faces(12))]
    write_rows(tmp_path, rows)
    with pytest.raises(CorpusError, match="split train: no image of neutral"):
        fer2013.load_data(data_dir=tmp_path)


def test_a_split_that_is_not_on_disk(tmp_path):
    write_fer2013_csv(tmp_path)
    with pytest.raises(CorpusError, match="no split 'test'.*train, val"):
        fer2013.load_data("test", data_dir=tmp_path)
    with pytest.raises(CorpusError, match="'validation'"):
        fer2013.load_data("validation", data_dir=tmp_path)


def test_a_rewritten_file_is_read_again(tmp_path):
    write_fer2013_csv(tmp_path, train=14)
    assert len(fer2013.load_data(data_dir=tmp_path)) == 14
    write_fer2013_csv(tmp_path, train=21)
    assert len(fer2013.load_data(data_dir=tmp_path)) == 21


def write_named_by_usage(root):
    """As Kaggle's image copy: `test/` holds PublicTest and PrivateTest."""
    for number, pixels in enumerate(faces(28)):
        usage, folder = (
            ("Training", "train"),
            ("Training", "train"),
            ("PublicTest", "test"),
            ("PrivateTest", "test"),
        )[number // 7]
        name = f"{usage}_{10118481 + number}.png"
        path = root / "fer2013" / folder / CLASSES[number % 7] / name
        write_image(path, pixels)


def test_folders_with_the_usage_in_the_file_names(tmp_path):
    write_named_by_usage(tmp_path)
    sizes = [
        len(fer2013.load_data(split, data_dir=tmp_path))
        for split in ("train", "val", "test")
    ]
    assert sizes == [14, 7, 7]
    corpus = fer2013.load_data("val", data_dir=tmp_path)
    pixels = dict(zip(corpus.names, corpus.images, strict=True))
    np.testing.assert_array_equal(
        pixels["test/fear/PublicTest_10118497.png"][..., 0], faces(28)[16]
    )
    by_name = dict(zip(corpus.names, corpus.labels["expression"], strict=True))
    assert by_name["test/fear/PublicTest_10118497.png"] == 2


def test_folders_by_split_and_class(tmp_path):
    for number, pixels in enumerate(faces(21)):
        folder = ("train", "validation", "test")[number // 7]
        path = tmp_path / "fer2013" / "images" / folder
        write_image(path / CLASSES[number % 7] / f"{number}.png", pixels)
    for split in ("train", "val", "test"):
        assert len(fer2013.load_data(split, data_dir=tmp_path)) == 7


def test_stray_files_are_ignored(tmp_path):
    write_named_by_usage(tmp_path)
    (tmp_path / "fer2013" / "train" / ".DS_Store").write_text("x")
    assert len(fer2013.load_data(data_dir=tmp_path)) == 14


def spoil_unreadable(folder):
    (folder / "train" / "angry" / "Training_1.jpg").write_text("no image")
    return "train/angry/Training_1.jpg: not a readable image"


def spoil_color(folder):
    path = folder / "train" / "angry" / "Training_1.png"
    write_image(path, np.zeros((48, 48, 3), "uint8"))
    return r"Training_1.png: .*Received: uint8 of shape \(48, 48, 3\)"


def spoil_size(folder):
    path = folder / "train" / "angry" / "Training_1.png"
    write_image(path, np.zeros((50, 48), "uint8"))
    return r"Training_1.png: .*Received: uint8 of shape \(50, 48\)"


def spoil_label(folder):
    write_image(folder / "train" / "bored" / "Training_1.png", faces(1)[0])
    return "train/bored/Training_1.png: unknown label"


def spoil_split(folder):
    write_image(folder / "angry" / "1.png", faces(1)[0])
    return "angry/1.png: unknown split"


@pytest.mark.parametrize(
    "spoil",
    [spoil_unreadable, spoil_color, spoil_size, spoil_label, spoil_split],
)
def test_a_spoiled_file_is_named_or_skipped(tmp_path, spoil):
    write_named_by_usage(tmp_path)
    message = spoil(tmp_path / "fer2013")
    with pytest.raises(CorpusError, match=message):
        fer2013.load_data(data_dir=tmp_path)
    corpus = fer2013.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(corpus) == 14
    assert len([n for n in corpus.notes if n.startswith("left out")]) == 1


def test_an_empty_folder_is_named(tmp_path):
    write_named_by_usage(tmp_path)
    (tmp_path / "fer2013" / "train" / "calm").mkdir()
    with pytest.raises(CorpusError, match="train/calm: the folder is empty"):
        fer2013.load_data(data_dir=tmp_path)
    corpus = fer2013.load_data(data_dir=tmp_path, skip_bad=True)
    assert "left out train/calm: the folder is empty" in corpus.notes


def test_a_folder_without_any_data(tmp_path):
    (tmp_path / "fer2013").mkdir()
    with pytest.raises(CorpusError, match="neither fer2013.csv.*Kaggle"):
        fer2013.load_data(data_dir=tmp_path)


@pytest.mark.slow
def test_the_real_corpus(real_data):
    everything = fer2013.load_data(data_dir=real_data, drop_leaks=False)
    assert len(everything) == fer2013.INFO.counts["train"] == 28709
    # Class counts of the published Training split. Copies that went through
    # image folders carry a few other labels.
    published = [3995, 436, 4097, 7215, 4830, 3171, 4965]
    counts = list(everything.class_counts().values())
    np.testing.assert_allclose(counts, published, atol=2)
    val = fer2013.load_data("val", data_dir=real_data)
    assert len(val) == fer2013.INFO.counts["val"] == 3589
    train = fer2013.load_data(data_dir=real_data)
    assert len(train) == 28359
    later = {image.tobytes() for image in val.images}
    assert not any(image.tobytes() in later for image in train.images)

import dataclasses

import keras
import numpy as np
import pytest
from corpora import faces as noise
from corpora import write_affectnet_2017
from corpora import write_affectnet_2021
from corpora import write_jaffe
from corpora import write_raf_db
from corpora import write_sfew
from PIL import Image

from keras_fer import datasets
from keras_fer import faces
from keras_fer.augmentation import ZeroBiasAugmentation
from keras_fer.datasets import ImageFiles
from keras_fer.datasets import reading
from keras_fer.datasets.image_files import tensorflow_reads


def smooth(seed, size=(70, 90)):
    """A colored picture without hard edges."""
    draws = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), "uint8")
    return np.asarray(Image.fromarray(draws).resize(size[::-1]))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(6):
        picture = Image.fromarray(smooth(number))
        picture.save(folder / f"{number}.jpg", quality=90)
        picture.save(folder / f"{number}.png")
        picture.convert("L").save(folder / f"gray{number}.jpg")
        picture.quantize(64).save(folder / f"palette{number}.png")
    return sorted(folder.iterdir())


CROPS = {
    "middle": (0, 10, 70, 70),
    "small, enlarged": (20, 20, 24, 24),
    "beyond the border": (-15, 40, 80, 80),
    "one side longer": (0, 0, 40, 90),
}


@pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
@pytest.mark.parametrize("channels", [1, 3])
def test_tensorflow_reads_what_pillow_reads(pictures, crop, channels):
    shape = (48, 48, channels)
    files = ImageFiles(pictures, [crop] * len(pictures), shape)
    decode = files.decoder()
    for row, path in enumerate(pictures):
        image = faces.cut(faces.read_image(path), crop)
        image = faces.to_channels(image, channels)
        expected = faces.resize_face(image, (48, 48))
        np.testing.assert_array_equal(files[row], expected)
        decoded = decode(row).numpy()
        assert decoded.dtype == np.uint8
        np.testing.assert_allclose(decoded.astype(int), expected, atol=2)


def test_it_is_used_like_an_array(pictures):
    files = ImageFiles(pictures, [(0, 10, 70, 70)] * 24, (32, 32, 1))
    assert (len(files), files.ndim, files.dtype) == (24, 4, "uint8")
    assert files.shape == (24, 32, 32, 1)
    array = np.asarray(files)
    assert array.shape == files.shape and array.dtype == np.uint8
    np.testing.assert_array_equal(array[5:9], files[5:9])
    np.testing.assert_array_equal(array[[3, -1]], files[np.array([3, -1])])
    np.testing.assert_array_equal(array[-2], files[-2])
    chosen = files.select(np.arange(24) % 2 == 1)
    assert isinstance(chosen, ImageFiles) and len(chosen) == 12
    np.testing.assert_array_equal(np.stack(list(chosen)), array[1::2])
    with pytest.raises(IndexError):
        files[24]


def test_the_fingerprint_follows_files_crops_and_shape(pictures, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(pictures[0].read_bytes())

    def fingerprint(crop=(0, 0, 9, 9), shape=(8, 8, 1)):
        return ImageFiles([path], [crop], shape).fingerprint()

    first = fingerprint()
    assert first == fingerprint()
    assert len({first, fingerprint((0, 0, 9, 8)), fingerprint(shape=(8,))}) == 3
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    assert fingerprint() != first


WRITERS = {
    "affectnet": (write_affectnet_2017, {"size": 32}),
    "affectnet, 2021": (write_affectnet_2021, {"size": 32}),
    "jaffe": (write_jaffe, {"size": 32}),
    "raf_db": (write_raf_db, {"size": 32}),
    "sfew": (write_sfew, {"size": 32, "channels": 1}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_corpus_too_large_for_the_memory_is_the_same(
    name, tmp_path, monkeypatch
):
    write, options = WRITERS[name]
    write(tmp_path)
    load_data = getattr(datasets, name.split(",")[0]).load_data
    held = load_data(data_dir=tmp_path, **options)
    monkeypatch.setattr(reading, "IN_MEMORY", 10_000)
    if name == "jaffe":
        with pytest.raises(datasets.CorpusError, match="too many.*tiff: conv"):
            load_data(data_dir=tmp_path, **options)
        return
    streamed = load_data(data_dir=tmp_path, **options)
    assert isinstance(streamed.images, ImageFiles)
    assert streamed.images.shape == held.images.shape
    assert list(streamed.names) == list(held.names)
    assert streamed.notes == held.notes
    np.testing.assert_array_equal(streamed.images, held.images)
    some = dataclasses.replace(streamed, split="val").select([3, 1])
    assert isinstance(some.images, ImageFiles)
    np.testing.assert_array_equal(some.images, held.images[[3, 1]])
    batches = zip(
        streamed.to_dataset(5, shuffle=True, epochs=range(2)),
        held.to_dataset(5, shuffle=True, epochs=range(2)),
        strict=True,
    )
    for (x, y), (expected_x, expected_y) in batches:
        assert x.dtype == "float32" and x.shape == expected_x.shape
        np.testing.assert_allclose(x, expected_x, atol=2)
        np.testing.assert_array_equal(y, expected_y)


def test_training_from_files_gives_the_same_weights_again(
    tmp_path, monkeypatch
):
    """Order and augmentation depend on the seed, not on the threads."""
    write_raf_db(tmp_path, train=5)
    monkeypatch.setattr(reading, "IN_MEMORY", 1000)
    corpus = datasets.raf_db.load_data(data_dir=tmp_path, size=32, channels=1)
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [keras.layers.Flatten(), keras.layers.Dense(7)]
        )
        model.compile(
            "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        dataset = corpus.to_dataset(
            7, shuffle=True, augment=ZeroBiasAugmentation(), epochs=range(3)
        )
        model.fit(
            dataset, epochs=3, steps_per_epoch=5, shuffle=False, verbose=0
        )
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def save(path, kind):
    """Pictures that TensorFlow would read as something else, or not at all."""
    picture = Image.fromarray(smooth(0))
    if kind == "turned":
        exif = picture.getexif()
        exif[0x0112] = 6
        picture.save(path, "jpeg", exif=exif)
    elif kind == "transparent":
        picture.putalpha(100)
        picture.save(path, "png")
    elif kind == "16 bits":
        Image.fromarray(noise(1)[0].astype("uint16") * 257).save(path, "png")
    elif kind == "CMYK":
        picture.convert("CMYK").save(path, "jpeg")
    elif kind == "animated":
        picture.save(
            path, "png", save_all=True, append_images=[picture.rotate(90)]
        )
    elif kind == "too small":
        picture.resize((5, 60)).save(path, "png")
    elif kind in ("bmp", "tiff", "gif", "webp"):
        picture.save(path, kind)
    elif kind.startswith("cut"):
        picture.save(path, kind.split()[1])
        path.write_bytes(path.read_bytes()[:-40])
    elif kind == "damaged png":
        picture.save(path, "png")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
    elif kind == "damaged jpeg":
        picture.save(path, "jpeg")
        content = bytearray(path.read_bytes())
        tables = content.index(b"\xff\xc4")  # of the Huffman code
        content[tables + 5 : tables + 21] = b"\xff" * 16
        path.write_bytes(content)
    elif kind == "empty":
        path.write_bytes(b"")


OTHERWISE = (
    "turned",
    "transparent",
    "16 bits",
    "CMYK",
    "animated",
    "bmp",
    "tiff",
    "gif",
    "webp",
)


@pytest.mark.parametrize("kind", OTHERWISE)
@pytest.mark.filterwarnings("ignore:.*animated")
def test_what_tensorflow_reads_otherwise_is_held(tmp_path, kind, monkeypatch):
    folder = write_raf_db(tmp_path, train=5)
    path = folder / "Image" / "aligned" / "train_00003_aligned.jpg"
    save(path, kind)
    options = {"data_dir": tmp_path, "size": 32}
    held = datasets.raf_db.load_data(**options)
    monkeypatch.setattr(reading, "IN_MEMORY", 10_000)
    assert tensorflow_reads(path) is None
    streamed = datasets.raf_db.load_data(**options)
    assert list(streamed.images.held) == [2]
    np.testing.assert_array_equal(streamed.images, held.images)
    some = dataclasses.replace(streamed, split="val").select([4, 2])
    for corpus, row in ((streamed, 2), (some, 1)):
        images = np.concatenate([x for x, _ in corpus.to_dataset(8)])
        assert len(images) == len(corpus)
        np.testing.assert_array_equal(images[row], held.images[2])


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("too small", "5×60 pixels"),
        ("cut jpeg", "truncated"),
        ("cut png", "truncated"),
        ("damaged jpeg", "broken data"),
        ("damaged png", "broken data"),
        ("empty", "not a picture"),
        ("missing", "No such file"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, kind, message, monkeypatch):
    folder = write_raf_db(tmp_path, train=5)
    monkeypatch.setattr(reading, "IN_MEMORY", 100_000)
    path = folder / "Image" / "aligned" / "train_00003_aligned.jpg"
    path.unlink()
    save(path, kind)
    assert tensorflow_reads(path) is None
    where = f"^basic/Image/aligned/train_00003_aligned.jpg: .*({message})"
    with pytest.raises(datasets.CorpusError, match=where):
        datasets.raf_db.load_data(data_dir=tmp_path)
    rest = datasets.raf_db.load_data(data_dir=tmp_path, skip_bad=True)
    assert len(rest) == len(rest.images) == 34
    assert any("train_00003" in note for note in rest.notes)


def test_a_file_may_go_on_after_its_end(tmp_path, pictures):
    """Cameras append a film to their JPEG."""
    path = tmp_path / "film.jpg"
    path.write_bytes(pictures[0].read_bytes() + bytes(5000))
    assert tensorflow_reads(path) == (70, 90)
    files = ImageFiles([path], [(0, 0, 70, 90)], (70, 90, 3))
    np.testing.assert_allclose(
        files.decoder()(0).numpy().astype(int), files[0], atol=2
    )

import concurrent.futures

import cv2
import numpy as np
import pytest
from networks import corpus
from networks import embedding_network
from PIL import Image

from keras_fer import export
from keras_fer import faces
from keras_fer import inference
from keras_fer.inference import media

PORTRAIT = faces.read_image(inference.sample_picture())


@pytest.fixture(scope="module")
def recognizer():
    return inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")


def group():
    """Three portraits of different sizes on one picture."""
    scene = np.full((900, 1400, 3), 128, np.uint8)
    for scale, left, top in ((1.0, 20, 250), (0.5, 600, 50), (0.3, 1000, 500)):
        part = cv2.resize(
            PORTRAIT, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
        height, width = part.shape[:2]
        scene[top : top + height, left : left + width] = part
    return scene


def test_one_face_with_names(recognizer):
    (face,) = recognizer.recognize(PORTRAIT)
    left, top, width, height = face.box
    # The eyes of the portrait lie at about (225, 187) and (315, 185).
    assert left < 225 < 315 < left + width and top < 187 < top + height / 2
    assert face.score >= 5
    assert tuple(face.probabilities) == recognizer.classes
    assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert face.probabilities[face.expression] == max(
        face.probabilities.values()
    )


def test_the_answer_is_that_of_the_crop(recognizer):
    (face,) = recognizer.recognize(PORTRAIT)
    gray = cv2.cvtColor(PORTRAIT, cv2.COLOR_RGB2GRAY)
    crop = faces.crop_face(gray, face.box, (48, 48), margin=recognizer.margin)
    expected = recognizer.predict([crop])[0]
    np.testing.assert_allclose(
        list(face.probabilities.values()), expected, atol=1e-6
    )


def test_several_faces_the_largest_first(recognizer):
    found = recognizer.recognize(group())
    assert len(found) == 3
    widths = [face.box[2] for face in found]
    assert widths == sorted(widths, reverse=True)
    np.testing.assert_allclose(np.divide(widths, widths[0]), [1, 0.5, 0.3], 0.2)


def test_no_face_is_an_empty_answer(recognizer):
    blank = np.full((300, 400), 90, np.uint8)
    assert recognizer.recognize(blank) == []
    assert recognizer.recognize_batch([blank, PORTRAIT, blank])[::2] == [[], []]
    assert recognizer.recognize_batch([]) == []


def test_tiny_faces(recognizer):
    """At 28 pixels it is found, below the cascade's 24 nothing is."""
    for scale, found in ((0.14, 1), (0.05, 0)):
        part = cv2.resize(
            PORTRAIT, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
        scene = np.full((200, 200, 3), 128, np.uint8)
        scene[40 : 40 + part.shape[0], 60 : 60 + part.shape[1]] = part
        assert len(recognizer.recognize(scene)) == found


def test_a_turned_photograph(recognizer, tmp_path):
    """As phones store it: pixels on their side, a tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "phone.jpg"
    Image.fromarray(np.rot90(PORTRAIT)).save(path, exif=exif, quality=95)
    (face,) = recognizer.recognize(path)
    (expected,) = recognizer.recognize(PORTRAIT)
    np.testing.assert_allclose(face.box, expected.box, atol=12)
    assert recognizer.recognize(np.ascontiguousarray(np.rot90(PORTRAIT))) == []


def test_gray_and_color_give_the_same(recognizer):
    gray = cv2.cvtColor(PORTRAIT, cv2.COLOR_RGB2GRAY)
    expected = recognizer.recognize(PORTRAIT)
    assert recognizer.recognize(gray) == expected
    assert recognizer.recognize(gray[..., None]) == expected
    # Whoever hands on what cv2.imread gives gets another answer.
    assert recognizer.recognize(PORTRAIT[..., ::-1]) != expected


def test_many_pictures_answer_as_one_by_one(recognizer):
    images = [group(), PORTRAIT, np.zeros((64, 64), "uint8"), PORTRAIT]
    together = recognizer.recognize_batch(images)
    assert [len(found) for found in together] == [3, 1, 0, 1]
    for image, found in zip(images, together, strict=True):
        alone = recognizer.recognize(image)
        assert [f.box for f in alone] == [f.box for f in found]
        for one, other in zip(alone, found, strict=True):
            np.testing.assert_allclose(
                list(one.probabilities.values()),
                list(other.probabilities.values()),
                atol=1e-6,
            )


def test_crops_of_any_size_and_color(recognizer):
    (face,) = recognizer.recognize(PORTRAIT)
    left, top, width, height = face.box
    crop = PORTRAIT[top : top + height, left : left + width]
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    ready = faces.resize_face(gray, (48, 48))
    rows = recognizer.predict([crop, gray, gray[..., None], ready])
    assert rows.shape == (4, 7) and rows.dtype == np.float32
    np.testing.assert_allclose(rows, rows[[3]].repeat(4, axis=0), atol=1e-6)
    batch = recognizer.predict(np.stack([ready] * 3))
    np.testing.assert_allclose(batch, rows[:3], atol=1e-6)
    np.testing.assert_allclose(
        recognizer.predict(np.stack([ready] * 3)[..., None], batch_size=2),
        batch,
        atol=1e-6,
    )
    assert recognizer.predict([]).shape == (0, 7)


def test_a_picture_that_is_a_crop(recognizer):
    """Without detection even a picture in which none is found is answered."""
    crop = PORTRAIT[105:327, 155:377]
    (face,) = recognizer.recognize(crop, detect=False)
    assert face.box is None and face.score is None
    np.testing.assert_allclose(
        list(face.probabilities.values()),
        recognizer.predict([crop])[0],
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (PORTRAIT, r"a single crop is `crop\[None\]`"),
        (PORTRAIT[..., 0], "`crops` must be a batch"),
        ([PORTRAIT / 255], r"`crops\[0\]` must be uint8"),
        ([PORTRAIT[:, :, :2]], r"`crops\[0\]` must be uint8"),
        ([PORTRAIT, PORTRAIT[:4, :4]], r"`crops\[1\]` must have sides"),
        (np.zeros((2, 48, 48, 4), "uint8"), r"RGB. Received: uint8"),
    ],
)
def test_what_is_not_a_batch_of_crops_is_refused(recognizer, wrong, message):
    with pytest.raises(ValueError, match=message):
        recognizer.predict(wrong)


@pytest.mark.parametrize(
    "wrong", [PORTRAIT / 255, PORTRAIT[None], np.zeros((9, 9, 4), "uint8")]
)
def test_what_is_not_a_picture_is_refused(recognizer, wrong):
    with pytest.raises(ValueError, match="`image` must be uint8 of shape"):
        recognizer.recognize(wrong)


def test_files_go_on_over_broken_ones(recognizer, tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "abcd"]
    Image.fromarray(PORTRAIT).save(paths[0])
    paths[1].write_text("no picture")
    Image.fromarray(group()).save(paths[2])
    answers = list(recognizer.recognize_files(paths))
    assert [answer.source for answer in answers] == [str(p) for p in paths]
    assert [len(answer.faces) for answer in answers] == [1, 0, 3, 0]
    assert [answer.error is None for answer in answers] == [True, False] * 2
    assert "not a picture" in answers[1].error


def test_files_are_read_as_they_are_needed(recognizer):
    """A folder need not fit into memory: nothing is read ahead of a batch."""
    read = []

    def paths():
        for number in range(10_000):
            read.append(number)
            yield inference.sample_picture()

    answers = recognizer.recognize_files(paths(), detect=False)
    assert next(answers).faces
    assert len(read) == 64


def test_answers_as_plain_values(recognizer):
    (answer,) = recognizer.recognize_files([inference.sample_picture()])
    values = answer.to_json()
    assert set(values) == {"source", "faces"}
    (face,) = values["faces"]
    assert face["box"] == list(answer.faces[0].box)
    assert set(face["probabilities"]) == set(recognizer.classes)
    assert inference.Answer(source="a", error="b").to_json() == {
        "source": "a",
        "error": "b",
    }


def test_a_network_in_color(tmp_path):
    """Channels go in as red, green, blue; gray is repeated."""
    from networks import corpus
    from networks import template_network

    from keras_fer import export

    path = tmp_path / "color.tflite"
    shape = (32, 40, 3)
    export.export_litert(template_network(shape), path, corpus(14, shape))
    recognizer = inference.Recognizer.from_pretrained(path)
    images = corpus(7, shape).images
    assert recognizer.predict(images).argmax(axis=1).tolist() == list(range(7))
    gray = images.mean(axis=3).astype("uint8")
    assert recognizer.predict(gray).argmax(axis=1).tolist() == list(range(7))
    (face,) = recognizer.recognize(PORTRAIT)
    assert len(face.probabilities) == 7


def test_pictures_are_searched_in_several_threads(recognizer):
    """OpenCV's cascade keeps the picture that it searches."""
    images = [np.roll(PORTRAIT, 10 * n, axis=1) for n in range(24)]
    expected = [recognizer.detect(image)[0].tolist() for image in images]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(recognizer.detect, images))
    assert [boxes.tolist() for boxes, *_ in found] == expected


def test_media_of_all_kinds_in_their_order(recognizer, tmp_path):
    from corpora import write_video

    video = write_video(tmp_path / "short.avi", frames=3)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    picture = inference.sample_picture()
    found = media.find_media([picture, video, broken, picture.parent])
    answers = list(recognizer.recognize_media(found[:3], every=2))
    assert [answer.frame for answer in answers] == [None, 0, 2, None]
    assert "cannot be opened as video" in answers[3].error


@pytest.fixture(scope="module")
def embedding(tmp_path_factory):
    """A network with two heads, and its exported recognizer."""
    network = embedding_network()
    path = tmp_path_factory.mktemp("networks") / "model.tflite"
    export.export_litert(network, path, corpus(14))
    return network, inference.Recognizer.from_pretrained(path)


def test_embeddings_are_those_of_the_network(embedding):
    network, recognizer = embedding
    crops = corpus(14).images
    expected = network.predict(crops, verbose=0)["embedding"]
    found = recognizer.embed(crops)
    assert found.dtype == np.float32 and recognizer.check_embeds() == 3
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    # Resized as `predict` resizes, and none are none.
    large = cv2.resize(crops[0], (96, 96), interpolation=cv2.INTER_NEAREST)
    assert recognizer.embed([large]).shape == (1, 3)
    assert recognizer.embed(crops[:0]).shape == (0, 3)
    faces_ = recognizer.recognize_batch(list(crops[..., 0]), detect=False)
    for (face,), vector in zip(faces_, found, strict=True):
        np.testing.assert_array_equal(np.float32(face.embedding), vector)
        values = face.to_json(embedding=True)["embedding"]
        assert np.float32(values).tolist() == vector.tolist()
        assert "embedding" not in face.to_json()


def test_without_the_head_there_are_no_embeddings(recognizer):
    with pytest.raises(inference.ModelError, match="no head 'embedding', only"):
        recognizer.embed(np.zeros((2, 48, 48), "uint8"))
    (face,) = recognizer.recognize(PORTRAIT)
    assert face.embedding is None

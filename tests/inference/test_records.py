import csv
import io
import json

import numpy as np
import pytest

from keras_fer import faces
from keras_fer import inference
from keras_fer.inference import records

CLASSES = ("anger", "fear")
SETTINGS = {"network": "mine"}


def answer(source, faces=1, **options):
    return inference.Answer(
        source=source,
        faces=[
            inference.Face(
                box=(1, 2, 3, 4),
                score=7,
                probabilities={"anger": 0.25, "fear": 0.75},
            )
        ]
        * faces,
        **options,
    )


def record_file(path, format="json", resume=False, settings=SETTINGS):
    return inference.RecordFile(path, format, CLASSES, settings, resume)


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


ANSWERS = [
    answer("a.jpg"),
    answer("b, with a comma.jpg", faces=0),
    answer("c.jpg", faces=2),
    inference.Answer(source="d.jpg", error="d.jpg: not a picture"),
    answer("e.mp4", frame=0, seconds=0.0),
    answer("e.mp4", frame=5, seconds=0.2),
]


def test_json_lines(tmp_path):
    path = tmp_path / "deep" / "faces.json"
    with record_file(path) as file:
        for item in ANSWERS:
            file.write(item)
            assert not path.exists()
    lines = path.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        item.to_json() for item in ANSWERS
    ]
    assert list(path.parent.iterdir()) == [path]


def test_csv_has_a_row_a_face_and_one_where_there_is_none(tmp_path):
    path = tmp_path / "faces.csv"
    with record_file(path, "csv") as file:
        for item in ANSWERS:
            file.write(item)
    rows = read_csv(path.read_text())
    assert [row["source"] for row in rows] == [
        "a.jpg",
        "b, with a comma.jpg",
        "c.jpg",
        "c.jpg",
        "d.jpg",
        "e.mp4",
        "e.mp4",
    ]
    assert rows[0] == {
        "source": "a.jpg",
        "frame": "",
        "seconds": "",
        "face": "0",
        "left": "1",
        "top": "2",
        "width": "3",
        "height": "4",
        "score": "7",
        "expression": "fear",
        "anger": "0.25",
        "fear": "0.75",
        "error": "",
    }
    assert rows[1]["face"] == rows[1]["expression"] == ""
    assert rows[3]["face"] == "1"
    assert rows[4]["error"] == "d.jpg: not a picture"
    assert (rows[6]["frame"], rows[6]["seconds"]) == ("5", "0.2")
    assert list(tmp_path.iterdir()) == [path]


def interrupted(path, count, **options):
    with pytest.raises(KeyboardInterrupt):
        with record_file(path, **options) as file:
            for item in ANSWERS[:count]:
                file.write(item)
            raise KeyboardInterrupt


@pytest.mark.parametrize("format", ["json", "csv"])
@pytest.mark.parametrize("count", range(len(ANSWERS) + 1))
def test_going_on_makes_the_file_of_an_unbroken_run(tmp_path, format, count):
    whole, path = tmp_path / "whole", tmp_path / "faces"
    with record_file(whole, format) as file:
        for item in ANSWERS:
            file.write(item)
    interrupted(path, count, format=format)
    assert not path.exists()
    with record_file(path, format, resume=True) as file:
        # A video may have been stopped midway: it is done again.
        done = [item for item in ANSWERS if file.has(item.source)]
        assert done == ANSWERS[: min(count, 4)]
        for item in ANSWERS[len(done) :]:
            file.write(item)
    assert path.read_bytes() == whole.read_bytes()


def test_a_line_that_was_cut_off_goes(tmp_path):
    path = tmp_path / "faces.json"
    interrupted(path, 3)
    (part,) = tmp_path.iterdir()
    with open(part, "ab") as file:
        file.write(b'{"source": "d.jp')
    with record_file(path, resume=True) as file:
        assert file.has("c.jpg") and not file.has("d.jpg")
        file.write(ANSWERS[3])
    sources = [json.loads(x)["source"] for x in path.read_text().splitlines()]
    assert sources == [item.source for item in ANSWERS[:4]]


@pytest.mark.parametrize("damage", ["damaged\n", "12\n", "{}\n"])
def test_a_damaged_line_and_what_follows_goes(tmp_path, damage):
    path = tmp_path / "faces.json"
    interrupted(path, 4)
    (part,) = tmp_path.iterdir()
    lines = part.read_text().splitlines(keepends=True)
    part.write_text("".join([*lines[:2], damage, *lines[3:]]))
    with record_file(path, resume=True) as file:
        assert file.has("a.jpg") and not file.has("c.jpg")
        for item in ANSWERS[2:4]:
            file.write(item)
    assert path.read_text() == "".join(lines)


def test_what_was_begun_is_not_lost_for_want_of_resume(tmp_path):
    path = tmp_path / "faces.json"
    interrupted(path, 3)
    (part,) = tmp_path.iterdir()
    before = part.read_bytes()
    with pytest.raises(faces.InputError, match="Go on with --resume"):
        record_file(path)
    assert part.read_bytes() == before


def test_answers_of_two_networks_never_meet(tmp_path):
    path = tmp_path / "faces.json"
    interrupted(path, 3)
    with record_file(path, resume=True, settings={"network": "other"}) as file:
        assert not file.has("a.jpg")


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    path = tmp_path / "faces.json"
    path.write_text("precious")
    with pytest.raises(faces.InputError, match="exists already"):
        record_file(path)
    assert path.read_text() == "precious"
    with pytest.raises(ValueError, match="`format` must be one of"):
        record_file(tmp_path / "faces.xml", "xml")


def test_screen():
    shown = {}
    for format in ("text", "json", "csv"):
        stream = io.StringIO()
        with inference.Screen(format, CLASSES, stream) as screen:
            assert not screen.has("a.jpg")
            for item in ANSWERS:
                screen.write(item)
        shown[format] = stream.getvalue()
    parsed = [json.loads(line) for line in shown["json"].splitlines()]
    assert parsed == [item.to_json() for item in ANSWERS]
    assert len(read_csv(shown["csv"])) == 7
    assert shown["csv"] == records.csv_header(CLASSES) + "".join(
        records.csv_rows(item.to_json(), CLASSES) for item in ANSWERS
    )
    assert shown["text"].splitlines() == [
        "a.jpg: 1 face",
        "  fear 75.0 %, anger 25.0 % (3×4 at 1, 2)",
        "b, with a comma.jpg: no faces",
        "c.jpg: 2 faces",
        "  fear 75.0 %, anger 25.0 % (3×4 at 1, 2)",
        "  fear 75.0 %, anger 25.0 % (3×4 at 1, 2)",
        "e.mp4 0.00 s: 1 face",
        "  fear 75.0 %, anger 25.0 % (3×4 at 1, 2)",
        "e.mp4 0.20 s: 1 face",
        "  fear 75.0 %, anger 25.0 % (3×4 at 1, 2)",
    ]


EMBEDDED = [
    inference.Answer(
        source=source,
        faces=[
            inference.Face(
                box=box,
                probabilities={"anger": 0.25, "fear": 0.75},
                embedding=vector,
            )
            for box, vector in found
        ],
    )
    for source, found in (
        ("a.jpg", [((1, 2, 3, 4), (0.1, -2.0)), (None, (1e-9, 7.0))]),
        ("b.jpg", []),
        ("c.jpg", [((5, 6, 7, 8), (3.0, float(np.float32(1 / 3))))]),
    )
]


def test_csv_of_embeddings(tmp_path):
    path = tmp_path / "faces.csv"
    with inference.RecordFile(
        path, "csv", CLASSES, SETTINGS, dimensions=2
    ) as file:
        for item in [*EMBEDDED, inference.Answer(source="d.jpg", error="bad")]:
            file.write(item)
    rows = read_csv(path.read_text())
    assert [row["source"][0] for row in rows] == [*"aabcd"]
    assert list(rows[0])[-3:] == ["embedding_1", "embedding_2", "error"]
    found = [[row["embedding_1"], row["embedding_2"]] for row in rows]
    assert found[2] == found[4] == ["", ""] and rows[4]["error"] == "bad"
    vectors = np.float32([[float(v) for v in found[k]] for k in (0, 1, 3)])
    expected = [face.embedding for a in EMBEDDED for face in a.faces]
    np.testing.assert_array_equal(vectors, np.float32(expected))


def test_arrays_of_embeddings(tmp_path):
    path = tmp_path / "faces.npz"

    def begin(resume):
        return inference.RecordFile(
            path, "npz", CLASSES, SETTINGS, resume, dimensions=2
        )

    with pytest.raises(RuntimeError), begin(False) as file:
        file.write(EMBEDDED[0])
        raise RuntimeError
    with begin(True) as file:
        assert file.has("a.jpg")
        for item in EMBEDDED[1:]:
            file.write(item)
    assert [*tmp_path.iterdir()] == [path]
    with np.load(path) as arrays:
        found = dict(arrays)
    expected = [face.embedding for a in EMBEDDED for face in a.faces]
    assert found["embedding"].dtype == np.float32
    np.testing.assert_array_equal(found["embedding"], np.float32(expected))
    np.testing.assert_array_equal(
        found["probabilities"], np.float32([[0.25, 0.75]] * 3)
    )
    assert found["source"].tolist() == ["a.jpg", "a.jpg", "c.jpg"]
    assert found["box"].tolist() == [[1, 2, 3, 4], [-1] * 4, [5, 6, 7, 8]]
    assert found["frame"].tolist() == [-1] * 3
    assert tuple(found["classes"]) == CLASSES


def test_no_face_is_no_row(tmp_path):
    path = tmp_path / "faces.npz"
    with inference.RecordFile(
        path, "npz", CLASSES, SETTINGS, dimensions=5
    ) as file:
        file.write(EMBEDDED[1])
    with np.load(path) as arrays:
        assert arrays["embedding"].shape == (0, 5)
        assert arrays["box"].shape == (0, 4)


def test_arrays_need_an_embedding(tmp_path):
    with pytest.raises(ValueError, match="npz with `dimensions`"):
        record_file(tmp_path / "faces.npz", "npz")

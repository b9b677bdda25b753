import csv

import numpy as np
import pytest
from corpora import fer2013_row
from corpora import write_rows

from keras_fer.datasets import CorpusError
from keras_fer.datasets import ferplus

# As published: its header and its first row.
HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,"
    "contempt,unknown,NF"
)
FIRST = "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0"
COLUMNS = HEADER.split(",")[2:]


def votes(**counts):
    return ",".join(str(counts.get(name, 0)) for name in COLUMNS)


ROWS = [votes(**{name: 10}) for name in COLUMNS[:8]]


def write(root, lines, usages=None, newline="\n"):
    """FER2013 and its votes; pixel 0 of each face is its row."""
    usages = usages or ["Training"] * len(lines)
    pixels = np.zeros(2304, int)
    rows = ["emotion,pixels,Usage"]
    table = [HEADER]
    for number, (line, usage) in enumerate(zip(lines, usages, strict=True)):
        pixels[:2] = number, 1
        rows.append(fer2013_row(number % 7, pixels, usage))
        table.append(f"{usage},fer{number:07d}.png,{line}")
    write_rows(root, rows)
    path = root / "fer2013" / "fer2013new.csv"
    path.write_text(newline.join(table) + newline)
    return path


def load(root, lines=(), **options):
    """The rows of a few lines of votes that a target keeps, and the corpus."""
    write(root, [*ROWS, *lines])
    corpus = ferplus.load_data(data_dir=root, **options)
    return corpus.images[:, 0, 0, 0].astype(int) - len(ROWS), corpus


def test_majority_by_hand(tmp_path):
    rows, corpus = load(
        tmp_path,
        [
            votes(anger=6, fear=4),  # more than half
            votes(anger=5, fear=5),  # not more than half
            votes(anger=5, fear=1, sadness=1, neutral=3),  # 5 of 8 after slips
            votes(unknown=6, fear=4),
            votes(NF=10),
            votes(**dict.fromkeys(COLUMNS, 1)),  # nothing but slips
            "4,0,0,1,3,2,0,0,0,0",  # the published row: 4 of 9
        ],
    )
    assert rows[rows >= 0].tolist() == [0, 2]
    names = [corpus.info.classes[k] for k in corpus.labels["expression"]]
    assert names == [*COLUMNS[:8], "anger", "anger"]
    np.testing.assert_allclose(
        corpus.labels["distribution"][-1, [0, 4]], [3 / 8, 5 / 8]
    )
    assert corpus.labels["votes"][-1].tolist() == [3, 0, 0, 1, 5, 0, 1, 0, 0, 0]
    assert corpus.notes[-1] == (
        "5 images of train left out: no majority among their votes (1 unknown, "
        "1 not a face)"
    )


def test_distribution_by_hand(tmp_path):
    rows, corpus = load(
        tmp_path,
        [
            "4,0,0,1,3,2,0,0,0,0",  # 4 + 3 of 9 are three quarters
            votes(anger=4, fear=3, sadness=3),  # 3 and 3 come together
            votes(anger=4, fear=2, sadness=2, disgust=2),  # four are too many
            votes(anger=5, unknown=5),  # unknown comes second and ends it
            votes(anger=4, unknown=6),
            votes(anger=3, unknown=3, fear=4),  # ends at 7 of 10
        ],
        target="distribution",
    )
    assert rows[rows >= 0].tolist() == [0, 1, 5]
    shares = corpus.labels["distribution"][len(ROWS) :]
    expected = np.zeros((3, 8))
    expected[0, [0, 4]] = 4 / 7, 3 / 7
    expected[1, [4, 6, 3]] = 0.4, 0.3, 0.3
    expected[2, [6, 4]] = 4 / 7, 3 / 7
    np.testing.assert_allclose(shares, expected, atol=1e-6)
    assert corpus.labels["expression"][len(ROWS) :].tolist() == [0, 4, 6]


def test_compound_by_hand(tmp_path):
    pairs = [
        votes(**dict.fromkeys(name.split("-"), 5))
        for name in ferplus.COMPOUND_INFO.classes
    ]
    rows, corpus = load(
        tmp_path,
        [
            *pairs,
            votes(anger=3, fear=5, neutral=2),  # 30 %, together 80 %
            votes(anger=3, fear=4, neutral=3),  # together 70 %
            votes(anger=2, fear=6, neutral=2),  # 20 %
            votes(anger=3, fear=3, unknown=4),  # six votes for emotions
            votes(neutral=5, fear=5),  # neutral is not basic
            votes(anger=4, fear=4, unknown=2),  # eight votes
            votes(happiness=5, disgust=5),  # a pair with too few faces
        ],
        target="compound",
    )
    assert rows.tolist() == [*range(11), 11, 16]
    names = [corpus.info.classes[k] for k in corpus.labels["expression"]]
    assert names == [*corpus.info.classes, "fear-anger", "fear-anger"]


def test_basic_faces_look_like_no_compound_one(tmp_path):
    """Row 1 is compound, 2 looks like it, 3 like a rare pair of PublicTest."""
    happy, both = votes(happiness=9, anger=1), votes(happiness=6, anger=4)
    rare = votes(happiness=6, disgust=4)
    each = [votes(**{name: 10}) for name in ferplus.BASIC]
    others = [votes(neutral=10), votes(contempt=10)]
    lines = [happy, both, happy, happy, *others, *each, rare]
    usages = ["Training"] * (len(lines) - 1) + ["PublicTest"]
    write(tmp_path, lines, usages)
    draws = np.random.default_rng(0)
    pixels = draws.integers(0, 256, (len(lines), 6, 6))
    pixels = pixels.repeat(8, axis=1).repeat(8, axis=2)
    pixels[2], pixels[3] = pixels[1], pixels[-1]
    pixels[[2, 3], 0, 0] ^= 1
    rows = ["emotion,pixels,Usage"]
    for face, usage in zip(pixels, usages, strict=True):
        rows.append(fer2013_row(len(rows) % 7, face.ravel(), usage))
    write_rows(tmp_path, rows)
    corpus = ferplus.load_data(data_dir=tmp_path, target="basic")
    assert corpus.info.classes == ferplus.BASIC
    found = [int(name.rpartition(" ")[2]) - 2 for name in corpus.names]
    assert found == [0, *range(6, 12)]
    assert corpus.notes[-2:] == (
        "3 images left out: look like a compound face",
        "2 images left out: neutral, contempt",
    )
    whole = ferplus.load_data(data_dir=tmp_path)
    assert len(whole) == len(corpus) + 5


def test_votes_stay_with_their_faces(tmp_path):
    """Also where rows are left out: one here is a leak, one is bad."""
    usages = ["Training"] * 18 + ["PublicTest"] * 6
    path = write(tmp_path, 3 * ROWS, usages)
    table = (path.parent / "fer2013.csv").read_text().splitlines()
    table[3] = "9" + table[3][1:]  # no such label
    table[5] = table[20].replace("PublicTest", "Training")
    (path.parent / "fer2013.csv").write_text("\n".join(table))
    corpus = ferplus.load_data(data_dir=tmp_path, skip_bad=True)
    rows = corpus.images[:, 0, 0, 0]
    assert rows.tolist() == [n for n in range(18) if n not in (2, 4)]
    assert corpus.labels["expression"].tolist() == (rows % 8).tolist()
    val = ferplus.load_data("val", data_dir=tmp_path, skip_bad=True)
    assert val.labels["expression"].tolist() == [2, 3, 4, 5, 6, 7]
    assert val.labels["fer2013"].tolist() == [n % 7 for n in range(18, 24)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark(tmp_path, newline):
    path = write(tmp_path, ROWS, newline=newline)
    with_mark = b"\xef\xbb\xbf" + path.read_bytes()
    path.write_bytes(with_mark)
    assert len(ferplus.load_data(data_dir=tmp_path)) == 8


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows[1:], "row 1: expected the header Usage,Image name"),
        (lambda rows: [rows[0]], "no row of votes in it"),
        (lambda rows: [], "row 1: expected the header"),
        (lambda rows: rows[:-1], "at least 8 rows, as in .* Received: 7"),
        (lambda rows: [*rows, FIRST + ",1"], "row 10: expected a usage"),
        (lambda rows: [*rows, FIRST[:-4]], "row 10: expected a usage"),
        (
            lambda rows: [rows[0], rows[1].replace("10", "ten"), *rows[2:]],
            "row 2: .* counts of votes. Received: .*ten",
        ),
        (
            lambda rows: [rows[0], rows[1].replace("10", "-1"), *rows[2:]],
            "row 2: .* counts of votes",
        ),
        (
            lambda rows: [*rows[:3], "Private" + rows[3], *rows[4:]],
            "row 4: expected Usage as in fer2013.csv",
        ),
        (
            lambda rows: [rows[0], *("PublicTest" + r[8:] for r in rows[1:])],
            "row 2: expected Usage as .* of train. Received: PublicTest",
        ),
    ],
)
def test_a_spoiled_table_is_named(tmp_path, spoil, message):
    path = write(tmp_path, ROWS)
    rows = path.read_text().splitlines()
    path.write_text("\n".join(spoil(rows)) + "\n")
    with pytest.raises(CorpusError, match=f"fer2013new.csv.*{message}"):
        ferplus.load_data(data_dir=tmp_path)


def test_what_is_missing_is_named(tmp_path):
    path = write(tmp_path, ROWS)
    with pytest.raises(CorpusError, match="majority, distribution, compound"):
        ferplus.load_data(data_dir=tmp_path, target="vote")
    path.unlink()
    with pytest.raises(CorpusError, match="no fer2013new.csv.*microsoft"):
        ferplus.load_data(data_dir=tmp_path)


@pytest.mark.slow
def test_the_published_table(real_data):
    """The rules of the published code leave these counts on these votes."""
    sizes = {
        "train": (25060, 27956, 1661, 14827),
        "val": (3199, 3505, 203, 1832),
    }
    for split, counts in sizes.items():
        for target, count in zip(ferplus.TARGETS, counts, strict=True):
            corpus = ferplus.load_data(
                split, data_dir=real_data, target=target, drop_leaks=False
            )
            assert len(corpus) == count
        if target == "compound":
            assert min(corpus.class_counts().values()) == 3
    with open(f"{real_data}/fer2013/fer2013new.csv", newline="") as file:
        head = [next(csv.reader(file)) for _ in range(2)]
    assert [",".join(row) for row in head] == [HEADER, FIRST]


def test_votes_of_other_rows_are_refused(tmp_path):
    """Each face's label is what its votes say; then one row is missing."""
    own = [0, 1, 2, 3, 4, 5, 6]  # anger, disgust, fear, happiness, …
    names = "anger disgust fear happiness sadness surprise neutral".split()
    order = np.random.default_rng(0).permutation(20 * own)
    path = write(tmp_path, [votes(**{names[k]: 10}) for k in order])
    rows = ["emotion,pixels,Usage"]
    for number, label in enumerate(order):
        pixels = np.full(2304, 1)
        pixels[:2] = number, 2
        rows.append(fer2013_row(label, pixels, "Training"))
    write_rows(tmp_path, rows)
    table = path.read_text().splitlines()
    contempt = f"Training,x.png,{votes(contempt=10)}"
    path.write_text("\n".join([*table, contempt]) + "\n")
    write_rows(tmp_path, [*rows, fer2013_row(6, pixels, "Training")])
    corpus = ferplus.load_data(data_dir=tmp_path)
    assert len(corpus) == 141
    del table[1]
    path.write_text("\n".join([*table, contempt, contempt]) + "\n")
    with pytest.raises(CorpusError, match="in their order. .* agree with only"):
        ferplus.load_data(data_dir=tmp_path)


def test_compounds_have_no_soft_target(tmp_path):
    pairs = [
        votes(**dict.fromkeys(name.split("-"), 5))
        for name in ferplus.COMPOUND_INFO.classes
    ]
    _, corpus = load(tmp_path, pairs, target="compound")
    assert set(corpus.labels) == {"expression", "votes", "fer2013"}
    some = corpus.map_classes(classes=("fear-anger", "happiness-surprise"))
    assert some.class_counts() == {"fear-anger": 1, "happiness-surprise": 1}

import dataclasses

import numpy as np
import pytest
from corpora import write_fer2013_csv
from networks import corpus

from keras_fer import datasets
from keras_fer.datasets import CorpusError
from keras_fer.datasets.audit import leaked


def splits(**changes):
    """20 training and 20 validation pictures that have nothing in common."""
    everything = corpus(size=42)
    train = everything.select(np.arange(21))
    val = everything.select(np.arange(21, 42))
    return {
        "train": dataclasses.replace(train, split="train"),
        "val": dataclasses.replace(val, split="val", **changes),
    }


def spoiled():
    """Two training pictures occur in val, one of them brighter."""
    found = splits()
    images = found["val"].images.copy()
    images[0] = found["train"].images[3]
    images[1] = 0.8 * found["train"].images[5] + 20
    images[2] = 77
    found["val"] = dataclasses.replace(found["val"], images=images)
    return found


def test_copies_conflicts_and_blanks():
    found = spoiled()
    report = datasets.audit(found)
    assert report.counts["train"] == (3,) * 7
    assert report.blank == (found["val"].names[2],)
    assert report.exact["leaks"] == {"train in val": 1, "val in train": 1}
    assert (report.exact["groups"], report.exact["extra"]) == (1, 1)
    # val shows class 0 there, train class 3.
    assert report.exact["conflicts"] == 1
    assert report.exact["examples"] == [
        [found["train"].names[3], found["val"].names[0]]
    ]
    assert report.near["leaks"] == {"train in val": 2, "val in train": 2}
    assert report.leaks
    assert report.shared_subjects is None
    assert report.to_json()["leaks"] is True


def test_persons_in_two_splits():
    found = splits()
    for number, (split, part) in enumerate(found.items()):
        people = np.array([f"P{number * 18 + row}" for row in range(len(part))])
        labels = {**part.labels, "subject": people}
        found[split] = dataclasses.replace(part, labels=labels)
    report = datasets.audit(found)
    assert report.shared_subjects == {"train and val": ("P18", "P19", "P20")}
    assert report.leaks


def test_leaked():
    splits = np.array(["train", "train", "val", "test", "train"])
    numbers = np.array([0, 1, 1, 0, 2])
    assert leaked(numbers, splits, "train").tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert leaked(numbers, splits, "val").tolist() == [False] * 2 + [
        True,
        False,
        False,
    ]


def test_loads_what_is_there_as_it_was_published(tmp_path):
    path = write_fer2013_csv(tmp_path, train=14, val=7)
    rows = path.read_text().splitlines()
    rows[1] = rows[15].replace("PublicTest", "Training")  # a leak
    rows[2] = "9" + rows[2][1:]  # a bad row
    path.write_text("\n".join(rows))
    found = datasets.load_splits("fer2013", data_dir=tmp_path)
    assert list(found) == ["train", "val"]
    assert len(found["train"]) == 13  # the leak is there
    report = datasets.audit(found)
    assert report.exact["leaks"]["train in val"] == 1
    assert "unknown label" in report.notes["train"][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "nope"},
            "called 'nope'. There are: affectnet, ck_plus, fer2013",
        ),
        ({"name": "corpus"}, "called 'corpus'"),
        (
            {"name": "sfew", "layout": "x"},
            "no argument layout. There are: channels, fold",
        ),
        ({"name": "sfew"}, "SFEW 2.0 was not found"),
        ({"name": "sfew", "skip_bad": True}, "no argument skip_bad"),
    ],
)
def test_refuses(tmp_path, arguments, message):
    with pytest.raises(CorpusError, match=message):
        datasets.load_splits(**arguments, data_dir=tmp_path)


def test_without_any_split(tmp_path):
    (tmp_path / "sfew").mkdir()
    with pytest.raises(CorpusError, match="expected one folder test/"):
        datasets.load_splits("sfew", data_dir=tmp_path)


def test_one_color_is_blank():
    found = datasets.load_splits("procedural", images=8, channels=3)
    images = found["val"].images.copy()
    images[2] = 200, 30, 30
    found["val"] = dataclasses.replace(found["val"], images=images)
    assert datasets.audit(found).blank == (found["val"].names[2],)


def test_splits_of_two_corpora_are_refused():
    one, other = splits(), datasets.load_splits("procedural", images=8)
    with pytest.raises(CorpusError, match="of one corpus. .*FER2013.*Proc"):
        datasets.audit({"train": one["train"], "val": other["val"]})
    with pytest.raises(CorpusError, match="of one corpus"):
        datasets.audit({})


@pytest.mark.slow
def test_the_corpora_at_hand(real_data):
    report = datasets.audit(datasets.load_splits("fer2013", data_dir=real_data))
    assert report.exact["leaks"] == {"train in val": 350, "val in train": 280}
    assert report.near["leaks"]["val in train"] > 400
    crops = datasets.load_splits("ck_plus", data_dir=real_data, layout="crops")
    assert sum(len(part) for part in crops.values()) == 981
    sequences = {s for part in crops.values() for s in part.labels["sequence"]}
    subjects = {s for part in crops.values() for s in part.labels["subject"]}
    assert (len(sequences), len(subjects)) == (327, 118)
    assert not datasets.audit(crops).leaks
    films = datasets.load_splits("sfew", data_dir=real_data, fold=0, size=64)
    assert not datasets.audit(films).leaks

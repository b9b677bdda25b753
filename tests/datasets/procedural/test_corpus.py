import numpy as np
import pytest

from keras_fer.datasets import CorpusError
from keras_fer.datasets import procedural


def test_a_split_with_all_its_labels():
    faces = procedural.load_data("val", images=64, size=32)
    assert faces.images.shape == (64, 32, 32, 1)
    assert set(faces.class_counts().values()) == {8}
    labels = faces.labels
    assert set(labels) == {
        "expression",
        "shown",
        "intensity",
        "valence",
        "arousal",
        "subject",
        "domain",
        "action_unit_intensity",
        "action_unit_sides",
        "action_units",
    }
    assert faces.action_units == procedural.UNITS
    units = labels["action_unit_intensity"]
    assert units.shape == (64, len(procedural.UNITS)) and units.max() <= 5
    np.testing.assert_array_equal(labels["action_units"], units >= 1)
    happy = labels["shown"] == faces.info.classes.index("happiness")
    assert (units[happy][:, procedural.UNITS.index(12)] > 1).all()
    assert (labels["valence"][happy] > 0.2).all()


def test_unit_25_is_what_the_mouth_shows():
    faces = procedural.load_data(
        "train", images=400, classes=("disgust", "neutral"), size=16
    )
    sides = faces.labels["action_unit_sides"]
    np.testing.assert_array_equal(
        sides.max(axis=2), faces.labels["action_unit_intensity"]
    )
    raised = sides[:, procedural.UNITS.index(10)].min(axis=1) > 3
    parted = faces.labels["action_units"][:, procedural.UNITS.index(25)]
    assert raised.any() and parted[raised].all()


def test_the_same_arguments_give_the_same_pixels():
    options = {"images": 24, "domain": "web", "size": 32}
    first = procedural.load_data("train", **options)
    assert procedural.load_data("train", **options).sha256() == first.sha256()
    for change in ({"seed": 1}, {"domain": "film"}):
        other = procedural.load_data("train", **{**options, **change})
        assert other.sha256() != first.sha256()


def test_no_person_is_in_two_splits():
    people = [
        set(procedural.load_data(split, images=200, size=16).labels["subject"])
        for split in ("train", "val", "test")
    ]
    assert not people[0] & people[1]
    assert not people[0] & people[2] and not people[1] & people[2]
    assert 30 < len(people[0]) <= 50  # about four pictures each


def test_a_person_looks_the_same_everywhere():
    for domain in procedural.DOMAINS:
        faces, _ = procedural.draw_faces([0, 0, 5], [7, 8, 7], domain=domain)
        np.testing.assert_array_equal(faces.modes[0], faces.modes[2])
        assert (faces.modes[0] != faces.modes[1]).any()
        assert faces.hair_style[0] == faces.hair_style[2]
    first, _ = procedural.draw_faces([0], [7], domain="studio")
    np.testing.assert_array_equal(first.modes[0], faces.modes[0])


def test_counts_to_order():
    counts = {"happiness": 20, "fear": 3, "neutral": 9}
    faces = procedural.load_data(
        "val", classes=("fear", "neutral", "happiness"), counts=counts, size=16
    )
    assert faces.class_counts() == counts


def test_compounds_are_classes():
    faces = procedural.load_data(
        "train", images=22, compounds=procedural.COMPOUNDS, size=16
    )
    assert faces.info.classes[0] == "happiness-surprise"
    assert set(faces.class_counts().values()) == {2}


def test_annotators_of_a_domain_have_their_habits():
    faces = procedural.load_data("train", images=4000, domain="web", size=16)
    classes, labels = faces.info.classes, faces.labels
    named, shown = labels["expression"], labels["shown"]
    sad = shown == classes.index("sadness")
    taken = np.mean(named[sad] == classes.index("neutral"))
    assert 0.02 < taken < 0.08
    assert 0.9 < np.mean(named == shown) < 0.99
    clean = procedural.load_data("val", images=80, domain="studio", size=16)
    np.testing.assert_array_equal(
        clean.labels["expression"], clean.labels["shown"]
    )


def test_a_sequence_from_neutral_to_the_apex():
    faces, columns = procedural.draw_sequence("surprise", 3, frames=12)
    units = faces.units.sum(axis=(1, 2))
    assert units[0] == 0 and (np.diff(units) >= 0).all()
    assert columns["intensity"][-1] > 0.5 and columns["valence"][0] == 0
    assert (faces.modes == faces.modes[0]).all()
    images = procedural.render(faces, 48)
    assert len(np.unique(images, axis=0)) == 12
    other, _ = procedural.draw_sequence("surprise", 4, frames=12)
    assert (other.units[-1] != faces.units[-1]).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "all"}, "`split` must be one of"),
        ({"domain": "moon"}, "`domain` must be one of studio, web"),
        ({"classes": ("joy", "fear")}, "no expression is called 'joy'"),
        ({"compounds": (("fear", "awe"),)}, "no expression is called 'awe'"),
        ({"counts": {"awe": 3}}, "`counts` names images of neutral"),
        ({"counts": {"fear": 3}, "images": 3}, "`images` is left out"),
        ({"channels": 4}, "`channels` must be 1 or 3"),
        ({"images": 3}, "no image of"),
        ({"images": 0}, "no image was asked for"),
        ({"images": -1}, "must not be negative"),
        ({"counts": {"fear": -1}}, "must not be negative"),
        ({"classes": ()}, "classes must differ"),
        ({"classes": ("fear", "fear")}, "classes must differ"),
        ({"compounds": (("fear",),)}, "`compounds` are pairs"),
        ({"seed": -1}, "non-negative"),
    ],
)
def test_wrong_arguments(options, message):
    options = {"split": "train", "images": None, **options}
    with pytest.raises(CorpusError, match=message):
        procedural.load_data(**options)


def test_wrong_sequences():
    with pytest.raises(ValueError, match="`expression` must be one of"):
        procedural.draw_sequence("joy", 3)
    with pytest.raises(ValueError, match="`frames` at least 2"):
        procedural.draw_sequence("fear", 3, frames=1)

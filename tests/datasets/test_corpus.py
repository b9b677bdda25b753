import dataclasses

import keras
import numpy as np
import pytest

from keras_fer.datasets import Corpus
from keras_fer.datasets import CorpusError
from keras_fer.datasets import fer2013
from keras_fer.datasets.corpus import find_corpus


def corpus(size=21, split="train", **changes):
    images = np.arange(size, dtype="uint8")[:, None, None, None]
    fields = {
        "info": fer2013.INFO,
        "split": split,
        "images": np.broadcast_to(images, (size, 48, 48, 1)).copy(),
        "labels": {"expression": np.arange(size) % 7},
        "names": [f"row {row}" for row in range(size)],
    }
    return Corpus(**{**fields, **changes})


def rows(dataset):
    """Which image came when: every image holds its own number."""
    return [x.numpy()[:, 0, 0, 0].astype(int).tolist() for x, _ in dataset]


def test_one_pass_in_order_with_the_rest_in_a_last_batch():
    batches = rows(corpus().to_dataset(8))
    assert batches == [[*range(8)], [*range(8, 16)], [*range(16, 21)]]


def test_images_are_float_pixels_beside_their_labels():
    for images, labels in corpus().to_dataset(8):
        assert images.dtype == "float32"
        assert images.shape[1:] == (48, 48, 1)
        np.testing.assert_array_equal(
            labels, images.numpy()[:, 0, 0, 0].astype(int) % 7
        )


def test_each_pass_is_another_order_of_all_images():
    dataset = corpus(24).to_dataset(8, shuffle=True)
    first, second = rows(dataset), rows(dataset)
    assert len(dataset) == 3
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == [*range(24)]
    assert first != second
    assert rows(corpus(24).to_dataset(8, shuffle=True)) == first


def test_epochs_can_be_entered_anywhere():
    def epochs(first, last, seed=3):
        return rows(
            corpus(24).to_dataset(
                8, shuffle=True, seed=seed, epochs=range(first, last)
            )
        )

    whole = epochs(0, 4)
    assert len(whole) == 12
    assert epochs(2, 4) == whole[6:]
    assert epochs(0, 4, seed=4) != whole
    assert whole[:3] != whole[3:6]


def test_steps_draw_with_replacement():
    drawn = rows(
        corpus(21).to_dataset(
            8, shuffle=True, epochs=range(2), steps_per_epoch=50
        )
    )
    assert [len(batch) for batch in drawn] == [8] * 100
    counts = np.bincount(sum(drawn, []), minlength=21)
    assert counts.min() > 0
    assert len(set(sum(drawn, [])[:21])) < 21


def test_augmentation_gets_a_seed_of_its_own_for_each_batch():
    seeds = []
    dataset = corpus(16).to_dataset(
        8,
        shuffle=True,
        epochs=range(2),
        augment=lambda images, seed: (
            images
            + keras.ops.cast(keras.ops.sum(seed % 100003), "float32") * 1000
        ),
    )
    for images, _ in dataset:
        offsets = images.numpy()[:, 0, 0, 0] // 1000
        assert len(set(offsets)) == 1
        seeds.append(offsets[0])
    assert len(set(seeds)) == 4


def test_several_heads_get_the_same_target():
    dataset = corpus().to_dataset(8, heads=["logits", "embedding"])
    _, targets = next(iter(dataset))
    assert sorted(targets) == ["embedding", "logits"]


def test_other_columns_can_be_the_target():
    valence = np.linspace(-1, 1, 21)
    columns = {"expression": np.arange(21) % 7, "valence": valence}
    dataset = corpus(labels=columns).to_dataset(21, label="valence")
    np.testing.assert_array_equal(next(iter(dataset))[1], valence)


def test_columns_of_numbers_make_one_target():
    faces = corpus()
    valence = np.linspace(-1, 1, len(faces))
    arousal = np.arange(len(faces))
    labels = {**faces.labels, "valence": valence, "arousal": arousal}
    dataset = corpus(labels=labels).to_dataset(4, label=("valence", "arousal"))
    targets = np.concatenate([y for _, y in dataset])
    assert targets.dtype == np.float32
    expected = np.stack([valence, arousal], axis=1)
    np.testing.assert_allclose(targets, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["only one"]}, "21 images but 1 rows of 'names'"),
        (
            {"labels": {"expression": np.zeros(3, int)}},
            "21 images but 3 rows of 'expression'",
        ),
        (
            {"labels": {"expression": np.zeros(21, int)}},
            "no image of disgust, fear, happiness, sadness, surprise, neutral",
        ),
        (
            {"images": np.full((21, 48, 48, 1), np.nan)},
            "must be uint8.*Received: float64",
        ),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(CorpusError, match=message):
        corpus(**changes)


def test_a_split_to_evaluate_may_lack_a_class():
    labels = {"expression": np.zeros(21, int)}
    assert corpus(split="test", labels=labels).class_counts()["fear"] == 0


def test_finds_the_folder_by_argument_and_by_variable(tmp_path, monkeypatch):
    (tmp_path / "fer2013").mkdir()
    assert find_corpus(fer2013.INFO, tmp_path) == tmp_path / "fer2013"
    monkeypatch.setenv("KERAS_FER_DATA", str(tmp_path))
    assert find_corpus(fer2013.INFO) == tmp_path / "fer2013"


def test_says_what_was_looked_for_and_how_to_get_it(tmp_path):
    info = dataclasses.replace(fer2013.INFO, folders=("a", "b"))
    with pytest.raises(CorpusError, match=f"a/ or b/ in {tmp_path}.*Kaggle"):
        find_corpus(info, tmp_path)
    with pytest.raises(CorpusError, match="set KERAS_FER_DATA.*Kaggle"):
        find_corpus(info)


def small(split="val", **labels):
    expression = np.array([0, 1, 2, 3, 4, 5, 6, 0])
    return Corpus(
        info=fer2013.INFO,
        split=split,
        images=np.arange(8, dtype="uint8").reshape(8, 1, 1, 1),
        labels={"expression": expression, **labels},
        names=[f"row {row}" for row in range(8)],
        notes=("one before",),
    )


def test_select():
    corpus = small(intensity=np.arange(8.0))
    for rows in ([6, 1], np.array([6, 1])):
        some = corpus.select(rows, "two of eight")
        assert some.images.ravel().tolist() == [6, 1]
        assert some.labels["expression"].tolist() == [6, 1]
        assert some.labels["intensity"].tolist() == [6, 1]
        assert list(some.names) == ["row 6", "row 1"]
        assert some.notes == ("one before", "two of eight")
    some = corpus.select(corpus.labels["intensity"] > 5)
    assert some.names == ["row 6", "row 7"] and some.notes == ("one before",)


def test_classes_are_renamed_merged_dropped_and_ordered():
    shares = np.eye(7, dtype="float32")[[0, 1, 2, 3, 4, 5, 6, 0]]
    shares[0] = 0.4, 0.1, 0, 0, 0, 0, 0.5
    corpus = small(distribution=shares, shown=np.array([6] * 8))
    mapped = corpus.map_classes(
        {"anger": "negative", "disgust": "negative", "neutral": None}
    )
    assert mapped.info.classes == (
        "negative",
        "fear",
        "happiness",
        "sadness",
        "surprise",
    )
    assert mapped.labels["expression"].tolist() == [0, 0, 1, 2, 3, 4, 0]
    assert mapped.labels["shown"].tolist() == [-1] * 7  # what was dropped
    np.testing.assert_allclose(
        mapped.labels["distribution"][0], [1, 0, 0, 0, 0]
    )
    assert mapped.images.ravel().tolist() == [0, 1, 2, 3, 4, 5, 7]
    assert mapped.notes == ("one before", "1 images left out: neutral")
    ordered = corpus.map_classes(classes=("sadness", "anger"))
    assert ordered.labels["expression"].tolist() == [1, 0, 1]
    assert ordered.class_counts() == {"sadness": 1, "anger": 2}
    assert ordered.notes[-1] == (
        "5 images left out: disgust, fear, happiness, surprise, neutral"
    )


def test_there_and_back_again():
    corpus = small("train")
    renamed = {name: name.upper() for name in corpus.info.classes}
    back = {new: old for old, new in renamed.items()}
    other = corpus.map_classes(renamed, sorted(renamed.values()))
    assert other.info.classes[0] == "ANGER" != other.info.classes[1]
    again = other.map_classes(back, corpus.info.classes)
    assert again.info == corpus.info
    np.testing.assert_array_equal(
        again.labels["expression"], corpus.labels["expression"]
    )
    assert again.notes == corpus.notes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mapping": {"contempt": None}}, "names contempt; there are anger"),
        ({"classes": ("anger", "contempt")}, "among anger.*: anger, contempt"),
        ({"classes": ("anger", "anger")}, "must differ"),
        (
            {"mapping": {"anger": "rage"}, "classes": ("anger",)},
            "among rage, disgust",
        ),
    ],
)
def test_mapping_refuses(arguments, message):
    with pytest.raises(CorpusError, match=message):
        small().map_classes(**arguments)


def test_numbers_of_classes_are_mixed_as_one_hot_targets():
    from keras_fer.augmentation import Mixup

    dataset = corpus(24).to_dataset(
        8, shuffle=True, mix=Mixup(alpha=1.0), epochs=range(2)
    )
    batches = list(dataset)
    for images, targets in batches:
        assert images.shape == (8, 48, 48, 1) and targets.shape == (8, 7)
        np.testing.assert_allclose(np.sum(targets, axis=1), 1, atol=1e-6)
    assert any(np.count_nonzero(y, axis=1).max() == 2 for _, y in batches)
    resumed = corpus(24).to_dataset(
        8, shuffle=True, mix=Mixup(alpha=1.0), epochs=range(1, 2)
    )
    for (x, y), (expected_x, expected_y) in zip(
        resumed, batches[3:], strict=True
    ):
        np.testing.assert_array_equal(x, expected_x)
        np.testing.assert_array_equal(y, expected_y)


def test_balance_repeats_what_is_rare_and_draws_from_what_is_frequent():
    labels = np.repeat(np.arange(7), [1, 2, 3, 4, 5, 6, 9])
    faces = corpus(30, labels={"expression": labels})
    balanced = faces.balance(4)
    assert set(balanced.class_counts().values()) == {4}
    numbers = balanced.images[:, 0, 0, 0]
    assert (np.diff(numbers.astype(int)) >= 0).all()
    np.testing.assert_array_equal(
        balanced.labels["expression"], labels[numbers]
    )
    rare = labels[numbers] <= 3
    assert set(numbers[rare].tolist()) == set(range(10))  # all are there
    _, first = np.unique(numbers, return_index=True)
    repeated = np.ones(len(numbers), bool)
    repeated[first] = False
    np.testing.assert_array_equal(balanced.labels["repeated"], repeated)
    assert not balanced.labels["repeated"][labels[numbers] >= 3].any()
    assert balanced.notes[-1].startswith("balanced to 4 of each expression: ")
    np.testing.assert_array_equal(faces.balance(4).images, balanced.images)
    assert not np.array_equal(faces.balance(4, seed=1).images, balanced.images)
    assert set(faces.balance().class_counts().values()) == {9}


@pytest.mark.parametrize(
    ("split", "count"), [("val", 4), ("test", None), ("train", 0)]
)
def test_only_training_images_are_balanced(split, count):
    with pytest.raises(CorpusError, match="only training images"):
        corpus(split=split).balance(count)

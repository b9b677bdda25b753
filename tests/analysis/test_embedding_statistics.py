import numpy as np
import pytest
import sklearn.metrics

from keras_fer import analysis


def cloud(distance, spread, size=60):
    draws = np.random.default_rng(0)
    labels = np.arange(size) % 3
    places = distance * np.eye(3, 4)[labels]
    return places + draws.normal(0, spread, (size, 4)), labels


def test_by_loops():
    embeddings, labels = cloud(5.0, 1.0)
    found = analysis.embedding_statistics(embeddings, labels)
    means = [embeddings[labels == k].mean(axis=0) for k in range(3)]
    spread = np.mean(
        [
            np.mean(
                [((e - means[k]) ** 2).sum() for e in embeddings[labels == k]]
            )
            for k in range(3)
        ]
    )
    apart = np.mean(
        [((means[i] - means[j]) ** 2).sum() for i in range(3) for j in range(i)]
    )
    assert np.isclose(found.intra_class_variance, spread)
    assert np.isclose(np.mean(found.class_variance), spread)
    assert np.isclose(found.inter_class_distance, apart)
    assert np.isclose(found.separation, apart / spread)
    expected = sklearn.metrics.silhouette_score(embeddings, labels)
    assert np.isclose(found.silhouette, expected)


def test_compact_and_far_apart_is_better():
    near, far = (
        analysis.embedding_statistics(*cloud(distance, 1.0))
        for distance in (1.0, 8.0)
    )
    assert far.separation > near.separation
    assert far.silhouette > near.silhouette
    larger = analysis.embedding_statistics(*cloud(80.0, 10.0))
    assert np.isclose(larger.separation, far.separation)


def test_classes_count_the_same():
    """A class of ten times as many faces does not rule the variance."""
    embeddings = np.concatenate(
        [np.tile([[0.0], [2.0]], (50, 1)), [[9.0], [9.0]]]
    )
    labels = np.array([0] * 100 + [1] * 2)
    found = analysis.embedding_statistics(embeddings, labels)
    assert np.isclose(found.intra_class_variance, 0.5)


@pytest.mark.parametrize(
    ("embeddings", "labels", "message"),
    [
        (np.zeros(4), np.zeros(4), "Received: .4,. and .4,."),
        (np.zeros((4, 2)), np.zeros(3), "and .3,."),
        (np.zeros((4, 2)), np.zeros(4), "Received: 1 classes"),
        (np.zeros((2, 2)), np.arange(2), "Received: 2 classes, 2 faces"),
    ],
)
def test_refuses(embeddings, labels, message):
    with pytest.raises(ValueError, match=message):
        analysis.embedding_statistics(embeddings, labels)

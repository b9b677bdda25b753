import numpy as np
import pytest

from keras_fer import analysis
from keras_fer import models

DOMAINS = {"large": 4, "small": 3}


def embedded(model, size=40):
    features = np.random.default_rng(0).normal(size=(size, 8))
    return model.predict(features, verbose=0)


@pytest.mark.parametrize("options", [{"k": 2}, {"k": 3, "normalize": True}])
def test_regions_are_what_the_model_names(options):
    """Of faces that lie on the grid, and of the grid around them."""
    heads = ("embedding", "small")
    model = models.CAKE(domains=DOMAINS, features_dim=8, heads=heads, **options)
    outputs = embedded(model)
    found = analysis.emotion_map(
        model, "small", outputs["embedding"], resolution=900
    )
    assert found.regions.shape == (900, 900) and found.points.shape == (40, 2)
    columns = np.abs(found.points[:, :1] - found.x).argmin(axis=1)
    rows = np.abs(found.points[:, 1:] - found.y).argmin(axis=1)
    named = found.regions[rows, columns]
    answers = outputs["small"].argmax(axis=1)
    assert (named == answers).mean() > 0.95  # but for those on an edge
    np.testing.assert_array_equal(found.answers, answers)
    assert len(set(answers)) > 1


def test_the_plane_ends_where_faces_end():
    heads = ("embedding", "large")
    model = models.CAKE(2, DOMAINS, features_dim=8, heads=heads)
    points = embedded(model)["embedding"]
    found = analysis.emotion_map(model, "large", points, resolution=11)
    assert found.x[[0, -1]].tolist() == [points[:, 0].min(), points[:, 0].max()]
    assert found.y[[0, -1]].tolist() == [points[:, 1].min(), points[:, 1].max()]
    kernel, bias = model.get_layer("classifier_large").get_weights()
    for row, column in ((0, 0), (3, 7), (10, 10)):
        place = np.array([found.x[column], found.y[row]])
        assert found.regions[row, column] == (place @ kernel + bias).argmax()


def test_regions_that_touch():
    found = analysis.EmotionMap(
        x=np.arange(4),
        y=np.arange(3),
        regions=np.array([[0, 0, 1, 1], [0, 0, 1, 1], [3, 3, 3, 3]]),
        points=np.zeros((0, 2)),
        answers=np.zeros(0, int),
        axes=("x", "y"),
    )
    expected = [[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]]
    assert found.touching(4).astype(int).tolist() == expected


def test_angles():
    model = models.CAKE(3, DOMAINS, normalize=True)
    points = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1], [-0.6, 0, 0.8]]
    found = analysis.emotion_map(model, "large", points).points
    pi = np.pi
    np.testing.assert_allclose(
        found[:, 0][[0, 1, 4]], [0, pi / 2, pi], atol=1e-6
    )
    np.testing.assert_allclose(
        found[:, 1], [pi / 2, pi / 2, 0, pi, np.arccos(0.8)], atol=1e-6
    )


def test_valence_and_arousal():
    model = models.CAKE(0, DOMAINS, valence_arousal=True)
    found = analysis.emotion_map(
        model, "small", [[-1, 0], [1, 1]], axes=("valence", "arousal")
    )
    assert found.axes == ("valence", "arousal")
    assert found.x[[0, -1]].tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("k", "points", "message"),
    [
        (2, np.zeros((4, 3)), r"Received: \(4, 3\) for one of 2 numbers"),
        (5, np.zeros((4, 5)), "for one of 5 numbers"),
        (3, np.ones((4, 3)), "unit sphere, .* radii 1.73 to 1.73"),
    ],
)
def test_refused(k, points, message):
    with pytest.raises(ValueError, match=message):
        analysis.emotion_map(models.CAKE(k), "sfew", points)
    with pytest.raises(ValueError, match="called 'classifier_mine'"):
        analysis.emotion_map(models.CAKE(2), "mine", points)

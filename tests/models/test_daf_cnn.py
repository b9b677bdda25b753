import keras
import numpy as np
import pytest
from contracts import check_model

from keras_fer.models import DAFCNN

SMALL = {"width": 0.05, "embedding_dim": 16}


def faces(shape=(32, 32, 1), size=8):
    images = np.random.default_rng(0).uniform(0, 255, (size, *shape))
    return images.astype("float32"), np.arange(size) % 3


def convolutions(channels, width, counts=(3, 3, 4, 4, 4)):
    """Weights of the backbone: kernels, and four numbers a channel."""
    total = 0
    for count, after in zip(counts, (64, 128, 256, 512, 512), strict=True):
        for _ in range(count):
            total += 9 * channels * int(width * after) + 4 * int(width * after)
            channels = int(width * after)
    return total, channels


@pytest.mark.parametrize(
    ("side", "width", "attention"),
    [(48, 0.25, True), (48, 0.25, False), (96, 0.25, True), (48, 0.5, True)],
)
def test_parameters(side, width, attention):
    model = DAFCNN((side, side, 1), 7, width=width, attention=attention)
    total, channels = convolutions(1, width)
    if attention:
        hidden = channels // 8
        total += 2 * channels * hidden + hidden + channels + 7 * 7 * 2
    features = channels * (side // 32) ** 2
    total += (features + 1) * 512 + 513 * 7
    assert model.count_params() == total


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0.375, [32, 48, 96, 192, 192]),
        (0.4, [32, 48, 96, 208, 208]),
        (0.05, [8, 8, 16, 32, 32]),
    ],
)
def test_channels_are_multiples_of_sixteen(width, expected):
    model = DAFCNN((32, 32, 1), 3, width=width, embedding_dim=16)
    blocks = [model.get_layer(f"block{n}_conv1").filters for n in range(1, 6)]
    assert blocks == expected


def test_the_size_of_the_paper():
    """Counted, not built: 20.2 million in the convolutions."""
    total, channels = convolutions(1, 1.0)
    assert total == 20_224_832 and channels == 512
    total += 2 * 512 * 64 + 64 + 512 + 98 + (512 * 9 + 1) * 512 + 513 * 7
    assert total == 22_654_441


def test_contract(tmp_path):
    keras.utils.set_random_seed(0)
    model = DAFCNN((32, 32, 1), 3, dropout_rate=0.0, **SMALL)
    check_model(model, *faces(), tmp_path, training=True)


@pytest.mark.parametrize(
    ("side", "place", "map_side"),
    [
        (32, "block3", 8),
        (48, "block4", 6),
        (96, "block5", 6),
        (224, "block5", 14),
    ],
)
def test_attention_sits_where_places_can_differ(side, place, map_side):
    model = DAFCNN((side, side, 3), 7, **SMALL)
    assert model.get_layer("attention").output.shape[1] == map_side
    before = model.get_layer("attention").input
    assert before.shape[1] == map_side
    last = model.get_layer(f"{place}_conv4_norm").output
    assert last.shape == before.shape


def test_attention_may_sit_in_the_papers_place():
    model = DAFCNN((96, 96, 1), 7, attention_after="pool5", **SMALL)
    assert model.get_layer("attention").output.shape[1:3] == (3, 3)


def test_heads():
    model = DAFCNN(
        (32, 32, 1), 4, heads=("logits", "embedding", "distances"), **SMALL
    )
    outputs = model.predict(faces()[0], verbose=0)
    shapes = {head: values.shape for head, values in outputs.items()}
    assert shapes == {
        "logits": (8, 4),
        "embedding": (8, 16),
        "distances": (8, 4),
    }
    assert (outputs["embedding"] >= 0).all()
    centers = model.get_layer("distances").centers.numpy()
    differences = outputs["embedding"][:, None] - centers
    np.testing.assert_allclose(
        outputs["distances"], (differences**2).sum(axis=2) / 2, rtol=1e-4
    )
    alone = DAFCNN((32, 32, 1), 4, heads=("embedding",), **SMALL)
    assert alone.output_shape == (None, 16)


def test_the_nearest_center_may_name_the_class():
    model = DAFCNN(
        (32, 32, 1),
        4,
        classifier="centers",
        heads=("logits", "distances"),
        **SMALL,
    )
    outputs = model.predict(faces()[0], verbose=0)
    np.testing.assert_array_equal(outputs["logits"], -outputs["distances"])


def test_pixels_are_divided_by_255_inside():
    model = DAFCNN((32, 32, 1), 3, **SMALL)
    scaled = keras.Model(model.input, model.get_layer("rescaling").output)
    assert scaled(np.full((1, 32, 32, 1), 255.0)).numpy().max() == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (31, 48, 1)}, "at least 32 pixels"),
        ({"num_classes": 1}, "at least 2"),
        ({"heads": ("probabilities",)}, "logits, embedding, distances"),
        ({"classifier": "svm"}, "'softmax' or 'centers'"),
        ({"heads": ()}, r"Received: heads=\(\)"),
        ({"attention_after": "block6"}, "block5, pool5 or None"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        DAFCNN(**options)

import keras
import numpy as np
import pytest
from contracts import check_exports

from keras_fer import losses
from keras_fer.models import DAN

HEADS = ("logits", "embedding", "affinity", "attention")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return DAN((48, 48, 1), heads=HEADS)


def faces(size=6, channels=1):
    draws = np.random.default_rng(0)
    return draws.uniform(0, 255, (size, 48, 48, channels)).astype("float32")


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


@pytest.mark.parametrize(
    ("classes", "count"), [(6, 19_723_218), (7, 19_723_733), (8, 19_724_248)]
)
def test_parameters(model, classes, count):
    """The published counts, at three channels; any size has them."""
    del model
    network = DAN((48, 48, 3), classes)
    assert trainable(network) == count


def test_heads(model):
    outputs = model.predict(faces(), verbose=0)
    shapes = {head: values.shape for head, values in outputs.items()}
    assert shapes == {
        "logits": (6, 7),
        "embedding": (6, 512),
        "affinity": (6, 7),
        "attention": (6, 4, 512),
    }
    heads = outputs["attention"].astype(float)
    np.testing.assert_allclose(np.exp(heads).sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(
        outputs["embedding"], heads.sum(axis=1), rtol=1e-4
    )
    # -4 log 4 at most, whatever is looked at.
    assert outputs["embedding"].max() <= -4 * np.log(4) + 1e-3
    assert np.linalg.norm(outputs["embedding"], axis=1).min() >= 125.4


def test_what_heads_take(model):
    """Affinity the pooled map, logits the embedding, normalized."""
    draws = np.random.default_rng(1)
    head = model.get_layer("logits")
    head.set_weights([draws.uniform(0.5, 1, 7) for _ in range(4)])
    outputs = model.predict(faces(), verbose=0)
    maps = keras.Model(model.input, model.get_layer("head1").input)
    pooled = maps.predict(faces(), verbose=0).mean(axis=(1, 2))
    (centers,) = model.get_layer("affinity").get_weights()
    distances = np.square(pooled[:, None] - centers).sum(axis=2)
    np.testing.assert_allclose(
        outputs["affinity"],
        distances / centers.var(axis=0, ddof=1).sum(),
        rtol=1e-3,
    )
    kernel, bias = model.get_layer("scores").get_weights()
    gamma, beta, mean, variance = head.get_weights()
    scores = outputs["embedding"] @ kernel + bias
    expected = gamma * (scores - mean) / np.sqrt(variance + 1e-5) + beta
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-3)


def test_initial_values():
    """As published; each head draws its own, and a seed decides."""
    weights = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(seed)
        model = DAN((48, 48, 1), num_heads=2)
        weights.append(model.get_weights())
    same = [(a == b).all() for a, b in zip(*weights[:2], strict=True)]
    assert all(same)
    kernels = [a for a in weights[0] if a.ndim > 1]
    others = [b for b in weights[2] if b.ndim > 1]
    for kernel, other in zip(kernels, others, strict=True):
        assert (kernel == other).mean() < 0.01
    one, two = (model.get_layer(f"head{number}") for number in (1, 2))
    for name in ("squeeze", "excite"):
        drawn = [getattr(head, name).get_weights()[0] for head in (one, two)]
        assert drawn[0].std() == pytest.approx(0.001, rel=0.05)
        assert abs(np.corrcoef(drawn[0].ravel(), drawn[1].ravel())[0, 1]) < 0.1
    for convolution, fan in (
        (one.convolutions["square"], 9 * 512),
        (model.get_layer("backbone").get_layer("stack3_block1_2_conv"), 4608),
    ):
        kernel = convolution.get_weights()[0]
        assert kernel.std() == pytest.approx((2 / fan) ** 0.5, rel=0.05)
    kernel, bias = model.get_layer("scores").get_weights()
    for drawn in (kernel, bias):
        assert 0.5 < np.abs(drawn).max() * 512**0.5 <= 1


def test_one_head_is_its_own_embedding():
    keras.utils.set_random_seed(0)
    model = DAN((48, 48, 1), num_heads=1, heads=("embedding", "attention"))
    outputs = model.predict(faces(2), verbose=0)
    np.testing.assert_array_equal(
        outputs["embedding"], outputs["attention"][:, 0]
    )


@pytest.mark.slow
def test_trained_as_published(tmp_path):
    keras.utils.set_random_seed(0)
    heads = ("logits", "affinity", "attention")
    model = DAN((48, 48, 1), 3, num_heads=2, heads=heads)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        {
            "logits": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "affinity": losses.AffinityLoss(),
            "attention": losses.PartitionLoss(),
        },
    )
    labels = np.arange(6) % 3
    targets = dict.fromkeys(("logits", "affinity", "attention"), labels)
    before = model.get_layer("affinity").get_weights()[0]
    history = model.fit(
        faces(), targets, batch_size=6, epochs=6, verbose=0
    ).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]
    assert (model.get_layer("affinity").get_weights()[0] != before).any()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for head, values in model.predict(faces(), verbose=0).items():
        again = loaded.predict(faces(), verbose=0)[head]
        np.testing.assert_array_equal(values, again)


@pytest.mark.slow
def test_exports(tmp_path):
    keras.utils.set_random_seed(0)
    model = DAN((48, 48, 1), num_heads=2)
    check_exports(model, faces(2), tmp_path)


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = DAN((48, 48, 1), heads=HEADS)
    finally:
        keras.config.set_dtype_policy("float32")
    for values in model.predict(faces(2), verbose=0).values():
        assert values.dtype == "float32" and np.isfinite(values).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (40, 48, 1)}, "at least 48 pixels"),
        ({"input_shape": (48, 48, 2)}, "1 or 3 channels"),
        ({"num_classes": 1}, "`num_classes` must be at least 2"),
        ({"num_heads": 0}, "`num_heads` must be at least 1"),
        ({"heads": ("probabilities",)}, "`heads` must be a tuple of any of"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        DAN(**options)

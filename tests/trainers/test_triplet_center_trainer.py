import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_fer import layers
from keras_fer import losses
from keras_fer import models
from keras_fer.trainers import TripletCenterTrainer
from keras_fer.trainers.triplet_center_trainer import center_sums
from keras_fer.trainers.triplet_center_trainer import center_update


def network(dropout_rate=0.0, classifier="softmax"):
    """The heads of DAF-CNN on two dense layers."""
    inputs = keras.Input((8,))
    embedding = keras.layers.Dense(6, "relu", name="embedding")(inputs)
    x = keras.layers.Dropout(dropout_rate)(embedding)
    distances = layers.ClassCenters(3, name="distances")(embedding)
    logits = keras.layers.Dense(3, dtype="float32", name="logits")(x)
    heads = {
        "logits": -distances if classifier == "centers" else logits,
        "embedding": embedding,
        "distances": distances,
    }
    return keras.Model(inputs, heads)


def faces(size=12):
    """Three places in eight dimensions, under noise."""
    labels = np.arange(size) % 3
    noise = np.random.default_rng(0).normal(0, 0.2, (size, 8))
    return (2 * np.eye(8)[labels] + noise).astype("float32"), labels


def test_equation_12_by_a_loop():
    draws = np.random.default_rng(0)
    embeddings = draws.normal(size=(40, 5)).astype("float32")
    centers = draws.normal(size=(4, 5)).astype("float32")
    labels = draws.integers(3, size=40)  # nobody is of the last class
    distances = ((embeddings[:, None] - centers) ** 2).sum(axis=2) / 2
    margin = 1.0
    expected = np.zeros_like(centers)
    nearest, active = [], []
    for i in range(40):
        others = [(distances[i, j], j) for j in range(4) if j != labels[i]]
        distance, number = min(others)
        nearest.append(number)
        active.append(distances[i, labels[i]] + margin - distance > 0)
    for j in range(4):
        own = [i for i in range(40) if active[i] and labels[i] == j]
        wrong = [i for i in range(40) if active[i] and nearest[i] == j]
        pull = sum((embeddings[i] - centers[j] for i in own), np.zeros(5))
        push = sum((embeddings[i] - centers[j] for i in wrong), np.zeros(5))
        expected[j] = pull / (1 + len(own)) - push / (1 + len(wrong))
    arguments = labels, embeddings, distances, centers, margin
    moved = center_update(*center_sums(*arguments))
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-5)
    assert 5 < sum(active) < 40


def test_equation_12_is_a_direction_of_descent():
    """Along it the loss falls, against it it grows; here, as nearly always."""
    draws = np.random.default_rng(3)
    embeddings = draws.normal(size=(60, 5)).astype("float32")
    centers = draws.normal(size=(3, 5)).astype("float32")
    labels = draws.integers(3, size=60)
    loss = losses.TripletCenterLoss(1.0)

    def value(centers):
        distances = ((embeddings[:, None] - centers) ** 2).sum(axis=2) / 2
        return float(loss(labels, distances.astype("float32")))

    distances = ((embeddings[:, None] - centers) ** 2).sum(axis=2) / 2
    sums = center_sums(labels, embeddings, distances, centers, 1.0)
    step = 0.02 * np.asarray(center_update(*sums))
    assert value(centers + step) < value(centers) < value(centers - step)


def test_one_step_moves_centers_by_the_equation_and_nothing_else():
    keras.utils.set_random_seed(0)
    trainer = TripletCenterTrainer(network(), margin=2.0, center_rate=0.25)
    trainer.compile(keras.optimizers.SGD(0.0))
    images, labels = faces()
    before = trainer.centers.numpy()
    outputs = trainer.network(images, training=True)
    expected = before + 0.25 * np.asarray(
        center_update(
            *center_sums(
                labels, outputs["embedding"], outputs["distances"], before, 2.0
            )
        )
    )
    logs = trainer.train_on_batch(images, labels, return_dict=True)
    np.testing.assert_allclose(trainer.centers, expected, atol=1e-5)
    assert np.abs(expected - before).max() > 0
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(
        labels, outputs["logits"]
    )
    triplet = losses.TripletCenterLoss(2.0)(labels, outputs["distances"])
    assert np.isclose(logs["softmax"], softmax, rtol=1e-4)
    assert np.isclose(logs["triplet_center"], triplet, rtol=1e-4)
    assert np.isclose(logs["loss"], softmax + 0.007 * triplet, rtol=1e-4)


def test_gradients_of_the_network_are_those_of_the_joint_loss():
    keras.utils.set_random_seed(0)
    trainer = TripletCenterTrainer(
        network(), margin=2.0, loss_weight=0.5, center_rate=0.0
    )
    images, labels = faces()
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainer.compile(keras.optimizers.SGD(0.1))
    kernel = trainer.network.get_layer("embedding").kernel
    with tf.GradientTape() as tape:
        outputs = trainer.network(images, training=True)
        total = softmax(labels, outputs["logits"])
        total += 0.5 * losses.TripletCenterLoss(2.0)(
            labels, outputs["distances"]
        )
    expected = kernel.numpy() - 0.1 * tape.gradient(total, kernel.value).numpy()
    trainer.train_on_batch(images, labels)
    np.testing.assert_allclose(kernel, expected, atol=1e-5)


@pytest.mark.parametrize("classifier", ["softmax", "centers"])
def test_it_learns_and_measures(classifier):
    keras.utils.set_random_seed(0)
    softmax = classifier == "softmax"
    trainer = TripletCenterTrainer(
        network(0.2, classifier),
        margin=1.0,
        loss_weight=0.1 if softmax else 1.0,
        softmax=softmax,
    )
    trainer.compile(keras.optimizers.Adam(0.05), metrics=["accuracy"])
    images, labels = faces(48)
    history = trainer.fit(
        images,
        labels,
        validation_data=(images, labels),
        batch_size=12,
        epochs=15,
        verbose=0,
    ).history
    assert history["val_accuracy"][-1] > 0.9
    assert history["triplet_center"][-1] < history["triplet_center"][0]
    assert {"val_accuracy", "val_loss", "val_softmax"} <= set(history)


def test_its_weights_are_those_of_the_network():
    trainer = TripletCenterTrainer(network())
    trainer.compile("adam")
    trainer.fit(*faces(), verbose=0)
    for one, other in zip(
        trainer.get_weights(), trainer.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_centers_survive_save_and_load(tmp_path):
    trainer = TripletCenterTrainer(network(), center_rate=0.3)
    trainer.compile("adam")
    trainer.fit(*faces(), verbose=0)
    trainer.save(tmp_path / "trainer.keras")
    loaded = keras.models.load_model(tmp_path / "trainer.keras")
    np.testing.assert_array_equal(loaded.centers, trainer.centers)
    assert (loaded.center_rate, loaded.margin) == (0.3, 11.0)
    trainer.network.save(tmp_path / "network.keras")
    alone = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(
        alone.get_layer("distances").centers, trainer.centers
    )


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        trainer = TripletCenterTrainer(network())
    finally:
        keras.config.set_dtype_policy("float32")
    trainer.compile("adam")
    loss = trainer.fit(*faces(), verbose=0).history["loss"][0]
    assert np.isfinite(loss) and trainer.centers.dtype == "float32"


def test_sample_weights():
    """A face of weight 2 is two faces, one of weight 0 is none."""
    images, labels = faces()
    weights = np.array([2.0] * 3 + [0.0] * 3 + [1.0] * 6)
    rows = np.repeat(np.arange(12), weights.astype(int))
    moved = []
    for x, y, w in (
        (images, labels, weights),
        (images[rows], labels[rows], None),
    ):
        keras.utils.set_random_seed(0)
        trainer = TripletCenterTrainer(network(), margin=2.0)
        trainer.compile(keras.optimizers.SGD(0.0))
        trainer.train_on_batch(x, y, sample_weight=w)
        moved.append(trainer.centers.numpy())
    np.testing.assert_allclose(*moved, atol=1e-5)
    logs = trainer.test_on_batch(
        images, labels, sample_weight=np.zeros(12), return_dict=True
    )
    assert logs["loss"] == 0


def test_sums_add_up_over_parts_of_a_batch():
    """As several devices have them."""
    draws = np.random.default_rng(0)
    embeddings = draws.normal(size=(20, 5)).astype("float32")
    centers = draws.normal(size=(3, 5)).astype("float32")
    labels = draws.integers(3, size=20)
    distances = ((embeddings[:, None] - centers) ** 2).sum(axis=2) / 2

    def sums(part):
        return center_sums(
            labels[part], embeddings[part], distances[part], centers, 1.0
        )

    halves = zip(sums(slice(9)), sums(slice(9, None)), strict=True)
    for whole, (one, other) in zip(sums(slice(None)), halves, strict=True):
        np.testing.assert_allclose(whole, one + other, atol=1e-5)


def test_what_is_not_finite_moves_no_center():
    trainer = TripletCenterTrainer(network(), margin=2.0)
    trainer.compile(keras.optimizers.SGD(0.0))
    before = trainer.centers.numpy()
    images, labels = faces()
    images[0] = 1e38  # whose square float32 cannot hold
    trainer.train_on_batch(images, labels)
    np.testing.assert_array_equal(trainer.centers, before)


def test_refuses_a_network_without_the_heads():
    plain = models.DAFCNN((32, 32, 1), 3, width=0.05)
    with pytest.raises(ValueError, match="heads distances, embedding, logits"):
        TripletCenterTrainer(plain)

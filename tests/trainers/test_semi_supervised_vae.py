import keras
import numpy as np
import pytest

from keras_fer.models import VAEDecoder
from keras_fer.models import VAEEncoder
from keras_fer.trainers import SemiSupervisedVAE

SHAPE = (16, 16, 1)


def vae(latents=3, classes=3, **options):
    keras.utils.set_random_seed(0)
    return SemiSupervisedVAE(
        VAEEncoder(SHAPE, latents),
        VAEDecoder(latents, SHAPE),
        classes,
        **options,
    )


def faces(size=24, classes=3):
    """A bright stripe whose place is the class, and noise."""
    draws = np.random.default_rng(0)
    labels = np.arange(size) % classes
    images = draws.uniform(0, 120, (size, *SHAPE))
    for image, label in zip(images, labels, strict=True):
        image[4 * label : 4 * label + 4] += 130
    return images.astype("float32"), labels


def by_hand(outputs, images, labels, axes):
    """The three losses of each face, as the paper has them."""
    p = np.clip(outputs["reconstruction"] / 255, 1e-7, 1 - 1e-7)
    x = images / 255
    pixels = -(x * np.log(p) + (1 - x) * np.log(1 - p)).mean(axis=(1, 2, 3))
    mean, log_variance = outputs["mean"], outputs["log_variance"]
    divergence = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(
        axis=1
    )
    z = outputs["latents"][:, : max(axes) + 1]
    log_softmax = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    named = np.array(
        [
            -log_softmax[row, axes[label]] if axes[label] >= 0 else 0.0
            for row, label in enumerate(labels)
        ]
    )
    return pixels, divergence, named


@pytest.mark.parametrize(
    ("options", "axes"),
    [
        ({}, [0, 1, 2]),
        ({"neutral": 1}, [0, -1, 1]),
        ({"neutral": 2}, [0, 1, -1]),
    ],
)
def test_the_loss_by_hand(options, axes):
    model = vae(3, alpha=0.7, beta=2.0, gamma=5.0, **options)
    images, labels = faces()
    outputs = {name: value.numpy() for name, value in model(images).items()}
    parts = by_hand(outputs, images, labels, axes)
    weights = np.arange(1, 25)
    expected = 0.7 * parts[0] + 2 * parts[1] + 5 * parts[2]
    loss = model.compute_loss(images, labels, outputs)
    assert np.isclose(loss, expected.mean(), rtol=1e-4)
    weighted = model.compute_loss(images, labels, outputs, weights)
    assert np.isclose(weighted, (weights * expected).mean(), rtol=1e-4)
    for name, found in zip(
        ("reconstruction", "divergence", "classification"), parts, strict=True
    ):
        model.trackers[name].reset_state()
        model.compute_loss(images, labels, outputs)
        assert np.isclose(model.trackers[name].result(), found.mean(), 1e-4)


def test_without_gamma_labels_do_not_matter_without_beta_nor_the_variance():
    images, labels = faces()
    model = vae(gamma=0.0)
    outputs = model(images)
    losses = [
        float(model.compute_loss(images, y, outputs))
        for y in (labels, 0 * labels)
    ]
    assert losses[0] == losses[1]
    plain = vae(beta=0.0, gamma=0.0)
    outputs = plain(images)
    expected = by_hand(
        {k: v.numpy() for k, v in outputs.items()}, images, labels, [0, 1, 2]
    )
    assert np.isclose(
        plain.compute_loss(images, labels, outputs), expected[0].mean()
    )


def test_it_learns_to_name_and_to_draw(tmp_path):
    model = vae(beta=0.01, gamma=1.0)
    images, labels = faces()
    model.compile(keras.optimizers.Adam(3e-3), metrics=["accuracy"])
    model.fit(images, labels, batch_size=8, epochs=40, verbose=0)
    result = model.evaluate(images, labels, verbose=0, return_dict=True)
    assert result["accuracy"] == 1.0
    found = model.predict(images, verbose=0)
    np.testing.assert_array_equal(found["logits"].argmax(axis=1), labels)
    error = np.abs(found["reconstruction"] - images).mean()
    assert error < 0.8 * np.abs(images.mean(axis=0) - images).mean()
    # What was learned is on the axis of the expression.
    means = found["mean"]
    assert all(
        means[labels == k, k].mean() > means[labels != k, k].mean() + 1
        for k in range(3)
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    again = loaded.predict(images, verbose=0)
    for name, values in found.items():
        np.testing.assert_array_equal(values, again[name])
    assert float(loaded.gamma) == 1.0


def test_a_copy_has_the_same_weights_of_losses():
    model = vae(alpha=0.5, beta=0.01, gamma=0.0)
    copy = SemiSupervisedVAE.from_config(model.get_config())
    weights = [float(w) for w in (copy.alpha, copy.beta, copy.gamma)]
    np.testing.assert_allclose(weights, [0.5, 0.01, 0.0])


def test_without_labels_nothing_is_named():
    model = vae(gamma=3.0)
    images, labels = faces()
    outputs = model(images)
    expected = by_hand(
        {k: v.numpy() for k, v in outputs.items()}, images, labels, [0, 1, 2]
    )
    expected = (expected[0] + 2 * expected[1]).mean()
    for missing in (None, np.full(24, -1)):
        loss = model.compute_loss(images, missing, outputs)
        assert np.isclose(loss, expected, rtol=1e-4)
    model.compile("adam")
    assert np.isfinite(model.fit(images, verbose=0).history["loss"]).all()


def test_regularizers_count_and_large_variances_are_finite():
    model = vae(beta=0.0)
    images, labels = faces(6)
    plain = float(model.compute_loss(images, labels, model(images)))
    layer = model.encoder.get_layer("log_variance")
    layer.set_weights([w + 90 for w in layer.get_weights()])
    drawn = model(images, training=True)
    assert np.isfinite(model.compute_loss(images, labels, drawn))
    other = vae(beta=0.0)
    layer = other.encoder.get_layer("mean")
    layer.kernel.regularizer = keras.regularizers.L2(1.0)
    kernel, _ = other.encoder.get_layer("mean").get_weights()
    loss = float(other.compute_loss(images, labels, other(images)))
    assert np.isclose(loss - plain, (kernel**2).sum(), rtol=1e-3)


def test_draws_in_training_only():
    model = vae()
    images, _ = faces(4)
    one, other = (model(images, training=True)["latents"] for _ in range(2))
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(
        model(images)["latents"], model(images)["mean"]
    )


def test_weights_can_change_while_it_trains():
    model = vae(beta=0.0)
    images, labels = faces()
    model.compile(keras.optimizers.SGD(0.0))
    seen = []
    raise_beta = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: model.beta.assign(float(epoch))
    )
    history = model.fit(
        images,
        labels,
        epochs=2,
        batch_size=24,
        callbacks=[raise_beta],
        verbose=0,
    ).history
    seen = [
        total - 1.0 * pixels - 10.0 * named - epoch * divergence
        for epoch, (total, pixels, named, divergence) in enumerate(
            zip(
                history["loss"],
                history["reconstruction"],
                history["classification"],
                history["divergence"],
                strict=True,
            )
        )
    ]
    np.testing.assert_allclose(seen, 0, atol=1e-4)
    assert history["divergence"][1] > 0.001


def test_refuses():
    with pytest.raises(ValueError, match="at least 3 latent .*Received: 2"):
        vae(2)
    with pytest.raises(ValueError, match="0 to 2. Received: 3"):
        vae(neutral=3)
    with pytest.raises(ValueError, match="`beta` must .* Received: -1"):
        vae(beta=-1.0)

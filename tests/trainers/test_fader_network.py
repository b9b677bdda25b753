import keras
import numpy as np
import pytest

from keras_fer.models import ExpressionCNN
from keras_fer.models import FaderDecoder
from keras_fer.trainers import FaderNetwork
from keras_fer.trainers import RunCheckpoint

SHAPE = (16, 16, 1)


def fader(latents=3, conditional=False, **options):
    keras.utils.set_random_seed(0)
    return FaderNetwork(
        ExpressionCNN(SHAPE, latents, dropout_rate=0.0),
        FaderDecoder(latents + 3 * conditional, SHAPE),
        3,
        reference=2,
        conditional=conditional,
        **options,
    )


def faces(size=24):
    """A bright stripe whose place is the class, and noise."""
    draws = np.random.default_rng(0)
    labels = np.arange(size) % 3
    images = draws.uniform(0, 120, (size, *SHAPE))
    for image, label in zip(images, labels, strict=True):
        image[4 * label : 4 * label + 4] += 130
    return images.astype("float32"), labels


def by_hand(model, images, labels):
    """The losses of each face, in NumPy; a third of the faces is told."""
    outputs = {k: v.numpy() for k, v in model(images).items()}
    pixels = np.square((images - outputs["reconstruction"]) / 255)
    z = outputs["logits"]
    log_softmax = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    z = outputs["latents"]
    shared = z.mean(axis=1, keepdims=True)
    z = np.concatenate([z - shared, shared], axis=1)
    z = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-3)
    for layer in model.discriminator.layers[-2:]:
        z = layer(z).numpy()
    told = z[:, 0]
    p = 1 / (1 + np.exp(-told))
    truth = np.where(labels != 2, p, 1 - p)
    even = np.where(labels != 2, 0.75, 1.5)
    return (
        pixels.mean(axis=(1, 2, 3)),
        -log_softmax[np.arange(len(labels)), labels],
        -even * np.log(1 - truth),
        -even * np.log(truth),
    )


@pytest.mark.parametrize(
    ("weights", "ramp", "step", "share"),
    [((1.0, 0.1), 0, 0, 1), ((0.0, 0.0), 0, 0, 1), ((2.0, 0.4), 8, 2, 0.25)],
)
def test_the_loss_by_hand(weights, ramp, step, share):
    multiclass, adversarial = weights
    model = fader(
        multiclass_weight=multiclass,
        adversarial_weight=adversarial,
        ramp_steps=ramp,
    )
    model.step.assign(step)
    images, labels = faces()
    parts = by_hand(model, images, labels)
    expected = parts[0] + multiclass * parts[1] + share * adversarial * parts[2]
    counts = np.arange(24)
    outputs = model(images)
    loss = model.compute_loss(images, labels, outputs)
    assert np.isclose(loss, expected.mean(), rtol=1e-4)
    loss = model.compute_loss(images, labels, outputs, counts)
    assert np.isclose(loss, (counts * expected).mean(), rtol=1e-4)


def test_a_step_moves_the_discriminator_first_and_alone():
    """With stochastic descent each step is known by hand."""
    model = fader()
    images, labels = faces()
    model.compile(
        keras.optimizers.SGD(0.0),
        discriminator_optimizer=keras.optimizers.SGD(0.5),
    )
    before = by_hand(model, images, labels)[3].mean()
    weights = [w.numpy().copy() for w in model.encoder.weights]
    history = model.fit(images, labels, batch_size=24, epochs=3, verbose=0)
    after = by_hand(model, images, labels)[3].mean()
    assert after < before
    # What is shown is measured after the discriminator has moved.
    assert np.isclose(history.history["discriminator"][-1], after, rtol=1e-4)
    for one, other in zip(weights, model.encoder.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    model.compile(
        keras.optimizers.SGD(0.5),
        discriminator_optimizer=keras.optimizers.SGD(0.0),
    )
    moved = model.discriminator.trainable_variables
    still = [w.numpy().copy() for w in moved]
    model.fit(images, labels, batch_size=24, epochs=1, verbose=0)
    for one, other in zip(still, moved, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(
        not np.array_equal(one, other)
        for one, other in zip(weights, model.encoder.weights, strict=True)
    )
    assert float(model.step) == 4


def test_the_discriminator_may_move_more_often():
    images, labels = faces()

    def after(steps, epochs):
        model = fader(discriminator_steps=steps)
        still, moved = keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.5)
        model.compile(still, discriminator_optimizer=moved)
        model.fit(images, labels, batch_size=24, epochs=epochs, verbose=0)
        return [w.numpy() for w in model.discriminator.trainable_variables]

    for one, other in zip(after(3, 2), after(1, 6), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_nobody_hides_by_moving_with_all_others():
    discriminator = fader().discriminator
    latents = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
    told = discriminator(latents, training=True)
    moved = discriminator(4 * latents + 30, training=True)
    np.testing.assert_allclose(told, moved, atol=2e-3)


def test_nobody_hides_behind_what_all_variables_share():
    discriminator = fader().discriminator
    hidden = discriminator.layers[-2]
    kernel, bias = hidden.get_weights()
    kernel[3] = 0  # the fourth input is the shared one
    hidden.set_weights([kernel, bias])
    draws = np.random.default_rng(0)
    latents = draws.normal(size=(24, 3)).astype("float32")
    loud = 1000 * draws.normal(size=(24, 1)).astype("float32")
    told = discriminator(latents, training=True)
    np.testing.assert_allclose(
        told, discriminator(latents + loud, training=True), atol=2e-3
    )


def test_knowing_how_often_something_occurs_is_no_knowledge():
    """The constant answer that loses least is one half, whatever the shares."""
    model = fader()
    images, labels = faces()
    last = model.discriminator.layers[-1]
    last.kernel.assign(np.zeros((100, 1)))
    outputs = model(images)

    def told(bias):
        last.bias.assign([bias])
        model.compute_loss(images, labels, outputs)
        value = float(model.trackers["discriminator"].result())
        model.trackers["discriminator"].reset_state()
        return value

    assert np.isclose(told(0.0), np.log(2))
    assert np.isclose(told(0.3), told(-0.3)) and told(0.3) > told(0.0)
    # A batch without the reference has but one side.
    labels = np.zeros_like(labels)
    assert np.isclose(told(0.0), np.log(2) / 2)


def test_the_encoder_learns_to_hide(tmp_path):
    """Against the adversary the truth is told worse, and faces come back."""

    def trained(weight):
        model = fader(multiclass_weight=0.0, adversarial_weight=weight)
        model.compile(keras.optimizers.Adam(3e-3), keras.optimizers.Adam(3e-3))
        images, labels = faces()
        model.fit(images, labels, batch_size=8, epochs=20, verbose=0)
        return model, by_hand(model, images, labels)

    open_, open_losses = trained(0.0)
    hiding, losses = trained(0.3)
    assert losses[3].mean() > open_losses[3].mean() + 0.2
    images, labels = faces()
    even = np.square((images - images.mean(axis=0)) / 255).mean()
    assert open_losses[0].mean() < even
    hiding.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    one, other = (m.predict(images, verbose=0) for m in (hiding, loaded))
    np.testing.assert_array_equal(
        one["reconstruction"], other["reconstruction"]
    )


def test_a_conditional_decoder_draws_what_it_is_told():
    model = fader(conditional=True)
    images, labels = faces(6)
    told = model(images, labels=labels)["reconstruction"]
    other = model(images, labels=(labels + 1) % 3)["reconstruction"]
    assert not np.allclose(told, other)
    own = model(images)
    named = own["logits"].numpy().argmax(axis=1)
    again = model(images, labels=named)["reconstruction"]
    np.testing.assert_array_equal(own["reconstruction"], again)
    model.compile("adam")
    history = model.fit(images, labels, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    with pytest.raises(ValueError, match="decoder of 6 numbers. Received: 3"):
        FaderNetwork(
            ExpressionCNN(SHAPE, 3),
            FaderDecoder(3, SHAPE),
            3,
            reference=0,
            conditional=True,
        )


def test_it_goes_on_as_if_it_had_never_stopped(tmp_path):
    """Both optimizers, from a checkpoint and from a file."""
    images, labels = faces()

    def train(model, folder, epochs, initial=0):
        checkpoint = RunCheckpoint(folder, [], None)
        model.fit(
            images,
            labels,
            batch_size=24,
            epochs=epochs,
            initial_epoch=initial,
            shuffle=False,
            callbacks=[checkpoint],
            verbose=0,
        )
        return [w.numpy() for w in model.weights]

    def compiled():
        model = fader()
        model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02))
        return model

    whole = train(compiled(), tmp_path / "whole", 4)
    train(compiled(), tmp_path / "parts", 2)
    resumed = train(compiled(), tmp_path / "parts", 4, 2)
    half = compiled()
    train(half, tmp_path / "half", 2)
    half.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    assert float(loaded.discriminator_optimizer.learning_rate) == (
        pytest.approx(0.02)
    )
    train(loaded, tmp_path / "other", 2)
    for one, other in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(one, other)


def test_evaluated_with_the_labels_it_is_conditioned_on():
    model = fader(conditional=True, multiclass_weight=0.0)
    images, labels = faces()
    model.compile(keras.optimizers.SGD(0.0))
    measured = model.evaluate(images, labels, verbose=0, return_dict=True)
    told = model(images, labels=labels)["reconstruction"].numpy()
    expected = np.square((images - told) / 255).mean()
    assert np.isclose(measured["reconstruction"], expected, rtol=1e-4)
    own = model(images)["reconstruction"].numpy()
    assert not np.isclose(np.square((images - own) / 255).mean(), expected)


def test_refuses():
    with pytest.raises(ValueError, match="0 to 6. Received: 7"):
        FaderNetwork(ExpressionCNN(SHAPE), FaderDecoder(7, SHAPE), reference=7)
    with pytest.raises(ValueError, match="`discriminator_steps` must be at"):
        fader(discriminator_steps=0)
    with pytest.raises(ValueError, match="`adversarial_weight` must"):
        fader(adversarial_weight=-1)

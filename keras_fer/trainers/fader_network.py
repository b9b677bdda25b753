"""An autoencoder whose latent variables hide whether there is emotion."""

import keras
import tensorflow as tf
from keras import ops

from keras_fer.trainers.semi_supervised_vae import check_weights
from keras_fer.trainers.semi_supervised_vae import devices
from keras_fer.trainers.triplet_center_trainer import loss_metric


@keras.saving.register_keras_serializable(package="keras_fer")
class FaderNetwork(keras.Model):
    """Train an encoder and a decoder against a discriminator.

    A discriminator learns to tell from the latent variables whether a face
    shows the reference expression or another. The encoder learns to hide it,
    to let the latent variables name the expression, and, with the decoder, to
    give the picture back:

        squared error + multiclass_weight · cross entropy of the latents
        - adversarial_weight · log(1 - probability of the truth)

    The squared error is the mean over the pixels in [0, 1]; the paper names no
    reduction. What the discriminator says of the reference expression counts as
    much as what it says of all others together: else the truth is foretold by
    how often it occurs, and to hide that drives all latent variables one way.
    It sees the mean of the latent variables that name expressions, which
    softmax does not, apart from their differences to it, and each input at mean
    0 and deviation 1 over the batch (in validation, over what was trained on):
    else a face hides by moving with all others, or small differences behind a
    large mean.

    Each step first moves the discriminator, once or more often, then encoder
    and decoder, each by an optimizer of its own. The three conditions of the
    paper's figure 8 are weights of (0, 0), (1, 0) and (1, .1).

    Args:
        encoder: network from images, pixels in `[0, 255]`, to latent
            variables, of which the first name expressions, as
            `models.ExpressionCNN`.
        decoder: network from latent variables to pixels in `[0, 255]`, as
            `models.FaderDecoder`; if conditional, from latent variables
            followed by a one-hot expression.
        num_classes: number of expressions.
        reference: number of the expression that is told from all others.
        multiclass_weight: of the cross entropy of the latent variables.
        adversarial_weight: of the adversarial loss, λ.
        ramp_steps: steps over which λ grows from 0, as Lample et al. have it;
            the loss of validation grows with it.
        conditional: give the decoder the expression, as Lample et al. do; the
            paper's does not.
        discriminator_units: units of the discriminator's hidden layer, which
            the paper leaves open.
        discriminator_steps: how often the discriminator is moved a step.

    Attributes:
        step: number of steps that were trained.

    Call arguments:
        images: `(batch, height, width, channels)`, pixels in `[0, 255]`.
        labels: `(batch,)`, the expressions that a conditional decoder is given;
            by default those that the latent variables name.

    Returns of a call:
        A dict of `"reconstruction"` (pixels in `[0, 255]`), `"latents"` and
        `"logits"`, the first `num_classes` of them, of which metrics are
        computed.

    Raises:
        ValueError: a weight is negative, `reference` is no class, the
            discriminator is never moved, or encoder and decoder do not fit.

    Example:

    >>> import numpy as np
    >>> from keras_fer import models, trainers
    >>> fader = trainers.FaderNetwork(
    ...     models.ExpressionCNN((16, 16, 1)),
    ...     models.FaderDecoder(7, (16, 16, 1)),
    ... )
    >>> fader.compile("adam", discriminator_optimizer="adam")
    >>> data = np.zeros((14, 16, 16, 1)), np.arange(14) % 7
    >>> history = fader.fit(*data, verbose=0)
    >>> sorted(history.history)
    ['adversarial', 'discriminator', 'loss', 'multiclass', 'reconstruction']

    Reference:
        - Barradas-Chacon et al., section 2.3. Its P_BC, printed as a cross
          entropy, is taken for the discriminator's probability.
        - [Lample et al., 2017](https://arxiv.org/abs/1706.00409)
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        num_classes: int = 7,
        *,
        reference: int = 6,
        multiclass_weight: float = 1.0,
        adversarial_weight: float = 0.1,
        ramp_steps: int = 0,
        conditional: bool = False,
        discriminator_units: int = 100,
        discriminator_steps: int = 1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_weights(
            multiclass_weight=multiclass_weight,
            adversarial_weight=adversarial_weight,
            ramp_steps=ramp_steps,
        )
        if reference not in range(num_classes):
            raise ValueError(
                f"`reference` must be a class, 0 to {num_classes - 1}. "
                f"Received: {reference}"
            )
        if discriminator_steps < 1:
            raise ValueError(
                "`discriminator_steps` must be at least 1. Received: "
                f"{discriminator_steps}"
            )
        if len(encoder.outputs) != 1:
            raise ValueError(
                "expected an encoder with one head. Received: "
                f"{len(encoder.outputs)}"
            )
        latents = encoder.output_shape[-1]
        given = latents + (num_classes if conditional else 0)
        if latents < num_classes or decoder.input_shape[-1] != given:
            raise ValueError(
                f"expected an encoder of at least {num_classes} latent "
                f"variables, and a decoder of {given} numbers. Received: "
                f"{latents} and {decoder.input_shape[-1]}"
            )
        self.encoder, self.decoder = encoder, decoder
        self.num_classes, self.reference = num_classes, reference
        self.multiclass_weight = multiclass_weight
        self.adversarial_weight = adversarial_weight
        self.ramp_steps = ramp_steps
        self.conditional = conditional
        self.discriminator_units = discriminator_units
        self.discriminator_steps = discriminator_steps
        self.discriminator = _discriminator(
            latents, num_classes, discriminator_units
        )
        self.step = self.add_weight(
            shape=(),
            initializer="zeros",
            trainable=False,
            dtype="float32",
            name="step",
        )
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in (
                "reconstruction",
                "multiclass",
                "adversarial",
                "discriminator",
            )
        }

    def compile(
        self, optimizer="adam", discriminator_optimizer="adam", **kwargs
    ):
        """Set both optimizers, and metrics of the logits.

        Args:
            optimizer: of encoder and decoder.
            discriminator_optimizer: of the discriminator.
            kwargs: further arguments of `keras.Model.compile`.
        """
        super().compile(optimizer, **kwargs)
        self.discriminator_optimizer = keras.optimizers.get(
            discriminator_optimizer
        )
        # At once, on all devices and as when they are loaded from a file.
        self.optimizer.build(self._learned())
        self.discriminator_optimizer.build(
            self.discriminator.trainable_variables
        )

    def get_compile_config(self):
        return {
            **super().get_compile_config(),
            "discriminator_optimizer": keras.saving.serialize_keras_object(
                self.discriminator_optimizer
            ),
        }

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    def call(self, images, labels=None, training=None):
        latents = ops.cast(self.encoder(images, training=training), "float32")
        logits = latents[:, : self.num_classes]
        given = latents
        if self.conditional:
            if labels is None:
                labels = ops.argmax(logits, axis=1)
            attributes = ops.one_hot(
                ops.reshape(ops.cast(labels, "int32"), (-1,)), self.num_classes
            )
            given = ops.concatenate([latents, attributes], axis=1)
        return {
            "reconstruction": self.decoder(given, training=training),
            "latents": latents,
            "logits": logits,
        }

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        labels = ops.reshape(ops.cast(y, "int32"), (-1,))
        difference = ops.cast(x, "float32") - y_pred["reconstruction"]
        emotion, balance = self._told_apart(labels)
        told = self.discriminator(y_pred["latents"], training=training)[:, 0]
        losses = {
            "reconstruction": ops.mean(
                ops.square(difference / 255), axis=(1, 2, 3)
            ),
            "multiclass": ops.sparse_categorical_crossentropy(
                labels, y_pred["logits"], from_logits=True
            ),
            # -log(1 - probability of the truth): that of the opposite.
            "adversarial": balance
            * ops.binary_crossentropy(1 - emotion, told, from_logits=True),
            "discriminator": balance
            * ops.binary_crossentropy(emotion, told, from_logits=True),
        }
        for name, values in losses.items():
            self.trackers[name].update_state(values, sample_weight)
        share = 1.0
        if self.ramp_steps:
            share = ops.minimum(self.step / self.ramp_steps, 1.0)
        total = (
            losses["reconstruction"]
            + self.multiclass_weight * losses["multiclass"]
            + share * self.adversarial_weight * losses["adversarial"]
        )
        total = ops.mean(_weighted(total, sample_weight))
        return (total + sum(self.losses)) / devices()

    def _told_apart(self, labels):
        """Which faces show emotion, and weights that make both sides even."""
        emotion = ops.cast(labels != self.reference, "float32")
        share = ops.mean(emotion)
        # Of a batch without one side the other counts half.
        own = ops.where(emotion > 0, share, 1 - share)
        return emotion, 0.5 / own

    def _learned(self):
        """What the optimizer of encoder and decoder moves."""
        networks = self.encoder, self.decoder
        return [v for one in networks for v in one.trainable_variables]

    def train_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        labels = ops.reshape(ops.cast(y, "int32"), (-1,))
        emotion, balance = self._told_apart(labels)
        latents = ops.cast(self.encoder(x, training=False), "float32")
        for _ in range(self.discriminator_steps):
            with tf.GradientTape() as tape:
                told = self.discriminator(latents, training=True)[:, 0]
                losses = balance * ops.binary_crossentropy(
                    emotion, told, from_logits=True
                )
                loss = ops.mean(_weighted(losses, sample_weight)) / devices()
            self._apply(
                self.discriminator_optimizer,
                tape,
                loss,
                self.discriminator.trainable_variables,
            )
        with tf.GradientTape() as tape:
            given = labels if self.conditional else None
            y_pred = self(x, labels=given, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = self.optimizer.scale_loss(loss)
        self._apply(self.optimizer, tape, scaled, self._learned())
        self.step.assign_add(1.0)
        self._show(loss, labels)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        given = y if self.conditional else None
        y_pred = self(x, labels=given, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self._show(loss, ops.reshape(y, (-1,)))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def _show(self, loss, labels):
        count = ops.shape(labels)[0]
        loss_metric(self).update_state(loss * devices(), sample_weight=count)

    def _apply(self, optimizer, tape, loss, variables):
        gradients = tape.gradient(loss, [v.value for v in variables])
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, y, y_pred["logits"], sample_weight)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "num_classes": self.num_classes,
            "reference": self.reference,
            "multiclass_weight": self.multiclass_weight,
            "adversarial_weight": self.adversarial_weight,
            "ramp_steps": self.ramp_steps,
            "conditional": self.conditional,
            "discriminator_units": self.discriminator_units,
            "discriminator_steps": self.discriminator_steps,
        }

    @classmethod
    def from_config(cls, config):
        parts = [
            keras.saving.deserialize_keras_object(config.pop(name))
            for name in ("encoder", "decoder")
        ]
        return cls(*parts, **config)


def _discriminator(latents, num_classes, units):
    given = keras.Input((latents,))
    # To move together costs neither cross entropy nor, much, the picture.
    logits, others = given[:, :num_classes], given[:, num_classes:]
    shared = ops.mean(logits, axis=1, keepdims=True)
    x = ops.concatenate([logits - shared, shared, others], axis=1)
    x = keras.layers.BatchNormalization(
        center=False, scale=False, dtype="float32"
    )(x)
    x = keras.layers.Dense(units, "relu", dtype="float32")(x)
    x = keras.layers.Dense(1, dtype="float32")(x)
    return keras.Model(given, x, name="discriminator")


def _weighted(losses, sample_weight):
    if sample_weight is None:
        return losses
    return losses * ops.reshape(ops.cast(sample_weight, losses.dtype), (-1,))

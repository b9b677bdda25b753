"""A variational autoencoder whose latent variables name expressions."""

import keras
import tensorflow as tf
from keras import ops

from keras_fer import layers
from keras_fer.models import generative


@keras.saving.register_keras_serializable(package="keras_fer")
class SemiSupervisedVAE(keras.Model):
    """Train an encoder and a decoder so that each expression has its axis.

    Three losses, weighted by α, β and γ: binary cross entropy of pixels, the
    divergence of the latent variables from N(0, 1), and softmax cross entropy
    of the sampled latent variables, whose first ones are the expressions. With
    γ = 0 it is a β-VAE, with β = γ = 0 an autoencoder (that still samples).

    The weights are variables, which a callback may change:
    `vae.beta.assign(1.0)`; they are saved and loaded with all others. Train it
    as any model on images and labels (-1 counts no classification; with none at
    all, compile it without metrics); then `vae.encoder` and `vae.decoder` are
    models of their own.

    Args:
        encoder: network from images, pixels in `[0, 255]`, to a dict of
            `"mean"` and `"log_variance"`, as `models.VAEEncoder`.
        decoder: network from latent variables to pixels in `[0, 255]`, as
            `models.VAEDecoder`.
        num_classes: number of expressions.
        alpha: weight of the reconstruction.
        beta: weight of the divergence.
        gamma: weight of the classification.
        neutral: number of the expression that has no axis but lies at the
            origin: its label is all zeros, so no axis is asked for.
            By default every expression has an axis.
        seed: integer seed of the sampling.

    Attributes:
        alpha, beta, gamma: the weights.

    Call arguments:
        images: `(batch, height, width, channels)`, pixels in `[0, 255]`.

    Returns of a call:
        A dict of `"reconstruction"` (pixels in `[0, 255]`), `"latents"` (in
        training a draw, else the mean), `"mean"`, `"log_variance"`, and
        `"logits"` `(batch, num_classes)`, of which metrics are computed: the
        latent variables of the expressions, and for one without an axis the
        constant .5, halfway to what names the others.

    Raises:
        ValueError: a weight is negative, `neutral` is no class, or there are
            fewer latent variables than expressions with an axis.

    Example:

    >>> import numpy as np
    >>> from keras_fer import models, trainers
    >>> vae = trainers.SemiSupervisedVAE(
    ...     models.VAEEncoder((16, 16, 1), 7), models.VAEDecoder(7, (16, 16, 1))
    ... )
    >>> vae.compile("adam", metrics=["accuracy"])
    >>> data = np.zeros((14, 16, 16, 1)), np.arange(14) % 7
    >>> history = vae.fit(*data, verbose=0)
    >>> sorted(history.history)[1:]
    ['classification', 'divergence', 'loss', 'reconstruction']

    Reference:
        - Barradas-Chacon et al., section 2.4. Reconstruction is the mean over
          the pixels (of two versions of the code the one whose weights are
          those of the paper); the classification is softmax cross entropy, as
          in the code, not the printed binary form.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        num_classes: int = 7,
        *,
        alpha: float = 1.0,
        beta: float = 2.0,
        gamma: float = 10.0,
        neutral: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        latents = decoder.input_shape[-1]
        check_weights(alpha=alpha, beta=beta, gamma=gamma)
        axes = len(generative.expression_axes(num_classes, neutral))
        if latents < axes:
            raise ValueError(
                f"expected at least {axes} latent variables, one an "
                f"expression. Received: {latents}"
            )
        self.encoder, self.decoder = encoder, decoder
        self.num_classes, self.neutral, self.seed = num_classes, neutral, seed
        self.axes = axes
        self.initial = {"alpha": alpha, "beta": beta, "gamma": gamma}
        self.sampling = layers.GaussianSampling(seed, name="latents")
        self.alpha, self.beta, self.gamma = (
            self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(value),
                trainable=False,
                dtype="float32",
                name=name,
            )
            for name, value in self.initial.items()
        )
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in ("reconstruction", "divergence", "classification")
        }

    def call(self, images, training=None):
        found = self.encoder(images, training=training)
        # Without the divergence nothing else bounds it.
        found["log_variance"] = ops.minimum(found["log_variance"], 20.0)
        latents = self.sampling(
            [found["mean"], found["log_variance"]], training=training
        )
        return {
            **found,
            "latents": latents,
            "reconstruction": self.decoder(latents, training=training),
            "logits": generative.name_by_axes(
                latents, self.num_classes, self.neutral
            ),
        }

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        if y is None:
            y = ops.full(ops.shape(x)[:1], -1)
        labels = ops.reshape(ops.cast(y, "int32"), (-1,))
        target = ops.one_hot(labels, self.num_classes)
        if self.neutral is not None:
            parts = target[:, : self.neutral], target[:, self.neutral + 1 :]
            target = ops.concatenate(parts, axis=1)
        named = ops.log_softmax(y_pred["latents"][:, : self.axes], axis=1)
        mean, log_variance = y_pred["mean"], y_pred["log_variance"]
        losses = {
            "reconstruction": reconstruction_loss(x, y_pred["reconstruction"]),
            "divergence": -0.5
            * ops.sum(
                1 + log_variance - ops.square(mean) - ops.exp(log_variance),
                axis=1,
            ),
            "classification": -ops.sum(target * named, axis=1),
        }
        for name, values in losses.items():
            self.trackers[name].update_state(values, sample_weight)
        total = (
            self.alpha * losses["reconstruction"]
            + self.beta * losses["divergence"]
            + self.gamma * losses["classification"]
        )
        if sample_weight is not None:
            total *= ops.reshape(ops.cast(sample_weight, total.dtype), (-1,))
        return (ops.mean(total) + sum(self.losses)) / devices()

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, y, y_pred["logits"], sample_weight)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "num_classes": self.num_classes,
            "neutral": self.neutral,
            "seed": self.seed,
            **self.initial,
        }

    @classmethod
    def from_config(cls, config):
        parts = [
            keras.saving.deserialize_keras_object(config.pop(name))
            for name in ("encoder", "decoder")
        ]
        return cls(*parts, **config)


def reconstruction_loss(images, reconstructions):
    """Binary cross entropy of pixels in `[0, 255]`, `(batch,)`: their mean."""
    images, reconstructions = (
        ops.cast(values, "float32") / 255
        for values in (images, reconstructions)
    )
    losses = ops.binary_crossentropy(images, reconstructions)
    return ops.mean(losses, axis=(1, 2, 3))


def devices() -> int:
    """How many devices share a batch; each has its part of a mean."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def check_weights(**weights: float):
    """Refuse weights of losses that are negative.

    Raises:
        ValueError: one is.
    """
    for name, value in weights.items():
        if value < 0:
            raise ValueError(f"`{name}` must be at least 0. Received: {value}")

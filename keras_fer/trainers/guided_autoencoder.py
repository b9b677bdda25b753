"""An autoencoder whose pictures a comparator must recognize."""

import keras
from keras import ops

from keras_fer.trainers.semi_supervised_vae import check_weights
from keras_fer.trainers.semi_supervised_vae import devices
from keras_fer.trainers.semi_supervised_vae import reconstruction_loss


@keras.saving.register_keras_serializable(package="keras_fer")
class GuidedAutoencoder(keras.Model):
    """Train an autoencoder that keeps the expression, as a comparator sees it.

    The loss is the cross entropy of pixels, less the comparator's probability,
    weighted by `guidance`, that a reconstruction and another face of the batch
    with the expression of the original show the same. Where no other face of
    the batch shows it, the original itself is compared. The comparator is
    frozen (`trainable = False`, where else it is used too).

    Args:
        encoder: network from images, pixels in `[0, 255]`, to latent
            variables.
        decoder: network from them to pixels in `[0, 255]`.
        comparator: network as `models.SiameseComparator`.
        guidance: weight of the comparator, λ; 0 is a plain autoencoder, and
            the comparator is not asked.
        seed: integer seed of the choice of the other faces.

    Call arguments:
        images: `(batch, height, width, channels)`, pixels in `[0, 255]`.

    Returns of a call:
        A dict of `"reconstruction"` (pixels in `[0, 255]`) and `"latents"`.

    Raises:
        ValueError: `guidance` is negative.

    Example:

    >>> import numpy as np
    >>> from keras_fer import models, trainers
    >>> autoencoder = trainers.GuidedAutoencoder(
    ...     models.ExpressionCNN((16, 16, 1)),
    ...     models.FaderDecoder(7, (16, 16, 1)),
    ...     models.SiameseComparator(models.ComparatorEncoder((16, 16, 1))),
    ... )
    >>> autoencoder.compile("adam")
    >>> data = np.zeros((14, 16, 16, 1)), np.arange(14) % 7
    >>> history = autoencoder.fit(*data, verbose=0)
    >>> sorted(history.history)
    ['guidance', 'loss', 'reconstruction']

    Reference:
        - Barradas-Chacon et al., section 2.2. Its weight is not given; its
          first term, called reconstruction but written on other symbols, is
          the cross entropy of pixels.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        comparator: keras.Model,
        guidance: float = 0.1,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_weights(guidance=guidance)
        self.encoder, self.decoder = encoder, decoder
        self.comparator = comparator
        comparator.trainable = False
        self.guidance, self.seed = guidance, seed
        self.generator = keras.random.SeedGenerator(seed)
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in ("reconstruction", *["guidance"] * (guidance > 0))
        }

    def call(self, images, training=None):
        latents = self.encoder(images, training=training)
        return {
            "reconstruction": self.decoder(latents, training=training),
            "latents": latents,
        }

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        labels = ops.reshape(ops.cast(y, "int32"), (-1,))
        total = reconstruction_loss(x, y_pred["reconstruction"])
        losses = {"reconstruction": total}
        if self.guidance:
            images = ops.cast(x, "float32")
            others = ops.take(images, self._others(labels, training), axis=0)
            pair = {"first": y_pred["reconstruction"], "second": others}
            logits = self.comparator(pair, training=False)
            losses["guidance"] = ops.sigmoid(logits)[:, 0]
            total -= self.guidance * losses["guidance"]
        for name, values in losses.items():
            self.trackers[name].update_state(values, sample_weight)
        if sample_weight is not None:
            total *= ops.reshape(ops.cast(sample_weight, total.dtype), (-1,))
        return (ops.mean(total) + sum(self.losses)) / devices()

    def _others(self, labels, training=True):
        """For each face of the batch another one of its expression."""
        count = ops.shape(labels)[0]
        # Measured twice, the same faces are compared.
        seed = self.generator if training else 0
        chance = keras.random.uniform((count, count), seed=seed)
        same = ops.cast(labels[:, None] == labels[None], "float32")
        # Another of the expression before the face itself, both before others.
        return ops.argmax(same * (2 + chance) - 1.5 * ops.eye(count), axis=1)

    def get_config(self):
        parts = ("encoder", "decoder", "comparator")
        return {
            **super().get_config(),
            **{
                name: keras.saving.serialize_keras_object(getattr(self, name))
                for name in parts
            },
            "guidance": self.guidance,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        parts = [
            keras.saving.deserialize_keras_object(config.pop(name))
            for name in ("encoder", "decoder", "comparator")
        ]
        return cls(*parts, **config)

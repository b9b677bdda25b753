"""Parts of the recipes of generative models: networks and their trainers."""

import dataclasses
from collections.abc import Callable

import cv2
import keras
import numpy as np

from keras_fer import models
from keras_fer import trainers
from keras_fer.datasets.corpus import Corpus

_SIGMA = 0.5, 2.5  # of the blur, pixels


def vae_network(
    input_shape: tuple[int, int, int],
    latents: int = 7,
    num_classes: int = 7,
    *,
    neutral: int | None = None,
) -> keras.Model:
    """Build encoder and decoder of the semi-supervised β-VAE, joined.

    Args:
        input_shape: `(height, width, channels)`.
        latents: number of latent variables.
        num_classes: number of expressions.
        neutral: as of `models.Autoencoder`.

    Returns:
        A `models.Autoencoder`.

    Example:

    >>> from keras_fer.recipes import generative_recipes
    >>> network = generative_recipes.vae_network((16, 16, 1))
    >>> sorted(network.output)
    ['latents', 'logits', 'reconstruction']
    """
    return models.Autoencoder(
        models.VAEEncoder(input_shape, latents),
        models.VAEDecoder(latents, input_shape),
        num_classes,
        neutral=neutral,
    )


def fader_network(
    input_shape: tuple[int, int, int], num_classes: int = 7
) -> keras.Model:
    """Build encoder and decoder of the Fader network, joined.

    The encoder is the classifier of figure 6 without its dropout, which would
    be noise just before the latent variables.

    Args:
        input_shape: `(height, width, channels)`.
        num_classes: number of expressions, and of latent variables.

    Returns:
        A `models.Autoencoder`.

    Example:

    >>> from keras_fer.recipes import generative_recipes
    >>> network = generative_recipes.fader_network((16, 16, 1))
    >>> network.output["latents"].shape
    (None, 7)
    """
    return models.Autoencoder(
        models.ExpressionCNN(input_shape, num_classes, dropout_rate=0.0),
        models.FaderDecoder(num_classes, input_shape),
        num_classes,
    )


def semi_supervised_vae(network: keras.Model, **options) -> keras.Model:
    """Make the trainer of a `vae_network`.

    Args:
        network: the network.
        options: of `trainers.SemiSupervisedVAE`.

    Returns:
        The trainer, which moves the network's weights.

    Example:

    >>> from keras_fer.recipes import generative_recipes
    >>> network = generative_recipes.vae_network((16, 16, 1))
    >>> vae = generative_recipes.semi_supervised_vae(network, beta=0.5)
    >>> float(vae.beta)
    0.5
    """
    return trainers.SemiSupervisedVAE(*_parts(network), **options)


def fader(network: keras.Model, **options) -> keras.Model:
    """Make the trainer of a `fader_network`.

    Args:
        network: the network.
        options: of `trainers.FaderNetwork`.

    Returns:
        The trainer, which moves the network's weights.

    Example:

    >>> from keras_fer.recipes import generative_recipes
    >>> network = generative_recipes.fader_network((16, 16, 1))
    >>> trainer = generative_recipes.fader(network, adversarial_weight=0.5)
    >>> trainer.adversarial_weight
    0.5
    """
    return trainers.FaderNetwork(*_parts(network), **options)


def load_half_blurred(split: str, *, load: Callable, **options) -> Corpus:
    """Read a split and blur every other face.

    What decoders of generative models draw is soft; whoever names or reads it
    must have seen soft faces.

    Args:
        split: of the corpus.
        load: loader of the corpus.
        options: of `load`.

    Returns:
        A `Corpus`.

    Example:

    >>> from keras_fer.datasets import procedural
    >>> from keras_fer.recipes import generative_recipes
    >>> faces = generative_recipes.load_half_blurred(
    ...     "val", load=procedural.load_data, images=4, size=32
    ... )
    >>> faces.images.shape
    (4, 32, 32, 1)
    """
    return half_blurred(load(split, **options))


def half_blurred(corpus: Corpus) -> Corpus:
    """Blur every other face, by a Gaussian of .5 to 2.5 pixels.

    A classifier of such faces can judge what decoders draw, which is soft.

    Args:
        corpus: a split; it stays as it is.

    Returns:
        A `Corpus` of the same faces in the same order.

    Example:

    >>> from keras_fer import datasets
    >>> from keras_fer.recipes import generative_recipes
    >>> faces = datasets.procedural.load_data("val", images=7, size=32)
    >>> len(generative_recipes.half_blurred(faces))
    7
    """
    images = corpus.images.copy()
    sigmas = np.random.default_rng(0).uniform(*_SIGMA, len(corpus))
    for row in range(1, len(corpus), 2):
        blurred = cv2.GaussianBlur(images[row], (0, 0), sigmas[row])
        images[row] = blurred.reshape(images[row].shape)
    return dataclasses.replace(corpus, images=images)


def _parts(network):
    classes = network.output["logits"].shape[-1]
    return network.get_layer("encoder"), network.get_layer("decoder"), classes

"""Parts of the recipes of generative models: networks and their trainers."""

import keras

from keras_fer import models
from keras_fer import trainers


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
        models.ExpressionCNN(input_shape, num_classes),
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


def _parts(network):
    classes = network.output["logits"].shape[-1]
    return network.get_layer("encoder"), network.get_layer("decoder"), classes

"""The semi-supervised β-VAE on procedural faces, whose factors are known.

Losses weighted 1, 2, 10 as in the paper, seven latent variables, of which each
names an expression. `ABLATIONS`: neutral at the origin, and a grid over β and
γ, from the plain autoencoder (0, 0) on; since pixels count as their mean, β = 2
outweighs them, and smaller ones are tried. `_wide` has 32 latent variables, β =
.0005 and γ = .1, and so room for who it is; runs `_lab` see heads held
before one camera. 15 epochs of Adam, whose rate falls from 1e-3 to 1e-5; the
last counts. Three seeds; one of the grid, `_wide` and `_lab`.
"""

import dataclasses
from functools import partial

from keras_fer.datasets import fer2013
from keras_fer.datasets import procedural
from keras_fer.recipes.generative_recipes import semi_supervised_vae
from keras_fer.recipes.generative_recipes import vae_network
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.recipe import adam

_SHAPE = (64, 64, 1)
_NEUTRAL = fer2013.INFO.classes.index("neutral")

EPOCHS = 15
STEPS_PER_EPOCH = 250  # 16,000 images in batches of 64

RECIPE = Recipe(
    name="vae_procedural",
    paper="no figure",
    cost=f"{EPOCHS} × 16,000 images at 64×64, bfloat16: 8 minutes a seed on "
    "one core",
    corpus=partial(
        procedural.load_data, classes=fer2013.INFO.classes, size=_SHAPE[0]
    ),
    model=partial(vae_network, _SHAPE),
    trainer=partial(semi_supervised_vae, alpha=1.0, beta=2.0, gamma=10.0),
    optimizer=adam(EPOCHS * STEPS_PER_EPOCH),
    epochs=EPOCHS,
    batch_size=64,
    monitor=None,
    precision="mixed_bfloat16",
    seeds=3,
)

ORIGIN = dataclasses.replace(
    RECIPE,
    name="vae_procedural_origin",
    model=partial(vae_network, _SHAPE, latents=6, neutral=_NEUTRAL),
    trainer=partial(RECIPE.trainer, neutral=_NEUTRAL),
)


def _weighted(beta, gamma):
    return dataclasses.replace(
        RECIPE,
        name=f"vae_procedural_beta_{beta:g}_gamma_{gamma:g}".replace(".", "p"),
        trainer=partial(RECIPE.trainer, beta=beta, gamma=gamma),
        seeds=None,
    )


GRID = tuple(
    _weighted(beta, gamma)
    for beta, gamma in (
        (0.0, 0.0),
        (0.002, 0.0),
        (0.01, 0.0),
        (2.0, 0.0),
        (0.002, 0.1),
        (0.0, 10.0),
        (0.002, 10.0),
        (0.01, 10.0),
    )
)

WIDE = dataclasses.replace(
    RECIPE,
    name="vae_procedural_wide",
    paper="no figure",
    model=partial(vae_network, _SHAPE, latents=32),
    trainer=partial(RECIPE.trainer, beta=0.0005, gamma=0.1),
    seeds=None,
)


def held_still(recipe: Recipe) -> Recipe:
    """Let procedural faces differ in little but person and expression.

    Args:
        recipe: a recipe of procedural faces.

    Returns:
        The recipe, of one seed, with `_lab` after its name.

    Example:

    >>> from keras_fer.recipes import vae_procedural
    >>> vae_procedural.held_still(vae_procedural.RECIPE).name
    'vae_procedural_lab'
    """
    return dataclasses.replace(
        recipe,
        name=f"{recipe.name}_lab",
        corpus=partial(recipe.corpus, domain="lab"),
        seeds=None,
    )


ABLATIONS = (
    ORIGIN,
    *GRID,
    WIDE,
    *map(held_still, (RECIPE, ORIGIN, WIDE)),
)

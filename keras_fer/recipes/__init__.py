"""Experiments, one a file: `<model>_<corpus>[_<variant>]`.

A file holds its `RECIPE` and, where the paper has a table of them, what is left
when parts are taken away: `ABLATIONS`.
"""

import functools
import importlib
import pkgutil

from keras_fer.recipes.compact_recipe import CompactRecipe
from keras_fer.recipes.recipe import Recipe
from keras_fer.recipes.siamese_recipe import SiameseRecipe

_NOT_RECIPES = (
    "attention_figures",
    "audit",
    "card",
    "compact",
    "compact_card",
    "compact_network",
    "compact_parts",
    "compact_recipe",
    "compact_summary",
    "compound_figures",
    "compound_recipe",
    "compound_table",
    "cross_validation",
    "demo",
    "embedding_figures",
    "emma_recipes",
    "emotion_map_figures",
    "features",
    "filter_figures",
    "generative_recipes",
    "latent_figures",
    "latent_measures",
    "latent_table",
    "recipe",
    "repetition",
    "run",
    "run_folder",
    "siamese",
    "siamese_recipe",
    "siamese_summary",
    "table",
)


def names() -> list[str]:
    """Names of all recipes.

    Example:

    >>> from keras_fer import recipes
    >>> "zero_bias_cnn_fer2013" in recipes.names()
    True
    """
    return sorted(_all())


def get(name: str) -> Recipe | CompactRecipe | SiameseRecipe:
    """Find a recipe by its name.

    Raises:
        ValueError: there is no such recipe.

    Example:

    >>> from keras_fer import recipes
    >>> recipes.get("zero_bias_cnn_fer2013").batch_size
    64
    """
    found = _all()
    if name not in found:
        raise ValueError(
            f"no recipe is called {name!r}. There are: {', '.join(names())}"
        )
    return found[name]


@functools.cache
def _all():
    modules = (
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if module.name not in _NOT_RECIPES
    )
    return {
        recipe.name: recipe
        for module in modules
        for recipe in (module.RECIPE, *getattr(module, "ABLATIONS", ()))
    }


__all__ = ["CompactRecipe", "Recipe", "SiameseRecipe", "get", "names"]

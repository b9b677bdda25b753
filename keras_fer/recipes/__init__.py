"""Experiments, one a file: `<model>_<corpus>[_<variant>]`."""

import importlib
import pkgutil

from keras_fer.recipes.recipe import Recipe

_NOT_RECIPES = ("card", "demo", "recipe", "run", "run_folder", "table")


def names() -> list[str]:
    """Names of all recipes.

    Example:

    >>> from keras_fer import recipes
    >>> "zero_bias_cnn_fer2013" in recipes.names()
    True
    """
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in modules if name not in _NOT_RECIPES)


def get(name: str) -> Recipe:
    """Find a recipe by its name.

    Raises:
        ValueError: there is no such recipe.

    Example:

    >>> from keras_fer import recipes
    >>> recipes.get("zero_bias_cnn_fer2013").batch_size
    64
    """
    if name not in names():
        raise ValueError(
            f"no recipe is called {name!r}. There are: {', '.join(names())}"
        )
    return importlib.import_module(f"{__name__}.{name}").RECIPE


__all__ = ["Recipe", "get", "names"]

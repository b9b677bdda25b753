"""What an experiment with compound expressions is made of."""

import dataclasses
from collections.abc import Callable

from keras_fer.recipes.recipe import Recipe


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompoundRecipe(Recipe):
    """A network of basic expressions that is to name compounds as well.

    It is trained as any other; `compound_figures.name_compounds` then asks it
    about faces whose labels it has never seen.

    Args: those of `Recipe`, and

        compounds: `load_data` of the compounds, called as `corpus`.
        compound_splits: its splits that are named, all of them together.
        mixed: ways to mix, each a method of its own: layers of the network, as
            `head` of `models.compose`, or `"standardized"`: its outputs, each
            brought to mean 0 and deviation 1 over the training faces.

    Example:

    >>> from keras_fer import recipes
    >>> recipes.get("emma_raf_db_dan").mixed
    ('similarity',)

    Reference:
        - EMMA, section 3.2.
    """

    compounds: Callable
    compound_splits: tuple[str, ...] = ("test",)
    mixed: tuple[str, ...] = ("similarity",)

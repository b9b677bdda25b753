"""The rows of EMMA's table 1, made of the first."""

import dataclasses
from collections.abc import Callable
from functools import partial

import keras

from keras_fer import models
from keras_fer.recipes.compound_recipe import CompoundRecipe
from keras_fer.recipes.recipe import Recipe


def emma_network(
    backbone: Callable[[], keras.Model],
    num_classes: int,
    *,
    trained: tuple[str, ...] | None = None,
    **options,
) -> keras.Model:
    """Build an `EMMA` on a new backbone.

    Args:
        backbone: maker of the backbone.
        num_classes: number of expressions.
        trained: layers of the backbone that are learned, as the beginnings of
            their names; none for the vectors alone. By default all.
        options: of `models.EMMA`.
    """
    network = backbone()
    if trained is not None:
        _freeze(network, trained)
    return models.EMMA(network, num_classes, **options)


def _freeze(network, trained):
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            _freeze(layer, trained)
        elif not layer.name.startswith(trained):
            layer.trainable = False


def table_1(
    recipe: CompoundRecipe,
    num_compounds: int,
    *,
    compound_settings: dict,
    transfer_settings: dict,
    **papers: str,
) -> tuple[Recipe, ...]:
    """Make the other rows of a backbone in table 1.

    Args:
        recipe: EMMA with the constrained angle loss, whose model is a partial
            `emma_network`.
        num_compounds: number of compound expressions.
        compound_settings: settings of training the whole network on compounds.
        transfer_settings: settings of training vectors alone on compounds.
        papers: the paper's figures, of `ce`, `general`, `transfer` and
            `ce_transfer`.

    Returns:
        `_ce`, trained on the basic expressions by cross entropy; `_general`,
        on the compounds by cross entropy; `_transfer` and `_ce_transfer`, whose
        features are those of the run of the same seed, and whose new vectors
        learn the compounds by angles with slope 1 (section 5).
    """
    softmax = dataclasses.replace(
        recipe,
        name=f"{recipe.name}_ce",
        paper=papers.get("ce", "no figure"),
        model=partial(recipe.model, angles=False),
        mixed=("similarity", "probabilities"),
    )
    shared = {
        field.name: getattr(recipe, field.name)
        for field in dataclasses.fields(Recipe)
    }
    plain = Recipe(
        **{
            **shared,
            "name": f"{recipe.name}_general",
            "paper": papers.get("general", "no figure"),
            "corpus": recipe.compounds,
            "model": partial(
                recipe.model, num_classes=num_compounds, angles=False
            ),
            **compound_settings,
        }
    )
    vectors = partial(
        recipe.model,
        num_classes=num_compounds,
        trained=(),
        negative_slope=1.0,
    )
    seed = "/seed_{seed}" if recipe.seeds else ""
    moved = (
        dataclasses.replace(
            plain,
            name=f"{source.name}_transfer",
            paper=papers.get(kind, "no figure"),
            model=vectors,
            init=f"{source.name}{seed}",
            **transfer_settings,
        )
        for source, kind in ((recipe, "transfer"), (softmax, "ce_transfer"))
    )
    return softmax, plain, *moved

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

    Returns:
        The network, images to logits.

    Raises:
        ValueError: `trained` names no layer, and as `models.EMMA`.

    Example:

    >>> from functools import partial
    >>> from keras_fer import models
    >>> from keras_fer.recipes import emma_recipes
    >>> backbone = partial(models.DAFCNN, (48, 48, 1), width=0.125)
    >>> network = emma_recipes.emma_network(backbone, 6, trained=())
    >>> [weight.path for weight in network.trainable_weights][0]
    'cosines/vectors'
    """
    return models.EMMA(_frozen(backbone, trained), num_classes, **options)


def softmax_network(
    backbone: Callable[[], keras.Model],
    num_classes: int,
    *,
    layer: str | None = "embedding",
    dropout_rate: float = 0.2,
    trained: tuple[str, ...] | None = None,
) -> keras.Model:
    """Build a plain classifier on a new backbone: the paper's rows of L_CE.

    Args:
        backbone: maker of the backbone.
        num_classes: number of expressions.
        layer: as of `models.EMMA`.
        dropout_rate: share of features dropped.
        trained: as of `emma_network`.

    Returns:
        The network, images to logits. Its backbone lies where that of `EMMA`
        does, so each can start from the other.

    Raises:
        ValueError: `trained` names no layer.

    Example:

    >>> from functools import partial
    >>> from keras_fer import models
    >>> from keras_fer.recipes import emma_recipes
    >>> backbone = partial(models.DAFCNN, (48, 48, 1), width=0.125)
    >>> emma_recipes.softmax_network(backbone, 11).output_shape
    (None, 11)
    """
    network = _frozen(backbone, trained)
    features = network.get_layer(layer).output if layer else network.outputs[0]
    body = keras.Model(network.inputs[0], features, name="backbone")
    images = keras.Input(body.input_shape[1:], name="images")
    x = keras.layers.Dropout(dropout_rate, dtype="float32", name="dropout")(
        body(images)
    )
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    return keras.Model(images, logits, name="softmax")


def _frozen(backbone, trained):
    network = backbone()
    if trained is not None:
        kept = _freeze(network, trained)
        if trained and not kept:
            raise ValueError(
                f"`trained` names no layer of {network.name}. Received: "
                f"{trained}"
            )
    return network


def _freeze(network, trained):
    """Freeze all other layers; how many are left."""
    kept = 0
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            kept += _freeze(layer, trained)
        elif layer.name.startswith(trained):
            kept += 1
        else:
            layer.trainable = False
    return kept


def by_softmax(recipe: CompoundRecipe, name: str, **changes) -> CompoundRecipe:
    """The same recipe with cross entropy: a plain classifier is trained.

    Compounds are named by its logits, each brought to mean 0 and deviation 1
    over the training faces (as the batch normalization of equation 5 does
    with cosines, but for what it learns), by its probabilities, and by its
    logits as they are.

    Args:
        recipe: EMMA, whose model is a partial `emma_network`.
        name: name of the new recipe.
        changes: further ones.

    Returns:
        The recipe.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import emma_recipes
    >>> recipe = recipes.get("emma_raf_db_dan")
    >>> emma_recipes.by_softmax(recipe, "mine").mixed
    ('standardized', 'probabilities', 'logits')
    """
    return dataclasses.replace(
        recipe,
        **{
            "name": name,
            "paper": "no figure",
            "model": _plain(recipe.model),
            "loss": Recipe.loss,
            "mixed": ("standardized", "probabilities", "logits"),
            **changes,
        },
    )


def _plain(model):
    arguments = dict(model.keywords)
    arguments.pop("negative_slope", None)
    return partial(softmax_network, **arguments)


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

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import emma_recipes
    >>> rows = emma_recipes.table_1(
    ...     recipes.get("emma_raf_db_dan"),
    ...     11,
    ...     compound_settings={},
    ...     transfer_settings={"epochs": 5},
    ... )
    >>> [row.epochs for row in rows]
    [100, 100, 5, 5]
    """
    softmax = by_softmax(
        recipe, f"{recipe.name}_ce", paper=papers.get("ce", "no figure")
    )
    shared = {
        field.name: getattr(recipe, field.name)
        for field in dataclasses.fields(Recipe)
    }
    compounds = {
        "corpus": recipe.compounds,
        "model": partial(_plain(recipe.model), num_classes=num_compounds),
        "loss": Recipe.loss,
        "paper": papers.get("general", "no figure"),
        "name": f"{recipe.name}_general",
    }
    general = Recipe(**{**shared, **compounds, **compound_settings})
    vectors = partial(
        recipe.model, num_classes=num_compounds, trained=(), negative_slope=1.0
    )
    seed = "/seed_{seed}" if recipe.seeds else ""
    transfer, ce_transfer = (
        dataclasses.replace(
            general,
            name=f"{source.name}_transfer",
            paper=papers.get(kind, "no figure"),
            model=vectors,
            loss=recipe.loss,
            init=f"{source.name}{seed}",
            **transfer_settings,
        )
        for source, kind in ((recipe, "transfer"), (softmax, "ce_transfer"))
    )
    return softmax, general, transfer, ce_transfer

"""What an experiment is."""

import dataclasses
import functools
from collections.abc import Callable

import keras


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """One choice in each room: data, augmentation, network, training.

    Parts that have state are given as `functools.partial`, so that each run
    makes its own and their arguments can be written down.

    Args:
        name: name of the recipe's file.
        paper: the paper's figure, with its table, or that it has none.
        cost: images, steps and hours that the run takes, and on what.
        corpus: `load_data` of a corpus; called with the split, `data_dir` and
            `skip_bad`, and with `fold` where there are folds.
        model: builder of the network, with logits as its only head.
        optimizer: maker of the optimizer.
        epochs: number of epochs. A checkpoint is written after each.
        steps_per_epoch: batches an epoch, drawn with replacement; by default
            an epoch is a pass over the images.
        batch_size: images a batch.
        augmentation: maker of a layer, or none.
        target: column of the corpus that is learned: the expression, or columns
            of numbers, `("valence", "arousal")`, which the network's only head
            estimates.
        loss: loss on the head.
        trainer: maker of the model that is trained, of the network; it brings
            its own loss, and the network may have several heads, `"logits"`
            among them. By default the network itself is trained.
        callbacks: makers of further callbacks.
        monitor: entry of the logs by which the best epoch is chosen. It is
            measured on the validation split; a recipe cannot select on test.
            `None` keeps the last epoch, whatever it is.
        mode: `"max"` or `"min"`.
        precision: dtype policy while training. What is saved and evaluated is
            float32.
        seed: number from which weights, order, augmentation and dropout are
            drawn.
        folds: number of folds, each a run of its own whose test split is
            another part of the corpus; none for one run.
        seeds: number of runs that differ in nothing but their seed, 0 and up.
        init: run whose weights are the initial ones, as in `run.train`, where
            none is named there; `{seed}` in it stands for the seed.

    Raises:
        ValueError: a number is below 1, a name is unknown, or `monitor` is
            not a validation figure.

    Example:

    >>> import dataclasses
    >>> from keras_fer import recipes
    >>> recipe = recipes.get("zero_bias_cnn_fer2013")
    >>> dataclasses.replace(recipe, epochs=2).epochs
    2
    """

    name: str
    paper: str
    cost: str
    corpus: Callable
    model: Callable[..., keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    epochs: int
    steps_per_epoch: int | None = None
    batch_size: int = 64
    augmentation: Callable | None = None
    target: str | tuple[str, ...] = "expression"
    loss: keras.losses.Loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True
    )
    trainer: Callable[[keras.Model], keras.Model] | None = None
    callbacks: tuple[Callable, ...] = ()
    monitor: str | None = "val_accuracy"
    mode: str = "max"
    precision: str = "float32"
    seed: int = 0
    folds: int | None = None
    seeds: int | None = None
    init: str | None = None

    def __post_init__(self):
        for name in (
            "epochs",
            "steps_per_epoch",
            "batch_size",
            "folds",
            "seeds",
        ):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: {name}={value}"
                )
        for name, allowed in (
            ("mode", ("max", "min")),
            ("precision", ("float32", "mixed_bfloat16", "mixed_float16")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(allowed)}. Received: "
                    f"{name}={getattr(self, name)!r}"
                )
        if not self.estimates and self.target != "expression":
            raise ValueError(
                "`target` must be 'expression' or a tuple of columns. Received:"
                f" target={self.target!r}"
            )
        if self.estimates:
            for name in ("folds", "seeds", "trainer"):
                if getattr(self, name):
                    raise ValueError(
                        f"a recipe of numbers has no `{name}`. Received: "
                        f"{name}={getattr(self, name)!r}"
                    )
            known = (
                "val_concordance_correlation",
                "val_rmse",
                "val_loss",
                None,
            )
            if self.monitor not in known:
                raise ValueError(
                    "`monitor` of a recipe of numbers must be one of "
                    f"{', '.join(map(str, known))}. Received: {self.monitor!r}"
                )
        if self.folds and self.seeds:
            raise ValueError("a recipe has `folds` or `seeds`, not both")
        if not (self.monitor or "val_").startswith("val_"):
            raise ValueError(
                "`monitor` must be a validation figure, 'val_…', or None. "
                f"Received: monitor={self.monitor!r}"
            )

    @property
    def estimates(self) -> bool:
        """Whether numbers are learned instead of expressions."""
        return not isinstance(self.target, str)

    def of_fold(self, fold: int) -> "Recipe":
        """The recipe of one fold, which has no folds itself.

        Raises:
            ValueError: there is no such fold.
        """
        if fold not in range(self.folds or 0):
            raise ValueError(
                f"{self.name} has {self.folds or 'no'} folds"
                f"{f', 0 to {self.folds - 1}' if self.folds else ''}. "
                f"Received: fold={fold}"
            )
        corpus = functools.partial(self.corpus, fold=fold)
        return dataclasses.replace(self, corpus=corpus, folds=None)

    def of_seed(self, seed: int) -> "Recipe":
        """The recipe of one seed, a single run."""
        init = self.init and self.init.replace("{seed}", str(seed))
        return dataclasses.replace(self, seed=seed, seeds=None, init=init)

    def to_json(self) -> dict:
        """The recipe as plain values, to be written beside what it made."""
        return describe(self)


def adam(steps: int, rate: float = 1e-3) -> Callable:
    """Make a maker of Adam, whose rate falls along a half cosine.

    Args:
        steps: number of steps, after which the rate is a hundredth.
        rate: of the first step.

    Returns:
        A callable that makes the optimizer.

    Example:

    >>> from keras_fer.recipes import recipe
    >>> optimizer = recipe.adam(100)()
    >>> f"{float(optimizer.learning_rate):.3f}"
    '0.001'
    """
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.01)
    return functools.partial(keras.optimizers.Adam, learning_rate=schedule)


def describe(value):
    """A recipe or a part of it as plain values: names, numbers, arguments."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: describe(getattr(value, name)) for name in names}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [describe(item) for item in value]
    if isinstance(value, dict):
        return {str(key): describe(item) for key, item in value.items()}
    if isinstance(value, functools.partial):
        return {
            "call": describe(value.func),
            **({"args": describe(value.args)} if value.args else {}),
            **describe(value.keywords),
        }
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    config = describe(value.get_config())
    return {"call": describe(type(value)), **config}

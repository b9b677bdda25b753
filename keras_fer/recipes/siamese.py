"""Siamese comparators and the autoencoders that they guide: the experiment."""

import time
from pathlib import Path

import keras
import numpy as np
import rich.progress
import tensorflow as tf

from keras_fer import analysis
from keras_fer import datasets
from keras_fer import losses
from keras_fer import models
from keras_fer import trainers
from keras_fer import visualization
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes import siamese_summary
from keras_fer.recipes.siamese_recipe import SiameseRecipe

_SAVED = 0  # fold whose comparators are kept
_RANDOM = "random"  # the comparator of random weights, in names of parts


def train(
    recipe: SiameseRecipe,
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    resume: bool = False,
    skip_bad: bool = False,
) -> Path:
    """Train every comparator of a recipe on every fold, then what they guide.

    Pairs are drawn after the split, so nobody in a test pair was seen before.

    Args:
        recipe: the experiment.
        folder: run folder; must not hold a run yet.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        resume: go on after what is finished.
        skip_bad: leave out malformed images instead of stopping.

    Returns:
        The run folder, with `recipe.json`, `metrics.json`, `README.md`,
        `comparators.png`, with guidance `guidance.png`, and in `parts/` the
        figures of each comparator and fold, and the comparators of the first.

    Raises:
        CorpusError: the corpus is missing or malformed.
        RunError: the folder holds a run, or one of other settings, or the run
            of an encoder is missing.

    Example:

    >>> from keras_fer import recipes
    >>> from keras_fer.recipes import siamese
    >>> recipe = recipes.get("siamese_ck_plus")
    >>> siamese.train(recipe, "runs/siamese")  # doctest: +SKIP
    PosixPath('runs/siamese')
    """
    folder = Path(folder)
    run_folder.check_free(folder, resume)
    tf.config.experimental.enable_op_determinism()
    for comparator in recipe.comparators.values():
        _encoder(comparator)
    settings = {**recipe.to_json(), "skip_bad": skip_bad}
    run_folder.check_settings(settings, folder)
    options = {"data_dir": data_dir, "skip_bad": skip_bad}
    with run_folder.locked(folder):
        run_folder.check_free(folder, resume)
        run_folder.write_settings(settings, folder)
        jobs = [
            (fold, name)
            for fold in range(recipe.folds)
            for name in recipe.comparators
        ]
        bar = progress_bar(recipe.name)
        for fold, name in rich.progress.track(jobs, **bar):
            path = part_path(folder, name, fold)
            if not path.is_file():
                faces = _Faces(recipe, fold, options)
                _compare(recipe, name, faces, path)
        if recipe.guidance:
            bar = progress_bar(f"{recipe.name}: guidance")
            folds = range(recipe.guidance.folds)
            for fold in rich.progress.track(folds, **bar):
                path = part_path(folder, "guidance", fold)
                if not path.is_file():
                    faces = _Faces(recipe, fold, options)
                    _guide(recipe, faces, folder, path)
        siamese_summary.summarize(recipe, folder)
    return folder


def part_path(folder: Path, name: str, fold: int) -> Path:
    """Where the figures of a comparator and fold lie."""
    return folder / "parts" / f"{name}_{fold}.json"


class _Faces:
    """The training faces of a fold and those of other people."""

    def __init__(self, recipe, fold, options):
        self.fold = fold
        self.train = recipe.load("train", fold=fold, **options)
        self.test = recipe.load("test", fold=fold, **options)
        self.augment = recipe.augmentation() if recipe.augmentation else None
        self.steps = len(self.train) // recipe.batch_size

    def changed(self, images, *seed):
        """Training images as the networks see them, float32."""
        if self.augment is None:
            return images.astype(np.float32)
        return self.augment(images, seed=seed).numpy()

    def batches(self, recipe, epochs):
        return self.train.to_dataset(
            recipe.batch_size,
            shuffle=True,
            augment=self.augment,
            seed=self.fold,
            epochs=range(epochs),
        )


def _compare(recipe, name, faces, path):
    """Train a comparator on one fold, and ask it about the others' pairs."""
    began = time.monotonic()
    keras.utils.set_random_seed(faces.fold)
    comparator = _comparator(recipe, recipe.comparators[name], faces)
    seconds = time.monotonic() - began
    pairs = datasets.expression_pairs(faces.test, recipe.pairs, seed=faces.fold)
    answers = comparator.predict(_inputs(pairs), batch_size=256, verbose=0)
    figures = {
        "parameters": comparator.count_params(),
        "seconds": round(seconds, 2),
        "train_images": len(faces.train),
        "test_images": len(faces.test),
        "data_sha256": [faces.train.sha256(), faces.test.sha256()],
        "classes": list(faces.test.info.classes),
        "notes": [*faces.train.notes, *faces.test.notes],
        "pairs": len(pairs),
        "same": pairs.same.tolist(),
        "kinds": pairs.kinds.tolist(),
        "expressions": pairs.expressions.tolist(),
        "named": (answers[:, 0] > 0).astype(int).tolist(),
    }
    path.parent.mkdir(exist_ok=True)
    # Those of the guided autoencoders are needed later.
    guided = recipe.guidance
    needed = guided and guided.comparator == name and faces.fold < guided.folds
    if needed or faces.fold == _SAVED:
        part = path.with_suffix(".part.keras")
        comparator.save(part)
        part.replace(path.with_suffix(".keras"))
    run_folder.write_json(path, figures)
    _forget()


def _encoder(comparator):
    if isinstance(comparator.encoder, str):
        return run_folder.load(run.find_run(comparator.encoder))
    return comparator.encoder()


def _comparator(recipe, of, faces):
    encoder = _encoder(of)
    if of.pretraining:
        _pretrain(recipe, of, encoder, faces)
    comparator = models.SiameseComparator(
        encoder,
        second_encoder=None if of.shared else _encoder(of),
        layer=of.layer,
        compare=of.compare,
    )
    for layer in comparator.layers:
        encodes = layer.name in ("encoder", "second_encoder")
        layer.trainable = not of.frozen if encodes else of.shared
    _fit_pairs(recipe, comparator, faces)
    return comparator


def _fit_pairs(recipe, comparator, faces):
    """Train on pairs, other ones each epoch."""
    first = _draw(recipe, faces, 0)
    steps = recipe.epochs * -(-len(first) // recipe.batch_size)
    comparator.compile(
        _adam(recipe.learning_rate, steps),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    for epoch in range(recipe.epochs):
        pairs = first if not epoch else _draw(recipe, faces, epoch)
        inputs = {
            name: faces.changed(images, epoch, place)
            for place, (name, images) in enumerate(_inputs(pairs).items())
        }
        comparator.fit(
            inputs,
            pairs.same,
            batch_size=recipe.batch_size,
            shuffle=False,
            verbose=0,
        )


def _draw(recipe, faces, epoch):
    return datasets.expression_pairs(
        faces.train, recipe.pairs, seed=[faces.fold, epoch]
    )


def _inputs(pairs):
    return {"first": pairs.first, "second": pairs.second}


def _adam(rate, steps):
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.01)
    return keras.optimizers.Adam(schedule)


def _pretrain(recipe, of, encoder, faces):
    """Train an encoder on single faces."""
    features = (
        encoder.get_layer(of.layer).output if of.layer else encoder.outputs[0]
    )
    if of.pretraining == "classification":
        classes = len(faces.train.info.classes)
        features = keras.layers.Dense(classes, dtype="float32")(features)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    else:
        loss = losses.SupervisedContrastiveLoss()
    network = keras.Model(encoder.inputs[0], features)
    _fit_faces(recipe, network, loss, faces, recipe.pretraining_epochs)


def _fit_faces(recipe, network, loss, faces, epochs, rate=None):
    network.compile(
        _adam(rate or recipe.learning_rate, epochs * faces.steps), loss
    )
    network.fit(
        faces.batches(recipe, epochs),
        epochs=epochs,
        steps_per_epoch=faces.steps,
        shuffle=False,
        verbose=0,
    )


def _guide(recipe, faces, folder, path):
    """Train autoencoders on one fold, each with another guidance."""
    guidance = recipe.guidance
    began = time.monotonic()
    keras.utils.set_random_seed(1000 + faces.fold)
    judge = guidance.judge()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = guidance.learning_rate
    _fit_faces(recipe, judge, loss, faces, guidance.epochs, rate)
    source = part_path(folder, guidance.comparator, faces.fold)
    comparator = keras.models.load_model(source.with_suffix(".keras"))
    (random,) = run_folder.untrained(comparator, 1)
    runs = {f"{weight:g}": (weight, comparator) for weight in guidance.weights}
    largest = max(guidance.weights)
    runs[f"{largest:g}, {_RANDOM}"] = (largest, random)
    labels = faces.test.labels["expression"]
    figures = {
        "judge": {
            "originals": _names(judge, faces.test.images),
            "labels": labels.tolist(),
        },
        "runs": {},
    }
    for name, (weight, of) in runs.items():
        keras.utils.set_random_seed(faces.fold)
        autoencoder = trainers.GuidedAutoencoder(
            guidance.encoder(),
            guidance.decoder(),
            of,
            guidance=weight,
            seed=faces.fold,
        )
        _fit_faces(recipe, autoencoder, None, faces, guidance.epochs, rate)
        latents = analysis.encode(autoencoder.encoder, faces.test.images)
        pictures = analysis.decode(autoencoder.decoder, latents)
        difference = pictures.astype(np.float32) - faces.test.images
        pair = {"first": pictures, "second": faces.test.images}
        same = comparator.predict(pair, batch_size=256, verbose=0)
        figures["runs"][name] = {
            "named": _names(judge, pictures),
            "rmse": float(np.sqrt(np.square(difference).mean())),
            # How often the comparator takes a picture for its original.
            "recognized": float((same > 0).mean()),
        }
        if faces.fold == _SAVED:
            _save_pictures(folder, name, faces.test, pictures)
    figures["seconds"] = round(time.monotonic() - began, 2)
    run_folder.write_json(path, figures)
    _forget()


def _names(judge, images):
    return (
        judge.predict(images.astype(np.float32), batch_size=256, verbose=0)
        .argmax(axis=1)
        .tolist()
    )


def _save_pictures(folder, name, corpus, pictures):
    """A sheet of faces above what became of them, one of each expression."""
    labels = corpus.labels["expression"]
    rows = np.unique(labels, return_index=True)[1]
    figure = run_folder.new_figure((len(rows) + 0.9, 2.7))
    visualization.plot_faces(
        np.stack([corpus.images[rows], pictures[rows]]),
        ["face", "decoded"],
        [corpus.info.classes[k] for k in labels[rows]],
        f"{folder.name}: guidance {name}",
        figure,
    )
    stem = name.replace(", ", "_").replace(".", "p")
    run_folder.save_figure(figure, folder / f"guided_{stem}.png")


def _forget():
    """Else each network stays in memory."""
    policy = keras.config.dtype_policy()
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)

"""Siamese comparators and the autoencoders that they guide: the experiment."""

import copy
import dataclasses
import functools
import time
from pathlib import Path

import keras
import numpy as np
import rich.progress
import tensorflow as tf

from keras_fer import analysis
from keras_fer import datasets
from keras_fer import export as exports
from keras_fer import losses
from keras_fer import models
from keras_fer import trainers
from keras_fer import visualization
from keras_fer.datasets.progress import progress_bar
from keras_fer.recipes import generative_recipes
from keras_fer.recipes import run
from keras_fer.recipes import run_folder
from keras_fer.recipes import siamese_summary
from keras_fer.recipes.recipe import adam
from keras_fer.recipes.run_folder import RunError
from keras_fer.recipes.siamese_recipe import PERMUTED
from keras_fer.recipes.siamese_recipe import SiameseRecipe

_SAVED = 0  # fold whose comparators are kept


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
        `comparators.png`, with guidance `guidance.png` and `guided_*.png`, and
        in `parts/` the figures of each comparator and fold, the comparators of
        the first fold, and of all folds those that guide.

    Raises:
        CorpusError: the corpus is missing or malformed.
        RunError: the folder holds a run, or one of other settings or data, or
            the run of an encoder is missing.

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
    encoders = {of.encoder for of in recipe.comparators.values()}
    settings = {
        **recipe.to_json(),
        "skip_bad": skip_bad,
        "weights_sha256": {
            source: exports.weights_sha256(_encoder(source))
            for source in sorted(of for of in encoders if isinstance(of, str))
        },
    }
    run_folder.check_settings(settings, folder)
    options = {"data_dir": data_dir, "skip_bad": skip_bad}
    with run_folder.locked(folder):
        run_folder.check_free(folder, resume)
        run_folder.write_settings(settings, folder)
        parts = [*recipe.comparators, *["guidance"] * bool(recipe.guidance)]
        jobs = [
            (fold, name)
            for fold in range(recipe.folds)
            for name in parts
            if name != "guidance" or fold < recipe.guidance.folds
        ]
        faces = None
        for fold, name in rich.progress.track(
            jobs, **progress_bar(recipe.name)
        ):
            path = part_path(folder, name, fold)
            if path.is_file():
                continue
            if faces is None or faces.fold != fold:
                faces = _Faces(recipe, fold, options)
            if name == "guidance":
                _guide(recipe, faces, folder, path)
            else:
                _compare(recipe, name, faces, path)
            run_folder.forget_networks()
        siamese_summary.summarize(recipe, folder)
    return folder


def part_path(folder: str | Path, name: str, fold: int) -> Path:
    """Where the figures of a comparator and fold lie.

    Args:
        folder: run folder.
        name: of a comparator, or `"guidance"`.
        fold: its number.

    Returns:
        The path of a JSON file; a comparator that was kept lies beside it as
        `.keras`.

    Example:

    >>> from keras_fer.recipes import siamese
    >>> siamese.part_path("runs/siamese", "both", 0).as_posix()
    'runs/siamese/parts/both_0.json'
    """
    return Path(folder) / "parts" / f"{name}_{fold}.json"


class _Faces:
    """The training faces of a fold and those of other people."""

    def __init__(self, recipe, fold, options):
        self.fold = fold
        self.train = recipe.load("train", fold=fold, **options)
        self.test = recipe.load("test", fold=fold, **options)
        self.augment = recipe.augmentation() if recipe.augmentation else None
        self.batch_size = recipe.faces_batch_size
        self.draw = functools.partial(
            datasets.expression_pairs,
            count=recipe.pairs,
            faces_of_a_mean=recipe.faces_of_a_mean,
        )

    def permuted(self):
        """The same, with permuted labels of training.

        Frames of a sequence keep a label together: told three things of one
        face, a comparator would learn less than from three of strangers.
        """
        labels = self.train.labels["expression"]
        sequences = self.train.labels.get("sequence", np.arange(len(labels)))
        _, first, of_row = np.unique(
            sequences, return_index=True, return_inverse=True
        )
        draws = np.random.default_rng(self.fold)
        labels = draws.permutation(labels[first])[of_row]
        other = copy.copy(self)
        other.train = dataclasses.replace(
            self.train, labels={**self.train.labels, "expression": labels}
        )
        return other

    def half_blurred(self):
        """The same, with soft training faces, as decoders draw them."""
        other = copy.copy(self)
        other.train = generative_recipes.half_blurred(self.train)
        return other

    def pairs(self, epoch):
        """Training pairs as the networks see them, and whether alike."""
        pairs = self.draw(self.train, seed=[self.fold, epoch + 1])
        inputs = {
            name: images.astype(np.float32)
            if self.augment is None
            else self.augment(
                images, seed=(1000 * self.fold + epoch, place)
            ).numpy()
            for place, (name, images) in enumerate(_inputs(pairs).items())
        }
        return inputs, pairs.same

    def fit(self, network, loss, epochs, rate):
        """Train a network on single faces."""
        steps = len(self.train) // self.batch_size
        network.compile(adam(epochs * steps, rate)(), loss)
        network.fit(
            self.train.to_dataset(
                self.batch_size,
                shuffle=True,
                augment=self.augment,
                seed=self.fold,
                epochs=range(epochs),
            ),
            epochs=epochs,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
        )


def _compare(recipe, name, faces, path):
    """Train a comparator on one fold, and ask it about the others' pairs."""
    began = time.monotonic()
    keras.utils.set_random_seed(faces.fold)
    comparator, history = _comparator(recipe, recipe.comparators[name], faces)
    seconds = time.monotonic() - began
    pairs = faces.draw(faces.test, seed=faces.fold)
    answers = _logits(comparator, pairs.first, pairs.second)
    if not np.isfinite(answers).all():
        raise RunError(f"{path}: the comparator answers what is no number")
    averaged = pairs.expressions[pairs.kinds == "mean-mean", 0]
    classes = faces.test.info.classes
    figures = {
        "parameters": comparator.count_params(),
        "seconds": round(seconds, 2),
        "data_sha256": [faces.train.sha256(), faces.test.sha256()],
        "corpus": dataclasses.asdict(faces.test.info),
        "notes": [*faces.train.notes, *faces.test.notes],
        "without_means": sorted(set(classes) - {classes[k] for k in averaged}),
        "history": history,
        "same": pairs.same.tolist(),
        "kinds": pairs.kinds.tolist(),
        "logits": answers.astype(float).round(4).tolist(),
    }
    path.parent.mkdir(exist_ok=True)
    guided = recipe.guidance
    needed = guided and guided.comparator == name and faces.fold < guided.folds
    if needed or faces.fold == _SAVED:
        part = path.with_suffix(".part.keras")
        comparator.save(part)
        part.replace(path.with_suffix(".keras"))
    run_folder.write_json(path, figures)


def _encoder(source):
    """A network by its maker or the name of its run."""
    return run.load_named(source) if isinstance(source, str) else source()


def _comparator(recipe, of, faces):
    """A trained comparator, and what its training said each epoch."""
    encoder = _encoder(of.encoder)
    if of.pretraining:
        _pretrain(recipe, of, encoder, faces)
    comparator = models.SiameseComparator(
        encoder,
        second_encoder=None if of.shared else _encoder(of.encoder),
        layer=of.layer,
        compare=of.compare,
    )
    comparator.get_layer("comparison").trainable = of.trained_comparison
    return comparator, _fit_pairs(recipe, of, comparator, faces)


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
    rate = of.pretraining_rate or recipe.learning_rate
    faces.fit(network, loss, recipe.pretraining_epochs, rate)


def _fit_pairs(recipe, of, comparator, faces):
    """Train on pairs, other ones each epoch; loss and accuracy of each."""
    trained = comparator.get_layer("comparison") if of.frozen else comparator
    inputs, same = faces.pairs(0)
    epochs = of.epochs or recipe.epochs
    steps = epochs * -(-len(same) // recipe.batch_size)
    trained.compile(
        adam(
            steps,
            recipe.comparison_rate if of.frozen else recipe.learning_rate,
        )(),
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],
    )
    history = {"loss": [], "accuracy": []}
    for epoch in range(epochs):
        if epoch and not of.fixed_pairs:
            inputs, same = faces.pairs(epoch)
        given = _features(comparator, inputs) if of.frozen else inputs
        found = trained.fit(
            given,
            same,
            batch_size=recipe.batch_size,
            shuffle=False,
            verbose=0,
        ).history
        for name, values in history.items():
            values.append(round(found[name][0], 4))
    return history


def _features(comparator, inputs):
    """What a frozen encoder gives, without its dropout."""
    layers = {layer.name: layer for layer in comparator.layers}
    encoders = {
        "first": layers["encoder"],
        "second": layers.get("second_encoder", layers["encoder"]),
    }
    return {
        part: encoder.predict(inputs[part], batch_size=256, verbose=0)
        for part, encoder in encoders.items()
    }


def _inputs(pairs):
    return {"first": pairs.first, "second": pairs.second}


def _guide(recipe, faces, folder, path):
    """Train autoencoders on one fold, each with another guidance."""
    guidance = recipe.guidance
    began = time.monotonic()
    # Other first weights than the autoencoders have.
    keras.utils.set_random_seed(1000 + faces.fold)
    judge = guidance.judge()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = guidance.learning_rate
    faces.half_blurred().fit(judge, loss, guidance.epochs, rate)
    source = part_path(folder, guidance.comparator, faces.fold)
    comparator = keras.models.load_model(
        source.with_suffix(".keras"), compile=False
    )
    # The first weights of the comparator itself.
    keras.utils.set_random_seed(faces.fold)
    null, history = _comparator(
        recipe, recipe.comparators[guidance.comparator], faces.permuted()
    )
    runs = {}
    for weight in guidance.weights:
        runs[f"{weight:g}"] = weight, comparator
        if weight:
            runs[f"{weight:g}, {PERMUTED}"] = weight, null
    others = _others(faces.test, faces.fold)

    def seen(pictures):
        """What the judge and the comparator make of pictures of the faces."""
        named = judge.predict(
            pictures.astype(np.float32), batch_size=256, verbose=0
        )
        right = [
            same == (_logits(comparator, pictures, other) > 0)
            for same, other in zip((True, False), others, strict=True)
        ]
        return {
            "named": named.argmax(axis=1).tolist(),
            "recognized": float(np.mean(right)),
        }

    figures = {
        "data_sha256": [faces.train.sha256(), faces.test.sha256()],
        "labels": faces.test.labels["expression"].tolist(),
        "null_history": history,
        "originals": seen(faces.test.images),
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
        faces.fit(autoencoder, None, guidance.epochs, rate)
        latents = analysis.encode(autoencoder.encoder, faces.test.images)
        pictures = analysis.decode(autoencoder.decoder, latents)
        difference = pictures.astype(np.float32) - faces.test.images
        figures["runs"][name] = {
            **seen(pictures),
            "rmse": float(np.sqrt(np.square(difference).mean())),
        }
        if faces.fold == _SAVED:
            _save_pictures(recipe, folder, name, faces.test, pictures)
    figures["seconds"] = round(time.monotonic() - began, 2)
    run_folder.write_json(path, figures)


def _others(corpus, seed):
    """For each face, faces of other people alike and unlike it.

    There are some, or a comparator would have had no pairs.
    """
    labels = corpus.labels["expression"]
    people = corpus.labels.get("subject", np.arange(len(labels)))
    draws = np.random.default_rng(seed)
    drawn = []
    for label, person in zip(labels, people, strict=True):
        stranger = people != person
        drawn.append(
            [
                draws.choice(np.flatnonzero(stranger & (labels == label))),
                draws.choice(np.flatnonzero(stranger & (labels != label))),
            ]
        )
    return [corpus.images[rows] for rows in np.transpose(drawn)]


def _logits(comparator, first, second):
    pairs = {"first": first, "second": second}
    return comparator.predict(pairs, batch_size=256, verbose=0)[:, 0]


def _save_pictures(recipe, folder, name, corpus, pictures):
    """A sheet of faces above what became of them, one of each expression."""
    labels = corpus.labels["expression"]
    rows = np.unique(labels, return_index=True)[1]
    figure = run_folder.new_figure((len(rows) + 0.9, 2.7))
    visualization.plot_faces(
        np.stack([corpus.images[rows], pictures[rows]]),
        ["face", "decoded"],
        [corpus.info.classes[k] for k in labels[rows]],
        f"{recipe.name}: guidance {name}",
        figure,
    )
    stem = name.replace(f", {PERMUTED}", "_null").replace(".", "p")
    run_folder.save_figure(figure, folder / f"guided_{stem}.png")

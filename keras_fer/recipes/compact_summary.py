"""What the seeds of an experiment with compact embeddings have in common."""

from pathlib import Path

import numpy as np

from keras_fer import evaluation
from keras_fer import visualization
from keras_fer.evaluation import MEASURES
from keras_fer.recipes import compact_card
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError


def summarize(recipe, folder: Path, weights_sha256: str | None = None):
    """Write `metrics.json`, `answers_<corpus>.npz`, the figure and the card.

    Args:
        recipe: the `CompactRecipe`.
        folder: run folder, in whose `parts/` lies each model and seed.
        weights_sha256: hash of its `model.keras`, if it has one.

    Raises:
        RunError: a model is missing, or was measured or trained on other data.
    """
    parts = {
        name: [
            run_folder.read_json(folder / "parts" / f"{name}_{seed}.json")
            for seed in range(recipe.seeds)
        ]
        for name in recipe.models
    }
    everything = [part for found in parts.values() for part in found]
    first = everything[: recipe.seeds]
    result = {
        "recipe": recipe.name,
        "main": recipe.main or next(iter(recipe.models)),
        "seeds": recipe.seeds,
        "splits": {name: d.test for name, d in recipe.domains.items()},
        "folds": {name: d.folds for name, d in recipe.domains.items()},
        "images": {
            domain: first[0]["domains"][domain][domain]["images"]
            for domain in recipe.domains
        },
        "counted": [
            n for n, d in recipe.domains.items() if not d.same_images_as
        ],
        "weights_sha256": weights_sha256,
        "data_sha256": _data(recipe, parts, folder),
        "models": {},
        "training_hours": round(
            sum(part["seconds"] for part in everything) / 3600, 2
        ),
        "notes": list(
            dict.fromkeys(note for part in everything for note in part["notes"])
        ),
    }
    own = _own(recipe, parts, folder)
    for name, found in parts.items():
        result["models"][name] = {
            "parameters": found[0]["parameters"],
            "dimensions": found[0]["dimensions"],
            "multi_domain_f1": _spread(
                [multi_domain_f1(recipe, part["domains"]) for part in found]
            ),
            "domains": {
                domain: {
                    classifier: own[name, domain]
                    if classifier == domain
                    else {
                        measure: _spread(
                            [
                                part["domains"][domain][classifier][measure]
                                for part in found
                            ]
                        )
                        for measure in MEASURES
                    }
                    for classifier in recipe.domains
                }
                for domain in recipe.domains
            },
        }
    run_folder.write_json(folder / "metrics.json", result)
    figure = run_folder.new_figure((6.4, 4.4))
    visualization.plot_dimensions(
        {
            name: (
                of["dimensions"],
                of["multi_domain_f1"]["mean"],
                of["multi_domain_f1"]["std"],
            )
            for name, of in result["models"].items()
        },
        f"{recipe.name}: F1 over all corpora, {recipe.seeds} seeds",
        figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "dimensions.png")
    exported = run_folder.read_exports(folder, weights_sha256)
    text = compact_card.write(recipe, result, exported)
    run_folder.write_text(folder / "README.md", text)


def multi_domain_f1(recipe, figures: dict) -> float:
    """Macro F1 of each corpus by its own classifier, weighted by its images.

    Args:
        recipe: the `CompactRecipe`; a corpus that annotates the images of
            another does not count again.
        figures: of each corpus and classifier `"images"` and `"macro_f1"`.

    Reference:
        - CAKE, section 3.2.
    """
    own = [
        figures[name][name]
        for name, domain in recipe.domains.items()
        if not domain.same_images_as
    ]
    return float(
        np.average(
            [of["macro_f1"] for of in own], weights=[of["images"] for of in own]
        )
    )


def _data(recipe, parts, folder):
    """Hashes of the data by corpus and seed, which all models must share."""
    found = {}
    for name, of_seeds in parts.items():
        for seed, part in enumerate(of_seeds):
            for key, value in part["data_sha256"].items():
                folds = recipe.domains[key.split(",")[0]].folds
                place = f"{key}, fold {seed % folds}" if folds else key
                if found.setdefault(place, value) != value:
                    raise RunError(
                        f"{folder}: {name} with seed {seed} had other data "
                        f"than the first: {place}"
                    )
    return found


def _own(recipe, parts, folder):
    """Each corpus by its own classifier, with intervals; keeps the answers."""
    found = {}
    for domain, of in recipe.domains.items():
        labels = [part["labels"][domain] for part in next(iter(parts.values()))]
        answers = {
            name: [part["named"][domain] for part in of_seeds]
            for name, of_seeds in parts.items()
        }
        write_answers(folder / f"answers_{domain}.npz", labels, answers)
        for name, named in answers.items():
            if not of.folds:
                statistics = evaluation.run_statistics(labels[0], named)
            else:
                values = [
                    {m: p["domains"][domain][domain][m] for m in MEASURES}
                    for p in parts[name]
                ]
                statistics = {
                    m: _over_folds([v[m] for v in values], of.folds)
                    for m in MEASURES
                }
            found[name, domain] = statistics
    return found


def _over_folds(values, folds):
    # What is tested on is a part of what is trained on in another fold.
    statistics = evaluation.fold_statistics(
        compact_card.by_fold(values, folds), 1 / (folds - 1)
    )
    return {
        "values": values,
        "mean": statistics.mean,
        "std": statistics.std,
        "interval": statistics.interval,
    }


def write_answers(path: Path, labels, answers: dict):
    """Keep the classes that each model and seed named, and the true ones."""
    arrays = {f"labels_{s}": of for s, of in enumerate(labels)}
    arrays |= {
        f"{name}_{seed}": named
        for name, of_seeds in answers.items()
        for seed, named in enumerate(of_seeds)
    }
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb") as file:
        np.savez_compressed(
            file, **{k: np.asarray(v, np.uint8) for k, v in arrays.items()}
        )
    part.replace(path)


def _spread(values):
    """Mean and deviation over the seeds; of one seed there is no deviation."""
    return {
        "values": [float(value) for value in values],
        "mean": float(np.mean(values)),
        "std": compact_card.deviation(values),
    }

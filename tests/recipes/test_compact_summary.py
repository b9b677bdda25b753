import dataclasses
import json

import numpy as np
import pytest
from recipes.compact_run import RECIPE
from sklearn.metrics import f1_score

from keras_fer.evaluation import MEASURES
from keras_fer.recipes import compact_card
from keras_fer.recipes import compact_summary
from keras_fer.recipes.run_folder import RunError

MODELS = {name: RECIPE.models[name] for name in ("CAKE-3", "CAKE-2")}
FOUR = dataclasses.replace(RECIPE, models=MODELS, seeds=4)
LABELS = {"large": np.arange(120) % 6, "small": np.arange(30) % 6}


def draw(folder, right, change=0):
    """Parts as `compact.train` writes them, right on a share of the images."""
    (folder / "parts").mkdir(parents=True)
    for name in MODELS:
        for seed in range(FOUR.seeds):
            draws = np.random.default_rng(seed + 10 * (name == "CAKE-2"))
            named, domains = {}, {}
            for domain, labels in LABELS.items():
                wrong = draws.random(len(labels)) > right
                others = draws.integers(6, size=len(labels))
                answers = np.where(wrong, others, labels)
                named[domain] = answers.tolist()
                figures = dict.fromkeys(MEASURES, float(wrong.mean()))
                figures["macro_f1"] = f1_score(labels, answers, average="macro")
                figures["images"] = len(labels)
                domains[domain] = dict.fromkeys(FOUR.domains, figures)
            part = {
                "parameters": 7,
                "dimensions": 3,
                "seconds": 1.0,
                "domains": domains,
                "named": named,
                "labels": {d: of.tolist() for d, of in LABELS.items()},
                "notes": [],
                "data_sha256": {
                    "large, test": "a",
                    "small, test": f"fold {seed % 2}, {change}",
                },
            }
            path = folder / "parts" / f"{name}_{seed}.json"
            path.write_text(json.dumps(part))
    settings = {"name": FOUR.name, "weights_sha256": {"features": "w"}}
    (folder / "recipe.json").write_text(json.dumps({"recipe": settings}))
    compact_summary.summarize(FOUR, folder)
    return json.loads((folder / "metrics.json").read_text())


def test_intervals_of_images_and_of_folds(tmp_path):
    result = draw(tmp_path / "run", 0.6)
    assert result["main"] == "CAKE-3" and result["counted"] == list(LABELS)
    large, small = (
        result["models"]["CAKE-3"]["domains"][d][d]["macro_f1"] for d in LABELS
    )
    assert len(large["values"]) == 4
    low, high = large["interval"]
    assert low < large["mean"] == np.mean(large["values"]) < high
    # Of a corpus with two folds the mean and deviation are over the folds.
    folds = compact_card.by_fold(small["values"], 2)
    assert small["mean"] == pytest.approx(np.mean(folds))
    assert small["std"] == pytest.approx(np.std(folds, ddof=1))
    labels, named = compact_card.read_answers(
        tmp_path / "run" / "answers_large.npz", "CAKE-2", 4
    )
    values = result["models"]["CAKE-2"]["domains"]["large"]["large"]
    for seed, value in enumerate(values["macro_f1"]["values"]):
        assert value == pytest.approx(
            f1_score(labels[seed], named[seed], average="macro")
        )


def test_images_that_are_annotated_twice_count_once():
    domains = dict(RECIPE.domains)
    domains["small"] = dataclasses.replace(
        domains["small"], same_images_as="large"
    )
    recipe = dataclasses.replace(RECIPE, domains=domains)
    figures = {
        "large": {"large": {"images": 300, "macro_f1": 0.5}},
        "small": {"small": {"images": 100, "macro_f1": 0.9}},
    }
    assert compact_summary.multi_domain_f1(recipe, figures) == 0.5
    assert compact_summary.multi_domain_f1(RECIPE, figures) == 0.6


def test_other_data_in_one_seed_are_refused(tmp_path):
    draw(tmp_path, 0.6)
    path = tmp_path / "parts" / "CAKE-2_3.json"
    part = json.loads(path.read_text())
    for name, place in (("large", "large, test"), ("small", "small, test, f")):
        changed = dict(part["data_sha256"], **{f"{name}, test": "another"})
        path.write_text(json.dumps({**part, "data_sha256": changed}))
        with pytest.raises(RunError, match=f"CAKE-2 with seed 3 .*: {place}"):
            compact_summary.summarize(FOUR, tmp_path)


def test_differences_of_two_runs(tmp_path):
    better, worse = draw(tmp_path / "a", 0.9), draw(tmp_path / "b", 0.5)
    text = compact_card.difference_markdown(
        tmp_path / "a", tmp_path / "b", "CAKE-3"
    )
    for domain, line in zip(LABELS, text.splitlines()[2:], strict=True):
        means = [
            run["models"]["CAKE-3"]["domains"][domain][domain]["macro_f1"]
            for run in (better, worse)
        ]
        change = 100 * (means[0]["mean"] - means[1]["mean"])
        assert f"| {change:+.1f} (" in line
        low = float(line.split("(")[-1].split(" to ")[0])
        assert low < change
    large = text.splitlines()[2]
    assert float(large.split("(")[-1].split(" to ")[0]) > 0  # a clear one
    draw(tmp_path / "c", 0.5, change=1)
    with pytest.raises(RunError, match="two runs of the same data_sha256"):
        compact_card.difference_markdown(
            tmp_path / "a", tmp_path / "c", "CAKE-3"
        )
    settings = {"recipe": {"weights_sha256": {"features": "others"}}}
    (tmp_path / "b" / "recipe.json").write_text(json.dumps(settings))
    with pytest.raises(RunError, match="expected the same backbones"):
        compact_card.difference_markdown(
            tmp_path / "a", tmp_path / "b", "CAKE-3"
        )

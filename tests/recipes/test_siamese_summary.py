import dataclasses
import json

import numpy as np
import pytest
from recipes.test_siamese import RECIPE

from keras_fer import evaluation
from keras_fer.datasets import fer2013
from keras_fer.recipes import siamese_summary
from keras_fer.recipes import table
from keras_fer.recipes.run_folder import RunError


def write_parts(folder, rights, recipe=RECIPE, **changes):
    """Parts of which the first so many of 12 pairs are answered rightly."""
    (folder / "parts").mkdir(parents=True)
    same = [0, 1] * 6
    kinds = np.repeat(["image-image", "image-mean", "mean-mean"], 4).tolist()
    info = dataclasses.asdict(
        dataclasses.replace(fer2013.INFO, classes=("happiness", "fear"))
    )
    for name in recipe.comparators:
        for fold, right in enumerate(rights):
            signs = [2 * s - 1 for s in same]
            logits = [s if k < right else -s for k, s in enumerate(signs)]
            part = {
                "parameters": 10,
                "seconds": 1800,
                "corpus": info,
                "data_sha256": ["a", str(fold)],
                "notes": ["a note"],
                "without_means": ["fear"] if fold else [],
                "same": same,
                "logits": logits,
                "history": {"loss": [1, 0.5], "accuracy": [0.5, 0.95]},
                "kinds": kinds,
                **changes,
            }
            path = folder / "parts" / f"{name}_{fold}.json"
            path.write_text(json.dumps(part))
    run = {"named": [0, 1, 1], "rmse": 20.0, "recognized": 0.625}
    wrong = {**run, "named": [1, 1, 1], "recognized": 0.5}
    guided = {
        "data_sha256": ["a", "0"],
        "labels": [0, 1, 0],
        "null_history": {"accuracy": [0.5, 0.6]},
        "originals": {"named": [0, 1, 0], "recognized": 0.75},
        "runs": {"0": wrong, "1": run, "1, permuted labels": wrong},
        "seconds": 3600,
    }
    path = folder / "parts" / "guidance_0.json"
    path.write_text(json.dumps(guided))


def summarized(folder, recipe=RECIPE):
    siamese_summary.summarize(recipe, folder)
    return json.loads((folder / "metrics.json").read_text())


def test_by_hand(tmp_path):
    write_parts(tmp_path, [6, 12])
    result = summarized(tmp_path)
    found = result["comparators"]["difference"]
    accuracy = found["accuracy"]
    assert accuracy["values"] == [0.5, 1.0] and accuracy["mean"] == 0.75
    expected = evaluation.fold_statistics([0.5, 1.0], 1.0).interval
    np.testing.assert_allclose(accuracy["interval"], expected)
    assert found["auc"]["values"] == [0.5, 1.0]
    assert found["training"]["mean"] == 0.95
    assert found["kinds"]["image-image"]["values"] == [1.0, 1.0]
    assert found["kinds"]["image-mean"]["values"] == [0.5, 1.0]
    assert found["kinds"]["mean-mean"]["values"] == [0.0, 1.0]
    assert found["difference"]["mean"] == 0
    assert result["pairs"] == 24 and result["notes"] == ["a note"]
    assert result["without_means"] == {"1": ["fear"]}
    assert result["training_hours"] == 3 * 2 * 0.5 + 1
    guided = result["guidance"]
    assert guided["originals"]["uar"]["mean"] == 1.0
    # Recall of 0 and 1: none and all; then a half and all.
    assert guided["runs"]["0"]["uar"]["mean"] == 0.5
    assert guided["runs"]["1"]["uar"]["mean"] == 0.75
    for base in ("none", "null"):
        difference = guided["runs"]["1"][f"against_{base}"]
        assert difference["uar"]["mean"] == 0.25
        assert difference["accuracy"]["mean"] == pytest.approx(1 / 3)
    assert guided["null_training"]["mean"] == 0.6


def test_seeds_of_one_test_are_not_widened(tmp_path):
    recipe = dataclasses.replace(RECIPE, same_test=True, guidance=None)
    write_parts(tmp_path, [6, 9])
    result = summarized(tmp_path, recipe)
    expected = evaluation.fold_statistics([0.5, 0.75]).interval
    found = result["comparators"]["difference"]["accuracy"]["interval"]
    np.testing.assert_allclose(found, expected)
    card = (tmp_path / "README.md").read_text()
    assert (
        "faces that were in no training" in card
        and "people" not in (card.split("## Data")[0])
    )
    assert "over 2 seeds" in card and "luck of training" in card


def test_tables(tmp_path):
    write_parts(tmp_path, [6, 12])
    result = summarized(tmp_path)
    lines = siamese_summary.comparators_markdown(result).splitlines()
    assert lines[3].startswith("| difference | 10 | 75.0 ± 35.4 % (")
    assert lines[3].endswith("|  | 0.75 | 95.0 % | 100.0 % | 75.0 % | 50.0 % |")
    assert "| +0.0 (+0.0 to +0.0) | 0.75 |" in lines[2]
    lines = siamese_summary.guidance_markdown(result).splitlines()
    assert lines[2:] == [
        "| the faces themselves | 100.0 % |  |  | 100.0 % |  |  | 75.0 % |  "
        "|  |  |",
        "| 0 | 33.3 % |  |  | 50.0 % |  |  | 50.0 % |  |  | 20.0 |",
        "| 1 | 66.7 % | +33.3 | +33.3 | 75.0 % | +25.0 | +25.0 | 62.5 % "
        "| +12.5 | +12.5 | 20.0 |",
        "| 1, permuted labels | 33.3 % | +0.0 |  | 50.0 % | +0.0 |  | 50.0 % "
        "| +0.0 |  | 20.0 |",
    ]
    ours, images = table._ours(result)
    assert images == "24 pairs"
    assert ours.endswith("of pairs, contrastive, test, 2 folds")
    card = (tmp_path / "README.md").read_text()
    assert "in fold 1 there are none of fear" in card


def test_parts_that_do_not_fit(tmp_path):
    write_parts(tmp_path / "one", [6])
    with pytest.raises(RunError, match="published_1.json cannot be read"):
        siamese_summary.summarize(RECIPE, tmp_path / "one")
    write_parts(tmp_path / "two", [6, 12])
    path = tmp_path / "two" / "parts" / "difference_1.json"
    part = json.loads(path.read_text())
    path.write_text(json.dumps({**part, "data_sha256": ["b", "1"]}))
    with pytest.raises(RunError, match="difference had other data .* fold 1"):
        siamese_summary.summarize(RECIPE, tmp_path / "two")
    path.write_text(json.dumps(part))
    path = tmp_path / "two" / "parts" / "guidance_0.json"
    guided = json.loads(path.read_text())
    path.write_text(json.dumps({**guided, "data_sha256": ["b", "0"]}))
    with pytest.raises(RunError, match="guidance had other data .* fold 0"):
        siamese_summary.summarize(RECIPE, tmp_path / "two")

import json

import numpy as np
import pytest
from recipes.test_siamese import RECIPE

from keras_fer import evaluation
from keras_fer.recipes import siamese_summary
from keras_fer.recipes import table


def write_parts(folder, rights):
    """Parts of which the first so many of 12 pairs are answered rightly."""
    (folder / "parts").mkdir(parents=True)
    same = [0, 1] * 6
    kinds = [
        k for k in ("image-image", "image-mean", "mean-mean") for _ in "1234"
    ]
    for name in RECIPE.comparators:
        for fold, right in enumerate(rights):
            named = [s if k < right else 1 - s for k, s in enumerate(same)]
            part = {
                "parameters": 10,
                "seconds": 1800,
                "classes": ["happiness", "fear"],
                "notes": ["a note"],
                "pairs": 12,
                "same": same,
                "named": named,
                "kinds": kinds,
            }
            path = folder / "parts" / f"{name}_{fold}.json"
            path.write_text(json.dumps(part))
    run = {"named": [0, 1, 1], "rmse": 20.0, "recognized": 0.5}
    guided = {
        "judge": {"labels": [0, 1, 0], "originals": [0, 1, 0]},
        "runs": {"0": {**run, "named": [1, 1, 1]}, "1": run},
        "seconds": 3600,
    }
    path = folder / "parts" / "guidance_0.json"
    path.write_text(json.dumps(guided))


def test_by_hand(tmp_path):
    write_parts(tmp_path, [6, 12])
    siamese_summary.summarize(RECIPE, tmp_path)
    result = json.loads((tmp_path / "metrics.json").read_text())
    accuracy = result["comparators"]["difference"]["accuracy"]
    assert accuracy["values"] == [0.5, 1.0] and accuracy["mean"] == 0.75
    expected = evaluation.fold_statistics([0.5, 1.0], 1.0).interval
    np.testing.assert_allclose(accuracy["interval"], expected)
    kinds = result["comparators"]["difference"]["kinds"]
    assert kinds["image-image"]["values"] == [1.0, 1.0]
    assert kinds["image-mean"]["values"] == [0.5, 1.0]
    assert kinds["mean-mean"]["values"] == [0.0, 1.0]
    assert result["pairs"] == 24 and result["notes"] == ["a note"]
    assert result["training_hours"] == 4 * 2 * 0.5 + 1
    guided = result["guidance"]
    assert guided["originals"]["mean"] == 1.0
    assert guided["runs"]["1"]["difference"]["mean"] == pytest.approx(1 / 3)


def test_tables(tmp_path):
    write_parts(tmp_path, [6, 12])
    siamese_summary.summarize(RECIPE, tmp_path)
    result = json.loads((tmp_path / "metrics.json").read_text())
    lines = siamese_summary.comparators_markdown(result).splitlines()
    assert lines[3].startswith("| difference | 10 | 75.0 ± 35.4 % (")
    assert lines[3].endswith("| 100.0 % | 75.0 % | 50.0 % |")
    lines = siamese_summary.guidance_markdown(result).splitlines()
    assert lines[2] == "| 0 | 33.3 % |  | 50.0 % | 20.0 |"
    assert lines[3].startswith("| 1 | 66.7 % |")
    ours, images = table._ours(result)
    assert images == "24"
    assert ours.endswith("of pairs, classification, test, 2 folds")


def test_a_missing_part(tmp_path):
    write_parts(tmp_path, [6])
    with pytest.raises(ValueError, match="published_1.json cannot be read"):
        siamese_summary.summarize(RECIPE, tmp_path)

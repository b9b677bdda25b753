import json

import numpy as np
import pytest

from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import run_folder
from keras_fer.recipes import table

REPORT = {"accuracy": 0.625, "accuracy_interval": [0.61, 0.64], "samples": 99}


def line(name, monkeypatch, folder):
    monkeypatch.setattr(inference, "saved_models", lambda: folder)
    (row,) = [
        row for row in table.markdown().splitlines() if f"`{name}`" in row
    ]
    return row


def test_not_run_says_so(tmp_path, monkeypatch):
    row = line("zero_bias_cnn_ck_plus", monkeypatch, tmp_path)
    assert "| 96.4 ± 3.1 % (8 classes, 10 folds) | not run |  |" in row


def test_figures_name_their_split(tmp_path, monkeypatch):
    name = "zero_bias_cnn_fer2013"
    (tmp_path / name).mkdir()
    path = tmp_path / name / "metrics.json"
    path.write_text(json.dumps({"val": REPORT, "selected_on": "val_accuracy"}))
    expected = "62.5 % (61.0–64.0), validation, selected on | 99 |"
    assert expected in line(name, monkeypatch, tmp_path)
    path.write_text(json.dumps({"val": REPORT, "test": REPORT}))
    assert "62.5 % (61.0–64.0), test |" in line(name, monkeypatch, tmp_path)


def folds(values):
    accuracy = {"values": list(values.values()), "mean": 0.5, "std": 0.125}
    return {
        "cross_validation": {
            "folds": list(values),
            "samples": 12,
            "accuracy": {**accuracy, "interval": [0.25, 0.75]},
        }
    }


def write(folder, name, values):
    (folder / name).mkdir()
    (folder / name / "metrics.json").write_text(json.dumps(folds(values)))


def test_folds_are_named(tmp_path, monkeypatch):
    name = "zero_bias_cnn_ck_plus_six"
    write(tmp_path, name, {0: 0.4, 3: 0.6})
    expected = "| 50.0 ± 12.5 % (25.0–75.0), test folds 0, 3 | 12 |"
    assert expected in line(name, monkeypatch, tmp_path)


def test_ablations_are_compared_on_the_same_folds(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    name = "zero_bias_cnn_ck_plus"
    write(tmp_path, name, {0: 0.9, 1: 0.8, 2: 0.1})
    write(tmp_path, f"{name}_a", {0: 0.7, 1: 0.6})
    write(tmp_path, f"{name}_d", {1: 0.5, 0: 0.3})
    assert table.ablations_markdown(name).splitlines() == [
        "| | paper | fold 0 | fold 1 | mean |",
        "|---|---|---|---|---|",
        "| none | 81.8 ± 4.8 % | not run |  |  |",
        "| D | 85.6 ± 4.6 % | 30.0 % | 50.0 % | 40.0 % |",
        "| A | 96.3 ± 2.8 % | 70.0 % | 60.0 % | 65.0 % |",
        f"| AD | {recipes.get(name).paper} | 90.0 % | 80.0 % | 85.0 % |",
    ]


def test_filters_beside_those_of_random_weights():
    energy = {
        "filters": 3,
        "where the best unit acts": 0.25,
        "95 % of permutations": [0.125, 0.1875],
    }
    kind = "best unit beats units permuted"
    group = "filters whose best unit beats units permuted"
    summary = {
        "layer": "conv3",
        "images": 3000,
        "trained": {
            "filters": 20,
            "expected by chance": 1.0,
            kind: 15,
            "energy of patterns": {group: energy},
        },
        "untrained": {
            "filters": 20,
            "expected by chance": 1.0,
            kind: 2,
            "energy of patterns": {group: {"filters": 0}},
        },
    }
    assert table.filters_markdown(summary).splitlines() == [
        "| conv3, 3000 images | trained | random weights |",
        "|---|---|---|",
        "| filters | 20 | 20 |",
        f"| {kind} (by chance 1) | 15 | 2 |",
        f"| energy of the pattern where the best unit acts, {group} | 25.0 % "
        "(12.5–18.8 where another filter's does; 3 filters) | – |",
    ]
    for network in ("trained", "untrained"):
        del summary[network]["energy of patterns"]
    assert len(table.filters_markdown(summary).splitlines()) == 4


def seeds(folder, name, right, labels=70):
    """Two seeds that are right on a share of the images."""
    path = folder / name
    path.mkdir()
    truth = np.arange(labels) % 7
    named = np.where(np.arange(labels) < right * labels, truth, (truth + 1) % 7)
    run_folder.write_answers(truth, [named, named], "val", path)
    result = {"split": "val", "seeds": [0, 3], "selected_on": None}
    text = json.dumps(result)
    (path / "metrics.json").write_text(text)


def test_differences_over_seeds(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    name = "daf_cnn_fer2013_small"
    rows = table.comparison_markdown(name).splitlines()
    assert rows[2:] == [
        "| neither | 70.41 % | not run | | | |",
        "| TC loss | 71.38 % | not run | | | |",
        "| attention | 71.80 % | not run | | | |",
        "| both | 72.39 % (attention and TC loss, at 96×96) | not run | | | |",
    ]
    seeds(tmp_path, f"{name}_none", 0.5)
    seeds(tmp_path, name, 0.8)
    rows = table.comparison_markdown(name).splitlines()
    assert rows[2] == "| neither | 70.41 % | 50.0 % | 50.0 % | 50.0 % |  |"
    assert "not run" in rows[3] and "not run" in rows[4]
    assert "| 80.0 % | 80.0 % | 80.0 % | +30.0 (+" in rows[5]
    assert rows[-1].startswith(
        "Means over the seeds 0, 3, validation, 70 images; differences"
    )
    seeds(tmp_path, f"{name}_tc", 0.6, labels=77)
    with pytest.raises(ValueError, match="measured on different images"):
        table.comparison_markdown(name)


def test_literature():
    rows = table.literature_markdown("fer2013").splitlines()
    assert len(rows) == 12
    assert rows[3] == "| Tang | | 71.2 % | DAF-CNN table 2 |"
    assert rows[-1] == "| DAF-CNN | 72.39 % | | DAF-CNN table 2 |"
    with pytest.raises(ValueError, match="fer2013, sfew. Received: 'tfd'"):
        table.literature_markdown("tfd")

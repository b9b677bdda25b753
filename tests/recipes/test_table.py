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


def test_a_part_of_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    name = "zero_bias_cnn_fer2013"
    (tmp_path / name).mkdir()
    text = json.dumps({"val": REPORT, "selected_on": "val_accuracy"})
    (tmp_path / name / "metrics.json").write_text(text)
    every, run, open_ = (
        table.markdown(which).splitlines()
        for which in ("all", "run", "not-run")
    )
    assert len(run) == 3 and f"`{name}`" in run[2]
    assert sorted(run[2:] + open_[2:]) == sorted(every[2:])
    with pytest.raises(ValueError, match="all, run or not-run. Received: done"):
        table.markdown("done")


def test_figures_name_their_split(tmp_path, monkeypatch):
    name = "zero_bias_cnn_fer2013"
    (tmp_path / name).mkdir()
    path = tmp_path / name / "metrics.json"
    path.write_text(json.dumps({"val": REPORT, "selected_on": "val_accuracy"}))
    expected = "62.5 % (61.0–64.0), validation, selected on | 99 |"
    assert expected in line(name, monkeypatch, tmp_path)
    path.write_text(json.dumps({"val": REPORT, "test": REPORT}))
    assert "62.5 % (61.0–64.0), test |" in line(name, monkeypatch, tmp_path)


def test_estimates(tmp_path, monkeypatch):
    report = {
        "ccc": [0.75, 0.5],
        "ccc_interval": [[0.7, 0.8], [0.4, 0.6]],
        "columns": ["valence", "arousal"],
        "samples": 99,
    }
    name = "resnet18_procedural_affect"
    (tmp_path / name).mkdir()
    text = json.dumps({"test": report})
    (tmp_path / name / "metrics.json").write_text(text)
    expected = "CCC valence 0.750 (0.700–0.800), arousal 0.500 (0.400–0.600)"
    row = line(name, monkeypatch, tmp_path)
    assert f"| {expected}, test | 99 |" in row


def test_compact_embeddings(tmp_path, monkeypatch):
    name = "cake_fer2013_sfew_ck_plus"
    f1 = {"mean": 0.5, "std": 0.01, "interval": [0.4, 0.6]}
    domains = {
        d: {d: {"macro_f1": f1, "accuracy": {"mean": 0.7, "std": None}}}
        for d in ("fer2013", "sfew", "ferplus")
    }
    result = {
        "models": {"CAKE-3": {"domains": domains}},
        "main": "CAKE-3",
        "seeds": 10,
        "splits": {"fer2013": "val", "sfew": "test"},
        "counted": ["fer2013", "sfew"],  # ferplus has the same images
        "images": {"fer2013": 90, "sfew": 9, "ferplus": 80},
    }
    (tmp_path / name).mkdir()
    (tmp_path / name / "metrics.json").write_text(json.dumps(result))
    f1 = "50.0 ± 1.0 (40.0–60.0)"
    expected = (
        f"CAKE-3 F1 {f1} fer2013 (validation, selected on), {f1} sfew (test); "
        "10 seeds | 99 |"
    )
    assert expected in line(name, monkeypatch, tmp_path)
    # Of one corpus it is the accuracy.
    result["splits"] = {"sfew": "test"}
    result["models"]["CAKE-3"]["domains"] = {"sfew": domains["sfew"]}
    (tmp_path / name / "metrics.json").write_text(json.dumps(result))
    found = line(name, monkeypatch, tmp_path)
    assert "CAKE-3 accuracy 70.0 sfew (test); 10 seeds" in found


def folds(values):
    accuracy = {"values": list(values.values()), "mean": 0.5, "std": 0.125}
    return {
        "cross_validation": {
            "corpus": "faces",
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


def test_embeddings_over_seeds(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    name = "daf_cnn_fer2013_small"
    for end in ("_tc", ""):
        (tmp_path / f"{name}{end}").mkdir()

    def split(*values):
        found = [
            {
                "intra_class_variance": 4,
                "inter_class_distance": 4 * v,
                "separation": v,
                "silhouette": v / 10,
            }
            for v in values
        ]
        return {"trained": found[1:], "untrained": found[:1]}

    splits = {"train": split(0.5, 3, 5), "val": split(0.25, 2, 2)}
    text = json.dumps({"splits": splits})
    (tmp_path / f"{name}_tc" / "embedding.json").write_text(text)
    assert len(table.embedding_markdown(name).splitlines()) == 7
    (tmp_path / name / "embedding.json").write_text(text)
    trained = (
        "4.00 ± 0.00 | 4.00 ± 0.00 | 16.00 ± 5.66 | 8.00 ± 0.00 | "
        "4.00 ± 1.41 | 2.00 ± 0.00 | 0.40 ± 0.14 | 0.20 ± 0.00"
    )
    assert table.embedding_markdown(name).splitlines()[2:] == [
        "| neither | not run | | | | | | | |",
        f"| TC loss | {trained} |",
        "| attention | not run | | | | | | | |",
        f"| both | {trained} |",
        *(
            f"| random weights, {which} | 4.00 | 4.00 | 2.00 | 1.00 | 0.50 | "
            "0.25 | 0.05 | 0.03 |"
            for which in ("no attention", "attention")
        ),
    ]


def test_attention_beside_that_of_random_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)

    def found(share):
        values = {"share": share, "area": 0.125, "excess": share - 0.125}
        values["maps"] = 98
        for name in ("units of any face", "units of the expression"):
            name = f"excess, {name}"
            values |= {name: 0.25, f"95 % of {name}": [0.2, 0.3]}
        return {"attention": values}

    summary = {
        "faces": 99,
        "trained": found(0.5),
        "untrained": [found(0.3), found(0.1), {"attention": {"maps": 0}}],
    }
    (tmp_path / "net").mkdir()
    path = tmp_path / "net" / "attention.json"
    path.write_text(json.dumps(summary))
    lines = table.attention_markdown("net").splitlines()
    assert lines == [
        "| 99 drawn faces | trained | random weights |",
        "|---|---|---|",
        "| attention, faces with a map | 98 | 0–98 |",
        "| attention, share where the units shown act | 50.0 % | 20.0 % "
        "(10.0–30.0) |",
        "| attention, even attention there (the area) | 12.5 % | 12.5 % "
        "(12.5–12.5) |",
        "| attention, excess over even attention | 37.5 % | 7.5 % "
        "(-2.5–17.5) |",
        "| attention, excess for the units of any face | 25.0 % (20.0–30.0) | "
        "25.0 % (25.0–25.0) |",
        "| attention, excess for those of a face of the same expression | "
        "25.0 % (20.0–30.0) | 25.0 % (25.0–25.0) |",
    ]
    summary["trained"] = summary["untrained"] = {"attention": {"maps": 0}}
    summary["untrained"] = [summary["trained"]]
    path.write_text(json.dumps(summary))
    assert table.attention_markdown("net").splitlines()[3].endswith("| – | – |")


def test_recipes_on_the_same_folds(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    names = "daf_cnn_sfew", "daf_cnn_sfew_fine_tuned", "daf_cnn_sfew_centers"
    for name, values in zip(
        names, ({0: 0.4, 1: 0.6}, {0: 0.2, 1: 0.5}), strict=False
    ):
        result = folds(values)
        report = result["cross_validation"]
        report["uar"] = report["accuracy"]
        result["folds"] = [{"train_images": 20}, {"train_images": 28}]
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text(json.dumps(result))
    figures = "50.0 ± 12.5 % (25.0–75.0)"
    # By hand: differences -.2 and -.1, t of one degree 12.706, 12 test images
    # for 48 of training.
    half = 12.7062 * np.std([0.2, 0.1], ddof=1) * np.sqrt(1 / 2 + 12 / 48)
    span = f"{100 * (-0.15 - half):+.1f} to {100 * (-0.15 + half):+.1f}"
    assert table.folds_markdown(names).splitlines()[2:] == [
        f"| `{names[0]}` | {figures} | {figures} |  |",
        f"| `{names[1]}` | {figures} | {figures} | -15.0 ({span}) |",
        f"| `{names[2]}` | not run | | |",
    ]
    # The first is what the others are compared with, or nothing is.
    rows = table.folds_markdown([names[2], *names[:2]]).splitlines()
    assert rows[3].endswith(f"| {figures} |  |")
    result["cross_validation"]["folds"] = [0, 2]
    text = json.dumps(result)
    (tmp_path / names[1] / "metrics.json").write_text(text)
    with pytest.raises(ValueError, match=r"with folds \[0, 2\]. .* \[0, 1\]"):
        table.folds_markdown(names)


def test_literature():
    rows = table.literature_markdown("fer2013").splitlines()
    assert len(rows) == 12
    assert rows[3] == "| Tang | | 71.2 % | DAF-CNN table 2 |"
    assert rows[-1] == "| DAF-CNN | 72.39 % | | DAF-CNN table 2 |"
    with pytest.raises(ValueError, match="fer2013, sfew. Received: 'tfd'"):
        table.literature_markdown("tfd")

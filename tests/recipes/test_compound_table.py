import json

import numpy as np
import pytest

from keras_fer import evaluation
from keras_fer import inference
from keras_fer.recipes import compound_table
from keras_fer.recipes import run_folder

NAME = "emma_procedural_resnet18"
LABELS = np.arange(110) % 11


def answers(wrong, runs=2):
    """The labels, but for the first faces, which are named one class on."""
    named = np.tile(LABELS, (runs, 1))
    for run in range(runs):
        named[run, : wrong + run] = (LABELS[: wrong + run] + 1) % 11
    return named


def write_compounds(folder, heads, random):
    folder.mkdir()
    summary = {
        "recipe": folder.name,
        "runs": ["seed_0", "seed_1"],
        "weights_sha256": ["1", "2"],
        "heads": {},
        "random": evaluation.run_statistics(LABELS, random),
    }
    for head, named in heads.items():
        recall = [(named[:, LABELS == k] == k).mean() for k in range(11)]
        summary["heads"][head] = {
            **evaluation.run_statistics(LABELS, named),
            "recall": recall,
        }
        run_folder.write_answers(LABELS, named, f"compounds_{head}", folder)
    run_folder.write_json(folder / "compounds.json", summary)


def write_result(folder, named, split="test"):
    folder.mkdir(exist_ok=True)
    result = {
        "repetition": evaluation.run_statistics(LABELS, named),
        "seeds": [0, 1],
        "weights_sha256": ["1", "2"],
    }
    run_folder.write_json(folder / "metrics.json", result)
    run_folder.write_answers(LABELS, named, split, folder)


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    write_compounds(tmp_path / NAME, {"similarity": answers(11)}, answers(100))
    heads = {
        "standardized": answers(33),
        "probabilities": answers(44),
        "logits": answers(55),
    }
    write_compounds(tmp_path / f"{NAME}_ce", heads, answers(99))
    return tmp_path


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_unseen_compounds(saved):
    text = compound_table.unseen_markdown(NAME, "emma_raf_db_dan")
    rows = [cells(line) for line in text.splitlines()[2:]]
    assert [row[1] for row in rows] == [
        "similarity",
        "logits, standardized",
        "probabilities",
        "logits",
        "similarity, random weights",
        "not run",
    ]
    # 11 and 12 of 110 are wrong.
    assert rows[0][3].startswith("89.5 ± 0.6 (")
    compared = evaluation.compare_runs(LABELS, answers(33), answers(11))
    gain, low, high = (
        100 * compared.difference["uar"],
        *(100 * v for v in compared.interval["uar"]),
    )
    expected = f"{gain:+.1f} ({low:+.1f} to {high:+.1f})"
    assert rows[1][4].split("; ")[0] == expected == "+20.0" + expected[5:]
    assert rows[4][3].startswith("8.6 ± 0.6")
    run_folder.write_answers(
        LABELS[::-1],
        answers(3),
        "compounds_probabilities",
        saved / f"{NAME}_ce",
    )
    with pytest.raises(ValueError, match=f"{NAME}_ce named different images"):
        compound_table.unseen_markdown(NAME)


def test_seeds_are_paired_and_runs_without_seeds_as_they_are(saved):
    def set_runs(name, *runs):
        path = saved / name / "compounds.json"
        summary = {**run_folder.read_json(path), "runs": list(runs)}
        run_folder.write_json(path, summary)

    def gain():
        lines = compound_table.unseen_markdown(NAME).splitlines()
        return cells(lines[3])[4].split()[0]

    set_runs(f"{NAME}_ce", "seed_1", "seed_0")  # 34 and 33 are wrong
    both = gain()
    set_runs(f"{NAME}_ce", "seed_1", "seed_7")  # 12 against 33
    compared = evaluation.compare_runs(LABELS, answers(33)[:1], answers(11)[1:])
    assert gain() == f"{100 * compared.difference['uar']:+.1f}" != both
    set_runs(f"{NAME}_ce", "seed_2", "seed_7")
    with pytest.raises(ValueError, match=f"{NAME}_ce have no seed in common"):
        gain()
    for end in ("", "_ce"):
        set_runs(NAME + end, NAME + end)
    compared = evaluation.compare_runs(LABELS, answers(33)[:1], answers(11)[:1])
    assert gain() == f"{100 * compared.difference['uar']:+.1f}"
    path = saved / f"{NAME}_transfer"
    path.mkdir()
    test = {
        "accuracy": 0.5,
        "accuracy_interval": [0.4, 0.6],
        "uar": 0.25,
        "uar_interval": [0.2, 0.3],
    }
    run_folder.write_json(path / "metrics.json", {"test": test})
    expected = "| 50.0 (40.0–60.0); 25.0 (20.0–30.0) |"
    assert expected in compound_table.table_1_markdown(NAME)


def test_table_1_and_2(saved):
    write_result(saved / f"{NAME}_general", answers(22))
    write_result(saved / f"{NAME}_transfer", answers(5))
    rows = [
        cells(line)
        for line in compound_table.table_1_markdown(NAME).splitlines()[2:]
    ]
    assert [row[1] for row in rows] == [
        "cross entropy",
        "constrained angle",
        "the angle's gain",
    ]
    assert rows[2][3].startswith("+20.0 (") and rows[2][4] == ""
    assert rows[0][2].startswith("79.5 ± 0.6 (") and rows[1][2] == ""
    assert rows[1][3].startswith("89.5 ± 0.6 (")
    assert rows[0][4] == "not run" and rows[1][4].startswith("95.0")
    write_result(saved / f"{NAME}_ce_transfer", answers(27))
    rows = compound_table.table_1_markdown(NAME).splitlines()
    assert cells(rows[4])[4].startswith("+20.0 (")
    lines = compound_table.recall_markdown(NAME).splitlines()[2:]
    assert len(lines) == 11
    # Of ten faces each, EMMA missed one, general training two, and in the
    # second seed one more of the first compound.
    first, second = cells(lines[0]), cells(lines[1])
    assert first[2:] == ["10", "85.0 %", "75.0 %"]
    assert second[2:] == ["10", "90.0 %", "80.0 %"]
    assert first[:2] == ["happiness-surprise", "438"]


def test_basic_expressions(saved):
    assert "not run" in compound_table.basics_markdown(NAME)
    write_result(saved / NAME, answers(22), "val")
    write_result(saved / f"{NAME}_ce", answers(11), "val")
    row = cells(compound_table.basics_markdown(NAME).splitlines()[2])
    assert row[1].startswith("79.5 ± 0.6 (") and row[2].startswith("89.5 ± 0.6")
    accuracy, uar = row[3].split("; ")
    assert accuracy.startswith("-10.0 (") and uar.startswith("-10.0 (")


def test_variances(saved):
    one = {
        "class_variance": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "inter_class_distance": 7.0,
        "separation": 2.0,
        "silhouette": 0.5,
    }
    other = {**one, "separation": 4.0}
    assert "not run" in compound_table.variances_markdown(NAME)
    splits = {"val": {"plane": [one, one], "trained": [one, other]}}
    for end in ("_last_stage_ce", "_slope_100", "_slope_010"):
        path = saved / f"{NAME}{end}"
        path.mkdir(exist_ok=True)
        (path / "embedding.json").write_text(json.dumps({"splits": splits}))
    rows = dict(
        (row[0], row[1:])
        for row in map(
            cells, compound_table.variances_markdown(NAME).splitlines()[2:]
        )
    )
    # A twentieth of RAF-DB's 281 faces of fear.
    assert rows["t-SNE, variance of fear (14 faces)"] == ["2.00 ± 0.00"] * 3
    assert rows["embedding, variance of happiness (239 faces)"] == (
        ["4.00 ± 0.00"] * 3
    )
    assert rows["embedding, separation"] == ["3.00 ± 1.41"] * 3
    assert len(rows) == 18


def test_slopes(saved):
    assert "not run" in compound_table.slopes_markdown(NAME)
    for end, wrong in (("000", 20), ("010", 10)):
        path = saved / f"{NAME}_slope_{end}"
        write_compounds(path, {"similarity": answers(wrong)}, answers(99))
        figures = evaluation.run_statistics(LABELS, answers(33))
        result = {"repetition": figures, "weights_sha256": ["1", "2"]}
        run_folder.write_json(path / "metrics.json", result)
        run_folder.write_answers(LABELS, answers(33), "val", path)
        history = [
            {"seed": seed, "epoch": epoch, "accuracy": (seed + epoch) / 10}
            for seed in (0, 1)
            for epoch in (1, 2)
        ]
        run_folder.write_history(history, path)
    first, second, *others = map(
        cells, compound_table.slopes_markdown(NAME).splitlines()[2:]
    )
    assert first[:2] == ["slope 0", "25.0"]  # .2 and .3 in the last epoch
    assert first[2].startswith("69.5 ± 0.6 (")
    assert first[4].startswith("81.4 ± 0.6 (")
    assert first[5].startswith("-9.1 (") and second[5] == ""
    names = ["cross entropy", "ArcFace", "CosFace"]
    assert [row[:2] for row in others] == [[name, "not run"] for name in names]


def test_compounds_of_other_weights_are_refused(saved):
    result = {"weights_sha256": ["1", "3"]}
    run_folder.write_json(saved / NAME / "metrics.json", result)
    with pytest.raises(ValueError, match="other weights than"):
        compound_table.unseen_markdown(NAME)

import json

import pytest

from keras_fer import inference
from keras_fer.recipes import latent_table


def figures(gap):
    return {
        "disentanglement": {"expressions": 0.2, "all": 0.15},
        "completeness": {"expressions": 0.3, "all": 0.25},
        "gap": {"expressions": gap, "others": 0.05, "of": {}},
        "score": {"expressions": 0.4, "others": 0.5, "of": {}},
    }


def end(low, zero, high):
    return {"values": [-1, 0, 1], "mean": [low, zero, high]}


def run(gap, kept=0.5):
    return {
        "disentanglement": figures(gap),
        "told_apart": 0.7,
        "active": 2,
        "axes": {
            "means": [[2.0, -0.5], [-1.5, 4.0], [0.5, -0.2]],
            "separability": [0.9, 0.7],
            "own": [2.0, 4.0],
            "others": [1.0, 2.0, 0.5],
        },
        "shared": {"share": 0.25, "separability": [0.9, 0.8]},
        "rmse": 30.0,
        "identity": {
            "changed": kept,
            "random": 0.6,
            "still": 0.8,
            "faces": 0.9,
        },
        "redrawn": {"changed": 20.0, "still": 25.0, "encoded": 10.0},
        "judge": {"accuracy": 0.5},
        "changed": {"after": 0.65, "before": 0.125},
        "named": [end([0, 1, 0], [0.5, 0.5, 0], [1, 0, 0])] * 2,
        "walks": [
            [[0.1, 0.1, 0.8], [0.9, 0.1, 0.0]],
            [[0.3, 0.1, 0.6], [0.1, 0.7, 0.2]],
        ],
        "read": [{**end([0.5], [1.0], [3.0]), "error": [[0.1], [0], [0.2]]}]
        * 2,
        "reader": {"ccc": [0.6]},
    }


@pytest.fixture
def reported(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    summary = {
        "corpus": "procedural",
        "network": "fader_network",
        "latents": 2,
        "classes": ["happiness", "sadness", "neutral"],
        "axis_expressions": [0, 1],
        "mean_face_rmse": 60.0,
        "judge": {"accuracy": 0.9, "separability": [0.99, 0.98]},
        "units": ["AU12"],
        "reader": {"ccc": [0.9]},
        "mean_pictures": [[[0.2], [0.5], [1.5]], [[0.9], [0.5], [0.1]]],
        "runs": [run(0.1), run(0.3, 0.7)],
        "untrained": [{"disentanglement": figures(0.0), "told_apart": 0.5}] * 2,
        "components": {
            "disentanglement": figures(0.02),
            "told_apart": 0.6,
            "rmse": 33.0,
            "judge": {"accuracy": 0.4},
        },
    }
    (tmp_path / "fader").mkdir()
    (tmp_path / "fader" / "latents.json").write_text(json.dumps(summary))
    summary["latents"] = 3
    for name in ("judge", "units", "reader", "mean_pictures"):
        summary.pop(name)
    summary["untrained"] = [{}]
    summary["components"] = {"rmse": 20.0}
    plain = run(0.1)
    for name in (
        "disentanglement",
        "told_apart",
        "judge",
        "changed",
        "walks",
        "read",
        "redrawn",
    ):
        plain.pop(name)
    plain["identity"] = None
    plain["axes"]["separability"] = [None, 0.7]
    plain["axes"]["own"] = [None, 4.0]
    plain["axes"]["others"] = [None, 2.0, 0.5]
    plain["axes"]["means"][0] = None
    summary["runs"] = [plain]
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "latents.json").write_text(json.dumps(summary))


def even(lines):
    """All rows of a table have as many cells."""
    return len({line.count("|") for line in lines}) == 1


def test_models_and_their_nulls(reported):
    lines = latent_table.latents_markdown("fader", "plain", "x").splitlines()
    assert even(lines) and len(lines) == 9
    assert lines[2] == (
        "| `fader` | 0.20 ± 0.14 | 0.05 ± 0.00 | 0.20 ± 0.00 | 0.30 ± 0.00 | "
        "0.40 ± 0.00 | 0.50 ± 0.00 | 0.70 ± 0.00 | 2.00 ± 0.00 of 2 | "
        "0.80 ± 0.00 | 0.85 ± 0.00 | 25 ± 0 |"
    )
    assert lines[3].endswith("|  | 2.00 of 3 | 0.70 | 0.85 | 25 |")
    assert lines[4].startswith("| `x` | not run |")
    assert lines[5].startswith("| random weights of `fader` | 0.00 ± 0.00 |")
    assert lines[6].startswith("| 2 principal components | 0.02 | 0.05 |")
    assert lines[7].startswith("| random weights of `plain` |  |")


def test_a_null_of_two_runs_alike_stands_once(reported):
    lines = latent_table.latents_markdown("fader", "fader").splitlines()
    assert sum("random weights" in line for line in lines) == 1


def test_pictures(reported):
    lines = latent_table.pictures_markdown("fader", "plain", "x").splitlines()
    assert even(lines)
    assert lines[2] == (
        "| `fader` | 30.0 ± 0.0 | 50.0 ± 0.0 | 65.0 ± 0.0 | 12.5 ± 0.0 | "
        "0.60 ± 0.14 | 0.60 ± 0.00 | 0.80 ± 0.00 | "
        "20.0 ± 0.0 | 25.0 ± 0.0 | 10.0 ± 0.0 |"
    )
    assert lines[3] == "| `plain` | 30.0 |" + 9 * "  |"
    assert lines[5].startswith("| 2 principal components | 33.0 | 40.0 |")
    assert lines[6].startswith("| 3 principal components | 20.0 |  |")
    assert lines[7] == (
        "| the faces themselves | 0 | 90.0 |  |  |  |  | 0.90 |  |  |  |"
    )
    assert lines[8].startswith("| the mean face | 60.0 |")


def test_expressions_and_their_axes(reported):
    lines = latent_table.axes_markdown("x", "fader", "plain").splitlines()
    assert even(lines)
    assert lines[0] == (
        "| run | happiness | sadness | neutral | own axis | others' axes |"
    )
    assert lines[3] == (
        "| `fader` | 0.90 ± 0.00 | 0.70 ± 0.00 | origin: 0.50 ± 0.00 | "
        "3.00 ± 0.00 | 1.50 ± 0.00 |"
    )
    assert lines[5] == (
        "| `expression_judge_procedural` | 0.99 | 0.98 |  |  |  |"
    )


def test_where_walks_begin_and_end(reported):
    lines = latent_table.starts_markdown("fader", "plain").splitlines()
    assert even(lines)
    # First steps: neutral (.8 + .6) / 2, happiness on the axis of sadness .3,
    # own .1, .1.
    assert lines[2] == "| `fader` | 70 | 30 | 10 | 10 | 10 | 80 |"
    assert lines[3].startswith("| `plain` | not run |")


def test_walks_of_neutral_are_no_walks_to_an_expression(reported):
    path = inference.saved_models() / "fader" / "latents.json"
    summary = json.loads(path.read_text())
    path.write_text(json.dumps({**summary, "axis_expressions": [0, 2]}))
    lines = latent_table.starts_markdown("fader").splitlines()
    assert lines[2] == "| `fader` | 80 | 30 | 10 | 0 | 10 | 90 |"


def test_ends_of_axes(reported):
    lines = latent_table.ends_markdown("fader", "AU12").splitlines()
    assert even(lines)
    assert lines[0] == "| axis | AU12, least | AU12, largest | named so |"
    assert lines[2] == (
        "| happiness | -0.50 ± 0.00 (-0.30) | +2.00 ± 0.00 (+1.00) | "
        "0 → 50 → 100 |"
    )
    assert lines[3].endswith("| 100 → 50 → 0 |")
    assert lines[4].startswith("| CCC, reconstructions (faces) | 0.60 (0.90) |")
    lines = latent_table.ends_markdown("plain", "AU12").splitlines()
    assert lines[2] == "| not run |  |  |  |"


def test_columns_of_nothing_are_left_out(reported):
    lines = latent_table.latents_markdown("plain").splitlines()
    assert even(lines)
    assert lines[0] == (
        "| run | MIG, expressions | in use | separability | separability "
        "without the shared | shared (%) |"
    )
    assert lines[2] == "| `plain` |  | 2.00 of 3 | 0.70 | 0.85 | 25 |"


def test_happiness_and_sadness(reported):
    lines = latent_table.opposites_markdown("fader", "x").splitlines()
    assert even(lines)
    # Along sadness, the second axis, the first class; and the other way.
    assert lines[2] == "| `fader` | 0 → 50 → 100 | 100 → 50 → 0 |"
    assert lines[3] == "| `x` | not run |  |"


def test_contrary_expressions(reported):
    lines = latent_table.contrary_markdown("fader", "plain").splitlines()
    assert lines[2] == (
        "| `fader` | sadness (-0.50; 2 of 2) | happiness (-1.50; 2 of 2) | "
        "sadness (-0.20; 2 of 2) |"
    )
    assert lines[3].startswith("| `plain` |  | happiness (-1.50) |")


def test_what_lies_opposite(reported):
    of = {
        "cosines": [[1, -0.9, 0.1], [-0.9, 1, -0.4], [0.1, -0.4, 1]],
        "distances": [1.2, 1.5, 0.3],
    }
    names = ["happiness", "sadness", "neutral"]
    plane = {"opposite": ["sadness", "happiness", "sadness"]}
    other = {"opposite": ["neutral", "happiness", "sadness"]}
    directions = {
        "classes": names,
        "trained": of,
        "untrained": {**of, "distances": [1.0, 1.0, 1.0]},
        "split": "test",
        "people": [5, 6, None],
        "planes": {
            "trained": [
                {**plane, "middle": "neutral"},
                {**plane, "middle": "neutral"},
                {**other, "middle": "sadness"},
            ],
            "untrained": [{**other, "middle": "sadness"}],
        },
    }
    test = {
        "trained": [{"silhouette": 0.25}],
        "untrained": [{"silhouette": -0.5}, {"silhouette": -0.25}],
    }
    summary = {"splits": {"test": test}, "directions": directions}
    path = inference.saved_models() / "fader" / "embedding.json"
    path.write_text(json.dumps(summary))
    lines = latent_table.directions_markdown("fader").splitlines()
    assert even(lines)
    assert lines[2] == (
        "| happiness, 5 people | sadness (-0.90) | 1.20 | sadness (2 of 3) | "
        "0 of 3 | sadness (-0.90) | 1.00 | neutral (1 of 1) | 0 of 1 |"
    )
    assert lines[4] == (
        "| neutral | sadness (-0.40) | 0.30 | sadness (3 of 3) | 2 of 3 | "
        "sadness (-0.40) | 1.00 | sadness (1 of 1) | 0 of 1 |"
    )
    assert lines[5].startswith("| silhouette | 0.25 |  |  |  | -0.38 ± 0.18 |")
    assert "not run" in latent_table.directions_markdown("x")

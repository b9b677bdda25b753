import json

import pytest

from keras_fer import inference
from keras_fer.recipes import latent_table


def end(low, zero, high):
    return {"values": [-1, 0, 1], "mean": [low, zero, high]}


def run(gap, kept=0.5):
    figures = {
        "mutual_information_gap": gap,
        "disentanglement": 0.2,
        "completeness": 0.3,
        "informativeness": 0.4,
    }
    return {
        "disentanglement": figures,
        "axes": {
            "separability": [0.9, 0.7],
            "own": [2.0, 4.0],
            "others": [1.0, 2.0, 9.0],
        },
        "rmse": 30.0,
        "identity": {"kept": kept, "chance": 0.01},
        "judge": {"accuracy": 0.5},
        "named": [end([0, 1, 0], [0.5, 0.5, 0], [1, 0, 0])] * 2,
        "read": [{**end([0.5], [1.0], [3.0]), "error": [[0.1], [0], [0.2]]}]
        * 2,
    }


@pytest.fixture
def reported(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "saved_models", lambda: tmp_path)
    summary = {
        "classes": ["happiness", "sadness", "neutral"],
        "axes": [0, 1],
        "mean_face_rmse": 60.0,
        "judge": {"accuracy": 0.9},
        "units": ["AU12"],
        "runs": [run(0.1), run(0.3, 0.7)],
        "untrained": [run(0.0)["disentanglement"]] * 2,
        "components": run(0.05)["disentanglement"],
    }
    (tmp_path / "fader").mkdir()
    (tmp_path / "fader" / "latents.json").write_text(json.dumps(summary))
    for name in ("judge", "units", "untrained", "components"):
        summary.pop(name)
    summary["runs"] = [run(0.1)]
    for name in ("disentanglement", "judge", "named", "read"):
        summary["runs"][0].pop(name)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "latents.json").write_text(json.dumps(summary))


def test_models_and_their_nulls(reported):
    lines = latent_table.latents_markdown("fader", "plain", "x").splitlines()
    assert lines[2] == (
        "| `fader` | 0.20 ± 0.14 | 0.20 ± 0.00 | 0.30 ± 0.00 | 0.40 ± 0.00 | "
        "0.80 ± 0.00 | 30.0 ± 0.0 (mean face 60.0) | 60.0 ± 14.1 % "
        "(chance 1.0) | 50.0 ± 0.0 % (faces 90.0) |"
    )
    assert lines[3] == (
        "| `plain` |  |  |  |  | 0.80 | 30.0 (mean face 60.0) | 50.0 % "
        "(chance 1.0) |  |"
    )
    assert lines[4].startswith("| `x` | not run |")
    assert lines[5].startswith("| random weights | 0.00 ± 0.00 | 0.20")
    assert lines[6].startswith("| principal components | 0.05 | 0.20 |")
    assert len({line.count("|") for line in lines}) == 1


def test_expressions_and_their_axes(reported):
    lines = latent_table.axes_markdown("x", "fader").splitlines()
    assert lines[0] == (
        "| run | happiness | sadness | neutral | own over others |"
    )
    assert lines[3] == "| `fader` | 0.90 | 0.70 | origin | 2.00 |"
    assert len({line.count("|") for line in lines}) == 1
    assert "not run" in latent_table.axes_markdown("x")


def test_ends_of_axes(reported):
    lines = latent_table.ends_markdown("fader", "AU12").splitlines()
    assert lines[0] == "| axis | AU12, least | AU12, largest | named so |"
    assert lines[2] == (
        "| happiness | -0.50 ± 0.10 | +2.00 ± 0.20 | 0 → 50 → 100 % |"
    )
    assert lines[3].endswith("| 100 → 50 → 0 % |")
    lines = latent_table.ends_markdown("plain", "AU12").splitlines()
    assert lines[2] == "| not run | | | |"


def test_what_lies_opposite(reported):
    of = {
        "cosines": [[1, -0.9, 0.1], [-0.9, 1, -0.4], [0.1, -0.4, 1]],
        "distances": [1.2, 1.5, 0.3],
    }
    plane = {**of, "distances": [1.0, 1.0, 1.0]}
    summary = {
        "classes": ["happiness", "sadness", "neutral"],
        "splits": {"val": {"directions": of, "plane_directions": plane}},
    }
    path = inference.saved_models() / "fader" / "embedding.json"
    path.write_text(json.dumps(summary))
    lines = latent_table.directions_markdown("fader").splitlines()
    assert lines[2] == (
        "| happiness | sadness (-0.90) | 1.20 | sadness (-0.90) | 1.00 |"
    )
    assert lines[4] == (
        "| neutral | sadness (-0.40) | 0.30 | sadness (-0.40) | 1.00 |"
    )
    assert "not run" in latent_table.directions_markdown("x")


def test_refuses():
    with pytest.raises(ValueError, match="name of a recipe"):
        latent_table.latents_markdown()

import json

from keras_fer import inference
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
    path.write_text(json.dumps({"val": REPORT}))
    expected = "62.5 % (61.0–64.0), validation, selected on | 99 |"
    assert expected in line(name, monkeypatch, tmp_path)
    path.write_text(json.dumps({"val": REPORT, "test": REPORT}))
    assert "62.5 % (61.0–64.0), test |" in line(name, monkeypatch, tmp_path)

import importlib.util
from pathlib import Path

import keras
import pytest
from corpora import write_fer2013_csv

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_runs_on_a_small_corpus(path, tmp_path, capsys):
    write_fer2013_csv(tmp_path, train=28, val=14)
    out = tmp_path / "model.keras"
    load(path).main(
        [
            *["--data", str(tmp_path), "--out", str(out)],
            *["--epochs", "1", "--batch-size", "8"],
        ]
    )
    assert "accuracy 0." in capsys.readouterr().out
    assert keras.models.load_model(out).count_params() > 0

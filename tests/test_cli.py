import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from corpora import faces
from corpora import fer2013_row
from corpora import write_fer2013_csv
from corpora import write_rows
from typer.testing import CliRunner

from keras_fer import cli

NAME = "zero_bias_cnn_fer2013"


def keras_fer(*arguments, **options):
    """The installed command, in a process of its own."""
    program = Path(sys.executable).with_name("keras-fer")
    return subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        **options,
    )


def call(monkeypatch, capsys, *arguments):
    """The command in this process: exit code, output, errors."""
    monkeypatch.setattr(sys, "argv", ["keras-fer", *map(str, arguments)])
    monkeypatch.setattr(logging.getLogger("keras_fer"), "handlers", [])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def test_train_then_evaluate(tmp_path):
    """From an empty folder, as a user types it."""
    write_fer2013_csv(tmp_path / "data", train=70, val=14)
    environment = {
        **os.environ,
        "KERAS_FER_DATA": str(tmp_path / "data"),
    }
    environment.pop("TF_CPP_MIN_LOG_LEVEL")
    options = {"cwd": tmp_path, "env": environment}
    done = keras_fer("train", NAME, "--epochs", 1, **options)
    assert done.returncode == 0, done.stderr
    folder = Path("runs") / NAME
    assert f"Written to {folder}" in done.stdout
    assert "validation, selected on" in done.stdout
    assert "no split 'test'" in done.stderr
    assert "oneDNN" not in done.stderr
    figures = json.loads((tmp_path / folder / "metrics.json").read_text())

    done = keras_fer("evaluate", folder, **options)
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"14 images: accuracy ([\d.]+)", done.stdout)[1]
    assert float(accuracy) == round(figures["val"]["accuracy"], 4)
    assert done.stdout.count("recall") == 7

    again = keras_fer("train", NAME, "--epochs", 1, **options)
    assert again.returncode == 2
    assert again.stderr.splitlines() == [
        f"keras-fer: {folder} holds a run already. Name another folder, or "
        "go on with --resume"
    ]


def test_one_line_and_exit_code_2(tmp_path, monkeypatch, capsys):
    rows = [fer2013_row(n % 7, p, "Training") for n, p in enumerate(faces(7))]
    rows[3] = rows[3][:200]
    write_rows(tmp_path / "spoiled", ["emotion,pixels,Usage", *rows])
    out = tmp_path / "run"
    for arguments, message in (
        (["train", "nope"], "no recipe is called 'nope'"),
        (["train", NAME], "set KERAS_FER_DATA"),
        (["train", NAME, "--data", tmp_path], "looked for fer2013/"),
        (["train", NAME, "--data", tmp_path / "spoiled"], "row 5: expected 3"),
        (["train", NAME, "--epochs", 0], "epochs=0"),
        (["evaluate", tmp_path], "there is no model.keras"),
        (["evaluate", tmp_path / "nowhere"], "there is no model.keras"),
    ):
        if arguments[0] == "train":
            arguments += ["--out", out]
        code, output, errors = call(monkeypatch, capsys, *arguments)
        assert (code, output) == (2, "")
        (line,) = errors.splitlines()
        assert line.startswith("keras-fer: ")
        assert message in line
    assert not out.exists()


def test_skip_bad_goes_on_and_lists_what_it_left_out(
    tmp_path, monkeypatch, capsys
):
    rows = [
        fer2013_row(n % 7, p, "Training" if n < 71 else "PublicTest")
        for n, p in enumerate(faces(78))
    ]
    rows[5] = "3,1 2 3,Training"
    write_rows(tmp_path, ["emotion,pixels,Usage", *rows])
    code, output, _ = call(
        monkeypatch,
        capsys,
        *["train", NAME, "--data", tmp_path, "--out", tmp_path / "run"],
        *["--epochs", 1, "--skip-bad"],
    )
    assert code == 0
    assert "left out fer2013.csv, row 7: expected 2304 pixels" in output
    assert "70 images" in output


def test_unknown_options_exit_with_2():
    assert CliRunner().invoke(cli.app, ["train", NAME, "--fast"]).exit_code == 2


def test_recipes_lists_every_experiment():
    result = CliRunner().invoke(cli.app, ["recipes"])
    assert result.exit_code == 0
    assert "| `zero_bias_cnn_fer2013` |" in result.output
    assert "| `zero_bias_cnn_ck_plus` |" in result.output

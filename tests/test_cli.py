import csv
import dataclasses
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from corpora import faces
from corpora import fer2013_row
from corpora import portrait_frame
from corpora import write_ck48
from corpora import write_fer2013_csv
from corpora import write_rows
from networks import corpus
from networks import embedding_network
from typer.testing import CliRunner

from keras_fer import cli
from keras_fer import export
from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import attention_figures
from keras_fer.recipes import compact
from keras_fer.recipes import compact_network
from keras_fer.recipes import embedding_figures
from keras_fer.recipes import emotion_map_figures
from keras_fer.recipes import filter_figures
from keras_fer.recipes import run as run_module

NAME = "zero_bias_cnn_fer2013"
RUN = Path(__file__).parent.parent / "saved_models" / NAME


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


def test_train_then_evaluate(tmp_path, monkeypatch, capsys):
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

    arguments = ["evaluate", tmp_path / folder, "--data", tmp_path / "data"]
    code, output, errors = call(monkeypatch, capsys, *arguments)
    assert code == 0, errors
    accuracy = re.search(r"14 images: accuracy ([\d.]+)", output)[1]
    assert float(accuracy) == round(figures["val"]["accuracy"], 4)
    assert output.count("recall") == 7


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


def test_export_then_predict_with_it(tmp_path, monkeypatch, capsys):
    """The whole way: a run, its files, a folder of faces, an answer each."""
    write_fer2013_csv(tmp_path / "data", train=70, val=14)
    run = tmp_path / "run"
    shutil.copytree(RUN, run)
    for path in run.glob("*.tflite*"):
        path.unlink()
    options = ["--data", tmp_path / "data"]
    code, output, errors = call(
        monkeypatch, capsys, "export", run, "--format", "tflite", *options
    )
    assert code == 0, errors
    assert "on all 14 images of fer2013 val" in output
    assert "worst image: fer2013.csv, row" in output
    assert "| `model.tflite` | 5.35 MB |" in (run / "README.md").read_text()

    code, output, errors = call(
        monkeypatch, capsys, "predict", "--model", run, "--json"
    )
    assert code == 0 and errors == ""
    (face,) = json.loads(output)["faces"]
    assert face["expression"] in face["probabilities"]


def test_embed(tmp_path, monkeypatch, capsys):
    """Numbers on the screen, in a table, in arrays; the same everywhere."""
    model = tmp_path / "model.tflite"
    export.export_litert(embedding_network(), model, corpus(14))
    folder = folder_of_pictures(tmp_path)
    options = [folder, "--model", model]
    code, output, _ = call(monkeypatch, capsys, "embed", *options)
    assert code == 0
    rows = list(csv.DictReader(output.splitlines()))
    found = [row for row in rows if row["face"]]
    assert len(rows) == 5 and len(found) == 3
    numbers = [
        [float(row[f"embedding_{k}"]) for k in (1, 2, 3)] for row in found
    ]
    for name in ("faces.csv", "faces.npz"):
        out = tmp_path / name
        arguments = ["embed", *options, "--out", out]
        code, output, errors = call(monkeypatch, capsys, *arguments)
        assert (code, output) == (0, "") and f"Written to {out}" in errors
    with open(tmp_path / "faces.csv", newline="") as file:
        assert list(csv.DictReader(file)) == rows
    with np.load(tmp_path / "faces.npz") as arrays:
        np.testing.assert_array_equal(arrays["embedding"], np.float32(numbers))
    for arguments, message in (
        ([folder, "--model", NAME], f"{NAME} has no head 'embedding'"),
        ([*options, "--out", tmp_path / "a.json"], "must end in .csv or .npz"),
        ([*options, "--resume"], "--resume needs --out"),
    ):
        code, output, errors = call(monkeypatch, capsys, "embed", *arguments)
        (line,) = errors.splitlines()
        assert code == 2 and message in line


def test_export_refuses_with_one_line(tmp_path, monkeypatch, capsys):
    run = tmp_path / "run"
    shutil.copytree(RUN, run)
    before = sorted(run.iterdir())
    for arguments, message in (
        (["--format", "hdf5"], "Received: hdf5, none"),
        (["--format", "onnx", "--quantize", "int8"], "only tflite can be"),
        (["--format", "tflite", "--quantize", "x"], "`quantize` must be one"),
        (["--format", "tflite"], "set KERAS_FER_DATA"),
    ):
        if "x" in arguments:
            write_fer2013_csv(tmp_path / "data", train=70, val=14)
            arguments += ["--data", tmp_path / "data"]
        code, output, errors = call(
            monkeypatch, capsys, "export", run, *arguments
        )
        (line,) = errors.splitlines()
        assert (code, output) == (2, "") and message in line
    assert sorted(run.iterdir()) == before


BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "jax", "torch"}:
            raise ImportError(f"{name} must not be imported")
sys.meta_path.insert(0, Blocker())
sys.argv[0] = "keras-fer"
from keras_fer import cli
cli.main()
"""


@pytest.mark.parametrize("options", [[], ["--csv"], ["--annotate"]])
def test_predict_imports_neither_tensorflow_nor_keras(tmp_path, options):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "predict", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    if options == ["--annotate"]:
        assert (tmp_path / "annotated" / "grace_hopper.jpg").is_file()
    else:
        assert "neutral" in done.stdout
    # The same blocker stops a command that needs Keras.
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "recipes"],
        capture_output=True,
        text=True,
    )
    assert "must not be imported" in done.stderr


def test_predict_from_another_folder(tmp_path):
    """The network, the cascade and the portrait are found from anywhere."""
    done = keras_fer("predict", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "grace_hopper.jpg: 1 face" in done.stdout
    assert "XNNPACK" not in done.stderr or "TF_CPP_MIN_LOG_LEVEL" in os.environ
    assert list(tmp_path.iterdir()) == []


def folder_of_pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    portrait = inference.sample_picture().read_bytes()
    for name in "abc":
        (folder / f"{name}.jpg").write_bytes(portrait)
    (folder / "blank.png").write_bytes(
        cv2.imencode(".png", np.full((90, 90), 60, "uint8"))[1].tobytes()
    )
    (folder / "broken.jpg").write_text("a text")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_predict_on_a_folder(tmp_path, monkeypatch, capsys):
    folder = folder_of_pictures(tmp_path)
    out = tmp_path / "faces.csv"
    code, output, errors = call(
        monkeypatch, capsys, "predict", folder, "--csv", "--out", out
    )
    assert code == 0 and output == ""
    summary, skipped = errors.splitlines()
    assert "4 of 5 files, 3 faces, 1 skipped. Written to" in summary
    assert skipped.endswith("broken.jpg: not a picture")
    rows = list(csv.DictReader(out.read_text().splitlines()))
    names = [Path(row["source"]).name for row in rows]
    assert names == ["a.jpg", "b.jpg", "blank.png", "broken.jpg", "c.jpg"]
    assert rows[2]["face"] == "" and rows[3]["error"] != ""
    again = call(monkeypatch, capsys, "predict", folder, "--csv", "--out", out)
    assert again[0] == 2 and "exists already" in again[2]


@pytest.mark.slow
def test_predict_resumes_where_it_was_killed(tmp_path):
    """SIGKILL in the middle; the file is that of an unbroken run."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    portrait = cv2.imread(str(inference.sample_picture()))
    small = cv2.resize(portrait, (128, 150), interpolation=cv2.INTER_AREA)
    for number in range(250):
        cv2.imwrite(str(folder / f"{number:03d}.png"), small)
    arguments = ["predict", folder, "--json", "--out"]
    whole, path = tmp_path / "whole.json", tmp_path / "faces.json"
    assert keras_fer(*arguments, whole).returncode == 0
    program = Path(sys.executable).with_name("keras-fer")
    process = subprocess.Popen([program, *map(str, [*arguments, path])])
    while not any(p.stat().st_size for p in tmp_path.glob(".faces*.part")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not path.exists()
    done = keras_fer(*arguments, path, "--resume")
    assert done.returncode == 0, done.stderr
    before = int(re.search(r"(\d+) done before", done.stderr)[1])
    assert 0 < before < 250
    assert path.read_text() == whole.read_text()


def test_predict_on_crops_does_not_look_for_faces(
    tmp_path, monkeypatch, capsys
):
    folder = folder_of_pictures(tmp_path)
    code, output, _ = call(
        monkeypatch,
        capsys,
        "predict",
        folder / "blank.png",
        "--json",
        "--crops",
    )
    (face,) = json.loads(output)["faces"]
    assert code == 0 and face["box"] is None


def test_predict_refuses_with_one_line(tmp_path, monkeypatch, capsys):
    folder = folder_of_pictures(tmp_path)
    model = tmp_path / "model.tflite"
    model.write_text("no network")
    for arguments, message in (
        (["nowhere.jpg"], "no such file or folder"),
        ([folder / "broken.jpg"], "broken.jpg: not a picture"),
        (
            [folder / "broken.jpg", folder / "notes.txt"],
            "not a picture (and 1 more like it)",
        ),
        ([folder, "--json", "--csv"], "choose one of"),
        ([folder, "--out", "x"], "--out needs"),
        ([folder, "--json", "--resume"], "--resume needs"),
        (["--model", "nope"], "no network is called 'nope'"),
        (["--model", model], "is not a TFLite network"),
        (["99"], "camera 99: cannot be opened"),
    ):
        code, output, errors = call(monkeypatch, capsys, "predict", *arguments)
        assert code == 2, arguments
        line = errors.splitlines()[-1]
        assert line.startswith("keras-fer: ") and message in line


def test_unknown_options_exit_with_2():
    assert CliRunner().invoke(cli.app, ["train", NAME, "--fast"]).exit_code == 2


def test_recipes_lists_every_experiment():
    result = CliRunner().invoke(cli.app, ["recipes"])
    assert result.exit_code == 0
    assert "| `zero_bias_cnn_fer2013` |" in result.output
    assert "| `zero_bias_cnn_ck_plus` |" in result.output


@pytest.mark.slow
def test_folds_are_chosen_one_by_one(tmp_path, monkeypatch, capsys):
    write_ck48(tmp_path)
    monkeypatch.chdir(tmp_path)
    recipe = "zero_bias_cnn_ck_plus_seven"
    chosen = dataclasses.replace(
        recipes.get(recipe), epochs=1, steps_per_epoch=1, batch_size=2
    )
    monkeypatch.setattr(recipes, "get", lambda name: chosen)
    options = "--data", tmp_path, "--out", tmp_path / "run"
    code, out, err = call(
        monkeypatch, capsys, "train", recipe, "--fold", 3, "--fold", 0, *options
    )
    assert code == 0, err
    assert f"Written to {tmp_path / 'run'}" in out
    assert "| 0 | 14 |" in out and "| 3 | 14 |" in out
    assert "keras-fer: fold 3 (1 of 2)" in err
    folders = sorted(path.name for path in tmp_path.glob("run/fold_*"))
    assert folders == ["fold_0", "fold_3"]
    code, out, err = call(
        monkeypatch, capsys, "train", recipe, "--fold", 10, *options[:2]
    )
    assert code == 2
    assert err.splitlines()[-1] == (
        f"keras-fer: {recipe} has 10 folds, 0 to 9. Received: fold=10"
    )
    code, _, err = call(
        monkeypatch, capsys, "figures", tmp_path / "run", *options[:2]
    )
    assert code == 2
    assert "Each of its folds is a run: " in err


@pytest.mark.parametrize(
    ("show", "module", "options"),
    [
        ("filters", filter_figures, {"split": "val", "permutations": 100}),
        ("attention", attention_figures, {"split": "test"}),
        ("embedding", embedding_figures, {}),
    ],
)
def test_figures_of_a_run(show, module, options, tmp_path, monkeypatch, capsys):
    """What is drawn is tested in tests/recipes/test_<show>_figures.py."""
    asked = {}

    def draw(folder, **options):
        asked.update(options, folder=folder)
        return {"trained": {"filters": 256}}

    monkeypatch.setattr(module, f"draw_{show}", draw)
    arguments = [tmp_path, "--show", show, "--layer", "conv2"]
    for option, value in options.items():
        arguments += [f"--{option}", value]
    code, out, err = call(monkeypatch, capsys, "figures", *arguments)
    assert code == 0, err
    assert json.loads(out[: out.rindex("}") + 1])["trained"]["filters"] == 256
    assert asked == {
        "folder": tmp_path,
        "layer": "conv2",
        "data_dir": None,
        "skip_bad": False,
        **options,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--permutations", 99], "--permutations"),
        (["--show", "faces"], "--show must be one of filters, attention, "),
        (
            ["--show", "embedding", "--split", "val"],
            "--show embedding takes no --split",
        ),
        (
            ["--show", "attention", "--permutations", 200],
            "--show attention takes no --permutations",
        ),
    ],
)
def test_figures_refused(options, message, tmp_path, monkeypatch, capsys):
    code, _, err = call(monkeypatch, capsys, "figures", tmp_path, *options)
    assert code == 2 and message in err


def test_maps_of_compact_embeddings(tmp_path, monkeypatch, capsys):
    """What is drawn is tested in tests/recipes/test_emotion_map_figures.py."""
    asked = {}

    def draw(folder, **options):
        asked.update(options, folder=folder)
        return {"origin": "neutral"}

    monkeypatch.setattr(emotion_map_figures, "draw_emotion_maps", draw)
    arguments = ["figures", tmp_path, "--show", "map"]
    code, out, err = call(monkeypatch, capsys, *arguments)
    assert code == 0 and '"origin": "neutral"' in out, err
    assert asked == {"folder": tmp_path, "data_dir": None, "skip_bad": False}
    code, _, err = call(monkeypatch, capsys, *arguments, "--layer", "compact")
    assert code == 2 and "--show map takes no --layer" in err


@pytest.mark.parametrize(
    ("recipe", "module"),
    [("cake_fer2013_sfew_ck_plus", compact_network), (NAME, run_module)],
)
def test_export_asks_the_kind_of_recipe(
    recipe, module, tmp_path, monkeypatch, capsys
):
    written = {"recipe": {"name": recipe}}
    (tmp_path / "recipe.json").write_text(json.dumps(written))

    def export(folder, format, **options):
        raise ValueError(f"{module.__name__} was asked for {format}")

    monkeypatch.setattr(module, "export", export)
    code, _, err = call(
        monkeypatch, capsys, "export", tmp_path, "--format", "onnx"
    )
    assert code == 2 and f"{module.__name__} was asked for onnx" in err


def test_heads_on_frozen_features(tmp_path, monkeypatch, capsys):
    """What is trained is tested in tests/recipes/test_compact.py."""
    asked = {}

    def train(recipe, folder, **options):
        asked.update(options, name=recipe.name, epochs=recipe.epochs)
        folder.mkdir()
        (folder / "README.md").write_text("# the card")
        return folder

    monkeypatch.setattr(compact, "train", train)
    arguments = ["train", "cake_fer2013_sfew_ck_plus", "--out"]
    code, out, err = call(
        monkeypatch, capsys, *arguments, tmp_path / "a", "--epochs", 3
    )
    assert code == 0 and "# the card" in out, err
    assert asked == {
        "name": "cake_fer2013_sfew_ck_plus",
        "epochs": 3,
        "data_dir": None,
        "resume": False,
        "skip_bad": False,
    }
    for option in (["--seed", 1], ["--init", "x"], ["--jit"]):
        code, _, err = call(
            monkeypatch, capsys, *arguments, tmp_path / "b", *option
        )
        assert code == 2 and "several networks: it takes --data" in err


def test_audit(tmp_path, monkeypatch, capsys):
    path = write_fer2013_csv(tmp_path, train=14, val=7)
    monkeypatch.chdir(tmp_path)
    options = "audit", "fer2013", "--data", tmp_path
    code, out, _ = call(monkeypatch, capsys, *options, "--strict")
    assert code == 0 and "no picture and no person is in two splits" in out
    assert (tmp_path / "runs" / "audit_fer2013" / "audit.json").is_file()
    rows = path.read_text().splitlines()
    rows[1] = rows[15].replace("PublicTest", "Training")
    path.write_text("\n".join(rows))
    code, out, _ = call(monkeypatch, capsys, *options)
    assert code == 0 and "the splits leak" in out
    code, out, _ = call(monkeypatch, capsys, *options, "--strict")
    assert code == 1 and "the splits leak" in out
    for option, message in (
        ("drop_leaks", "expected --option NAME=VALUE. Received: drop_leaks"),
        ("fold=1", "fer2013 has no argument fold"),
    ):
        code, _, err = call(monkeypatch, capsys, *options, "--option", option)
        assert code == 2 and message in err
    code, out, _ = call(
        monkeypatch, capsys, *options, "--option", "drop_leaks=true", "--strict"
    )
    assert code == 0 and "their pixels occur in a later split" in out


def test_prepare(tmp_path, monkeypatch, capsys):
    """It needs no TensorFlow, unless MTCNN is asked for."""
    (tmp_path / "photos").mkdir()
    for number in range(2):
        path = tmp_path / "photos" / f"{number}.png"
        cv2.imwrite(str(path), portrait_frame(number))
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no picture")
    out = tmp_path / "crops"
    options = "prepare", tmp_path / "photos", "--out", out, "--workers", 1
    code, text, err = call(
        monkeypatch, capsys, *options, "--gray", "--size", 48
    )
    assert code == 0, err
    assert f"2 ok, 1 unreadable. Each file: {out / 'prepare.csv'}" in text
    crop = cv2.imread(str(out / "0.png"), cv2.IMREAD_UNCHANGED)
    assert crop.shape == (48, 48)
    code, _, err = call(monkeypatch, capsys, *options)
    assert code == 2 and "is not empty; --resume goes on" in err
    code, _, err = call(monkeypatch, capsys, *options, "--align", "affine")
    assert code == 2 and "`align` needs landmarks" in err


@pytest.mark.slow
def test_fine_tuning_on_ones_own_faces(tmp_path, monkeypatch, capsys):
    """The commands of the README, one after the other."""
    for split, count in (("train", 12), ("val", 6)):
        for label, name in enumerate(("anger", "boredom", "happy")):
            for number, pixels in enumerate(faces(count, 10 * label + count)):
                path = tmp_path / "mine" / split / name / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels)
    monkeypatch.chdir(tmp_path)
    recipe, run = "zero_bias_cnn_own", Path("runs") / "zero_bias_cnn_own"
    code, out, err = call(
        monkeypatch,
        capsys,
        *("train", recipe, "--data", "mine", "--epochs", 1),
        *("--init", NAME),
    )
    assert code == 0, err
    assert "classes taken over: anger, happiness" in err
    assert "own corpus (mine)" in out
    options = run, "--data", "mine"
    code, out, err = call(monkeypatch, capsys, "evaluate", *options)
    assert code == 0 and "recall boredom" in out, err
    code, out, err = call(
        monkeypatch, capsys, "export", *options, "--format", "tflite"
    )
    assert code == 0, err
    code, out, err = call(
        monkeypatch, capsys, "predict", "--model", run, "--json"
    )
    assert code == 0, err
    (face,) = json.loads(out)["faces"]
    assert set(face["probabilities"]) == {"anger", "boredom", "happiness"}

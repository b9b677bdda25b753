import importlib.util
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import pytest
from corpora import write_fer2013_csv
from corpora import write_ferplus
from corpora import write_sfew

from keras_fer import inference

EXAMPLES = Path(__file__).parent.parent / "examples"
# Each has its test.
NAMES = {
    "augmentation",
    "cake",
    "daf_cnn",
    "emma",
    "facial_emotion_vae",
    "procedural_faces",
    "zero_bias_cnn",
}


def load(name):
    path = EXAMPLES / f"{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_has_its_test():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == NAMES


def test_augmentation(tmp_path, capsys):
    load("augmentation").main(["--out", str(tmp_path / "sheets")])
    output = capsys.readouterr().out
    for name in ("augmentations", "balancing"):
        path = tmp_path / "sheets" / f"{name}.png"
        assert path.stat().st_size > 20_000 and str(path) in output
    plt.close("all")


@pytest.mark.slow
def test_facial_emotion_vae(tmp_path, capsys):
    out = tmp_path / "vae"
    few = ["--images", "112", "--epochs", "1", "--out", str(out)]
    load("facial_emotion_vae").main(few)
    output = capsys.readouterr().out
    assert "sadness: ahead of others" in output
    assert "decoder.tflite: differs by" in output
    for name in ("latents.png", "changed.png", "sadness.gif"):
        assert (out / name).stat().st_size > 200, name


@pytest.mark.slow
def test_cake_runs_on_small_corpora(tmp_path, capsys):
    write_fer2013_csv(tmp_path, train=28, val=14)
    write_sfew(tmp_path)
    out = tmp_path / "cake"
    load("cake").main(["--data", str(tmp_path), "--out", str(out)])
    output = capsys.readouterr().out
    assert "fer2013: accuracy 0." in output and "sfew: accuracy" in output
    assert (tmp_path / "cake.png").stat().st_size > 10_000
    recognizer = inference.Recognizer.from_pretrained(f"{out}.tflite")
    assert recognizer.check_embeds() == 2
    plt.close("all")


@pytest.mark.slow
def test_emma_runs_on_a_small_corpus(tmp_path, capsys):
    write_ferplus(tmp_path, 228, 38)
    out = tmp_path / "emma.tflite"
    load("emma").main(
        ["--data", str(tmp_path), "--epochs", "1", "--out", str(out)]
    )
    output = capsys.readouterr().out
    assert "on PublicTest" in output and "fear-anger: " in output
    assert "nostalgia" in output and "100.00 % same answer" in output
    assert out.stat().st_size > 1e7


@pytest.mark.slow
def test_daf_cnn_runs_on_a_small_corpus(tmp_path, capsys):
    write_fer2013_csv(tmp_path, train=28, val=14)
    out = tmp_path / "model.keras"
    try:
        load("daf_cnn").main(
            [
                *["--data", str(tmp_path), "--out", str(out)],
                *["--epochs", "1", "--batch-size", "8", "--width", "0.05"],
            ]
        )
    finally:
        keras.config.set_dtype_policy("float32")
    assert "accuracy 0." in capsys.readouterr().out
    network = keras.models.load_model(out)
    assert set(network.output) == {"logits", "embedding", "distances"}
    assert (tmp_path / "model.keras.png").stat().st_size > 10_000
    plt.close("all")


def test_procedural_faces(tmp_path, capsys):
    load("procedural_faces").main(["--out", str(tmp_path / "sheets")])
    output = capsys.readouterr().out
    for name in ("expressions", "action_units", "domains"):
        path = tmp_path / "sheets" / f"{name}.png"
        assert path.stat().st_size > 50_000 and str(path) in output
    plt.close("all")


def test_zero_bias_cnn_runs_on_a_small_corpus(tmp_path, capsys):
    write_fer2013_csv(tmp_path, train=28, val=14)
    out = tmp_path / "model.keras"
    load("zero_bias_cnn").main(
        [
            *["--data", str(tmp_path), "--out", str(out)],
            *["--epochs", "1", "--batch-size", "8"],
        ]
    )
    assert "accuracy 0." in capsys.readouterr().out
    assert keras.models.load_model(out).count_params() > 0

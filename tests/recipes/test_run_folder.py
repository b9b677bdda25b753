import csv
import threading

import filelock
import keras
import pytest

from keras_fer import export
from keras_fer.recipes import run_folder
from keras_fer.recipes.run_folder import RunError

SETTINGS = {"name": "r", "paper": "60 %", "cost": "1 h", "seed": 0}


def network():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def test_saved_and_loaded_with_one_hash(tmp_path):
    model = network()
    run_folder.save(model, tmp_path)
    loaded = run_folder.load(tmp_path)
    assert export.weights_sha256(loaded) == export.weights_sha256(model)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
    model.set_weights([w + 1e-3 for w in model.get_weights()])
    assert export.weights_sha256(loaded) != export.weights_sha256(model)


@pytest.mark.parametrize("left", [0, 100, -100])
def test_a_broken_network_file_is_named(tmp_path, left):
    run_folder.save(network(), tmp_path)
    path = tmp_path / "model.keras"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(RunError, match="model.keras cannot be read"):
        run_folder.load(tmp_path)


def test_a_network_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match="there is no model.keras"):
        run_folder.load(tmp_path)


@pytest.mark.parametrize("trace", ["recipe.json", "checkpoints", "model.keras"])
def test_any_trace_of_a_run_is_a_run(tmp_path, trace):
    run_folder.check_free(tmp_path, resume=False)
    (tmp_path / trace).mkdir()
    with pytest.raises(RunError, match="holds a run already.*--resume"):
        run_folder.check_free(tmp_path, resume=False)
    run_folder.check_free(tmp_path, resume=True)


def test_another_process_is_kept_out(tmp_path):
    lock = filelock.FileLock(tmp_path / ".lock")
    # Another thread holds it as another process would.
    holder = threading.Thread(target=lock.acquire)
    holder.start()
    holder.join()
    with pytest.raises(RunError, match="another process trains there"):
        with run_folder.locked(tmp_path):
            raise AssertionError("both are inside")


def test_settings_are_written_once_and_compared(tmp_path):
    run_folder.write_settings(SETTINGS, tmp_path)
    assert run_folder.read_settings(tmp_path) == SETTINGS
    # What is said about a recipe may change, what it does may not.
    run_folder.write_settings({**SETTINGS, "cost": "2 h"}, tmp_path)
    assert run_folder.read_settings(tmp_path) == SETTINGS
    with pytest.raises(RunError, match="other settings: seed differ"):
        run_folder.write_settings({**SETTINGS, "seed": 1}, tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"recipe": 3}'])
def test_a_damaged_record_is_named(tmp_path, text):
    (tmp_path / "recipe.json").write_text(text)
    with pytest.raises(RunError, match="recipe.json cannot be read"):
        run_folder.read_settings(tmp_path)


def test_history_as_a_table_and_a_figure(tmp_path):
    names = "epoch", "loss", "val_loss", "accuracy", "val_accuracy"
    rows = [dict.fromkeys(names, 0.5), dict.fromkeys(names, 0.25)]
    run_folder.write_history(rows, tmp_path)
    run_folder.draw_history(rows, tmp_path)
    with open(tmp_path / "history.csv", newline="") as file:
        read = [
            {name: float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
    assert read == rows
    assert (tmp_path / "history.png").read_bytes()[:4] == b"\x89PNG"
    assert not list(tmp_path.glob("*.part*"))


def test_figures_of_the_user_are_left_alone(tmp_path):
    """Drawing must not open windows or close the user's figures."""
    import matplotlib.pyplot as plt

    plt.close("all")
    mine = plt.figure()
    test_history_as_a_table_and_a_figure(tmp_path)
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)

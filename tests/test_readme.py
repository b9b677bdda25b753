import re
from pathlib import Path

import pytest
from corpora import write_fer2013_csv

from keras_fer import recipes
from keras_fer.recipes import table

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_code_blocks_run(number, tmp_path, monkeypatch):
    write_fer2013_csv(tmp_path / "data", train=70, val=14)
    monkeypatch.setenv("KERAS_FER_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[number], f"README block {number}", "exec"), {})


def test_there_are_code_blocks():
    assert len(BLOCKS) >= 1


def test_the_table_is_the_generated_one():
    between = re.search(
        r"<!-- keras-fer recipes -->\n(.*?)\n<!-- end -->", README, re.DOTALL
    )
    assert between[1] == table.markdown()


def test_the_commands_are_those_that_exist():
    commands = set(re.findall(r"keras-fer ([a-z]+)", README))
    assert commands == {"train", "evaluate", "recipes"}


def test_what_is_linked_exists():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (REPOSITORY / target).exists(), target


def test_reported_runs_are_recipes_with_a_card():
    folders = [p for p in recipes.saved_models().iterdir() if p.is_dir()]
    reported = {path.name for path in folders if path.name != "__pycache__"}
    assert reported <= set(recipes.names())
    for name in reported:
        folder = REPOSITORY / "saved_models" / name
        for file in ("README.md", "history.csv", "model.keras"):
            assert (folder / file).is_file()

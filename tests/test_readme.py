import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import readme_tables
from corpora import write_fer2013_csv

from keras_fer import export
from keras_fer import recipes
from keras_fer.recipes import card
from keras_fer.recipes import run_folder

REPOSITORY = Path(__file__).parent.parent
PAGES = {page: page.read_text(encoding="utf-8") for page in readme_tables.PAGES}
TEXT = "\n".join(PAGES.values())
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_code_blocks_run_one_after_the_other(tmp_path):
    """Those that load a network in a new process."""
    write_fer2013_csv(tmp_path / "data", train=70, val=14)
    environment = {**os.environ, "KERAS_FER_DATA": str(tmp_path / "data")}
    assert len(BLOCKS) == 7
    loading = ["load_model" in block for block in BLOCKS]
    for kind in (False, True):
        of_kind = zip(BLOCKS, loading, strict=True)
        block = "\n".join(block for block, loads in of_kind if loads is kind)
        done = subprocess.run(
            [sys.executable, "-c", block],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def test_the_tables_are_the_generated_ones():
    for page, text in PAGES.items():
        assert readme_tables.fill(text) == text, page
    kinds = re.findall(r"<!-- table (\w+)", TEXT)
    assert set(kinds) == set(readme_tables.KINDS)
    assert TEXT.count("<!-- end -->") == len(kinds)
    tables = re.findall(r"<!-- table literature .*?<!-- end -->", TEXT, re.S)
    spoiled = tables[0].replace("| Tang |", "| wrong |")
    assert spoiled != tables[0] == readme_tables.fill(spoiled)


def test_the_filters_are_the_reported_ones():
    folder = REPOSITORY / "saved_models" / "zero_bias_cnn_procedural"
    stem = folder / "filters_conv3_test"
    with open(stem.with_suffix(".csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    kind = "permuted within expression"
    beaten = [row for row in rows if float(row[f"p, {kind}"]) <= 0.05]
    same = [
        row
        for row in beaten
        if row["largest divergence"] == row[f"best unit, {kind}"]
    ]
    falls = [row for row in beaten if row[f"raises, {kind}"] == "0"]
    words = " ".join(TEXT.split())
    assert f"{len(beaten)} of {len(rows)} filters say more" in words
    assert f"for {len(same)} of the {len(beaten)}." in words
    assert f"with {len(falls)} of the {len(beaten)} the response" in words


def test_the_exports_are_the_reported_ones():
    folder = REPOSITORY / "saved_models" / "zero_bias_cnn_fer2013"
    result = run_folder.read_result(folder)
    reports = run_folder.read_exports(folder, result["weights_sha256"])
    assert len(reports) == 6
    assert card.exports_table(reports) in (folder / "README.md").read_text(
        encoding="utf-8"
    )
    for report in reports:
        parity = export.ParityReport(**report)
        parity.check()
        assert parity.images == result["val"]["samples"]
        assert parity.accuracy_original == result["val"]["accuracy"]


def test_the_attention_is_the_reported_one():
    path = REPOSITORY / "saved_models" / "daf_cnn_procedural"
    found = run_folder.read_json(path / "attention.json")
    attention = found["trained"]["attention"]
    words = " ".join(TEXT.split())
    share, area = (f"{100 * attention[k]:.1f} %" for k in ("share", "area"))
    assert f"{share} of it falls on {area} of the picture" in words
    assert attention["p, units of any face"] > 0.95
    speaking = found["trained"]["class activation"]
    p = speaking["p, units of the expression"]
    own, other = (
        f"{100 * speaking[k]:.1f}"
        for k in ("excess", "excess, units of the expression")
    )
    assert f"({own} against {other}, p = {p:.2f}".replace("0.", ".") in words
    random = [of["class activation"]["excess"] for of in found["untrained"]]
    assert len(random) == 5 and speaking["excess"] > max(random)
    most = f"{100 * max(random):.1f} at most"
    assert f"{own} points above even attention" in words and most in words
    accuracy = run_folder.read_result(path)["test"]["accuracy"]
    assert f"names {100 * accuracy:.0f} % of unseen people's" in words


def test_the_commands_are_those_that_exist():
    commands = set(re.findall(r"keras-fer ([a-z]+)", TEXT))
    assert commands == {
        "audit",
        "demo",
        "embed",
        "evaluate",
        "export",
        "figures",
        "predict",
        "prepare",
        "recipes",
        "train",
    }


def test_what_is_linked_exists():
    for page, text in PAGES.items():
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (page.parent / target).exists(), (page, target)


def test_reported_runs_are_recipes_with_a_card():
    folders = [p for p in (REPOSITORY / "saved_models").iterdir() if p.is_dir()]
    reported = {path.name for path in folders if path.name != "__pycache__"}
    assert reported <= set(recipes.names())
    for name in reported:
        folder = REPOSITORY / "saved_models" / name
        course = {
            recipes.CompactRecipe: "dimensions.png",
            recipes.SiameseRecipe: "comparators.png",
        }.get(type(recipes.get(name)), "history.csv")
        for file in ("README.md", course, "recipe.json"):
            assert (folder / file).is_file()
        # Weights are shipped of FER2013 and procedural faces only.
        corpora = ("fer2013", "ferplus", "procedural")
        may_ship = any(corpus in name for corpus in corpora)
        assert may_ship or not (folder / "model.keras").exists()

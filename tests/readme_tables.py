"""Generate the tables of README and docs from the reported runs.

    python tests/readme_tables.py

Each stands between `<!-- table KIND ARGUMENTS -->` and `<!-- end -->`.
"""

import json
import re
from pathlib import Path

from keras_fer.recipes import card
from keras_fer.recipes import compact_card
from keras_fer.recipes import compound_table
from keras_fer.recipes import latent_table
from keras_fer.recipes import run_folder
from keras_fer.recipes import siamese_summary
from keras_fer.recipes import table

REPOSITORY = Path(__file__).parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
RUNS = REPOSITORY / "saved_models"


def read(path):
    return json.loads((RUNS / path).read_text(encoding="utf-8"))


def exports(name):
    result = run_folder.read_result(RUNS / name)
    reports = run_folder.read_exports(RUNS / name, result["weights_sha256"])
    return card.exports_table(reports)


def compact(part, name, *models):
    make = getattr(compact_card, f"{part}_markdown")
    return make(read(f"{name}/metrics.json"), *models)


def weights(name, model):
    return compact_card.difference_markdown(
        RUNS / name, RUNS / f"{name}_unweighted", model
    )


def alignment(name):
    return compact_card.alignment_markdown(read(f"{name}/emotion_maps.json"))


def siamese(part, name):
    path = RUNS / name / "metrics.json"
    if not path.is_file():
        return "| |\n|---|\n| not run |"
    make = getattr(siamese_summary, f"{part}_markdown")
    return make(read(f"{name}/metrics.json"))


def some_recipes(which, *names):
    """All, or those that are named, of the table of recipes."""
    head, line, *rows = table.markdown(which).splitlines()
    if names:
        by_name = {row.split("`")[1]: row for row in rows}
        rows = [by_name[name] for name in names if name in by_name]
    return "\n".join([head, line, *rows])


KINDS = {
    "compact": compact,
    "weights": weights,
    "alignment": alignment,
    "recipes": some_recipes,
    "ablations": table.ablations_markdown,
    "comparison": table.comparison_markdown,
    "embedding": table.embedding_markdown,
    "measures": table.measures_markdown,
    "literature": table.literature_markdown,
    "folds": lambda *names: table.folds_markdown(names),
    "filters": lambda path: table.filters_markdown(read(path)),
    "attention": table.attention_markdown,
    "exports": exports,
    "unseen": compound_table.unseen_markdown,
    "basics": compound_table.basics_markdown,
    "table_1": compound_table.table_1_markdown,
    "recall": compound_table.recall_markdown,
    "slopes": compound_table.slopes_markdown,
    "variances": compound_table.variances_markdown,
    "siamese": siamese,
    "latents": latent_table.latents_markdown,
    "axes": latent_table.axes_markdown,
    "pictures": latent_table.pictures_markdown,
    "starts": latent_table.starts_markdown,
    "ends": latent_table.ends_markdown,
    "opposites": latent_table.opposites_markdown,
    "contrary": latent_table.contrary_markdown,
    "directions": latent_table.directions_markdown,
}


def fill(text):
    """The text with all its tables as they are generated."""

    def generate(found):
        kind, *arguments = found[2].split()
        return f"{found[1]}{KINDS[kind](*arguments)}\n{found[3]}"

    return re.sub(
        r"(<!-- table (.+?) -->\n).*?(<!-- end -->)",
        generate,
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(fill(page.read_text(encoding="utf-8")), "utf-8")

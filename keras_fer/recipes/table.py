"""Every experiment in one table: the paper's figure beside ours."""

import csv
import json

import numpy as np

from keras_fer import evaluation
from keras_fer import inference
from keras_fer import recipes
from keras_fer.recipes import card
from keras_fer.recipes import compact_card
from keras_fer.recipes import run_folder

# Rows of DAF-CNN's table 1, and how the recipes' names end.
_DAF_CNN_ROWS = {
    "neither": "_none",
    "TC loss": "_tc",
    "attention": "_attention",
    "both": "",
}
# What is said of its embeddings, and how it is called.
_MEASURES = {
    "intra_class_variance": "within",
    "inter_class_distance": "between",
    "separation": "separation",
    "silhouette": "silhouette",
}


def markdown(which: str = "all") -> str:
    """Make the table of recipes from `saved_models/*/metrics.json`.

    Args:
        which: `"all"`, those that were `"run"`, or those that were `"not-run"`.

    Returns:
        A Markdown table. Figures are accuracy with its 95 % interval where
        nothing else is said; what has not been run says so.

    Raises:
        ValueError: `which` is none of them.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.markdown().splitlines()[0]
    '| recipe | paper | ours | images | cost |'
    """
    if which not in ("all", "run", "not-run"):
        raise ValueError(
            f"`which` must be all, run or not-run. Received: {which}"
        )
    lines = [
        "| recipe | paper | ours | images | cost |",
        "|---|---|---|---|---|",
    ]
    for name in recipes.names():
        recipe = recipes.get(name)
        path = inference.saved_models() / name / "metrics.json"
        ours, images = "not run", ""
        if which != "all" and path.is_file() != (which == "run"):
            continue
        if path.is_file():
            ours, images = _ours(json.loads(path.read_text(encoding="utf-8")))
        lines.append(
            f"| `{name}` | {recipe.paper} | {ours} | {images} | {recipe.cost} |"
        )
    return "\n".join(lines)


def ablations_markdown(name: str) -> str:
    """Make the table of a recipe and its ablations, fold by fold.

    Args:
        name: of the recipe that has everything, A and D.

    Returns:
        A Markdown table: test accuracy on the folds that all rows have in
        common, each fold and their mean. What has not been run says so.

    Example:

    >>> from keras_fer.recipes import table
    >>> text = table.ablations_markdown("zero_bias_cnn_tfd")
    >>> text.splitlines()[2]
    '| none | 79.0 ± 1.1 % | not run |'
    """
    suffixes = {"none": "_none", "D": "_d", "A": "_a", "AD": ""}
    values = {}
    for row, suffix in suffixes.items():
        path = inference.saved_models() / f"{name}{suffix}" / "metrics.json"
        if path.is_file():
            result = json.loads(path.read_text(encoding="utf-8"))
            report = result["cross_validation"]
            accuracy = report["accuracy"]["values"]
            values[row] = dict(zip(report["folds"], accuracy, strict=True))
    folds = sorted(set.intersection(*map(set, values.values() or [()])))
    heads = [*(f"fold {fold}" for fold in folds), "mean"] if folds else ["ours"]
    values = values if folds else {}
    lines = [
        f"| | paper | {' | '.join(heads)} |",
        "|---" * (2 + len(heads)) + "|",
    ]
    for row, suffix in suffixes.items():
        cells = ["not run"] + [""] * (len(heads) - 1)
        if row in values:
            figures = [values[row][fold] for fold in folds]
            figures.append(sum(figures) / len(folds))
            cells = [f"{100 * figure:.1f} %" for figure in figures]
        paper = recipes.get(f"{name}{suffix}").paper
        lines.append(f"| {row} | {paper} | {' | '.join(cells)} |")
    return "\n".join(lines)


def comparison_markdown(name: str) -> str:
    """Make the table of DAF-CNN's ablations over seeds, and their differences.

    Args:
        name: of the recipe that has both attention and triplet-center loss.

    Returns:
        A Markdown table: for each row the mean over the seeds that all rows
        have in common, and the difference from the row without both, with its
        95 % interval (see `evaluation.compare_runs`). What has not been run
        says so.

    Raises:
        ValueError: the rows were not measured on the same images.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.comparison_markdown("daf_cnn_fer2013_small").splitlines()[0]
    '| | paper | accuracy | UAR | macro F1 | differences |'
    """
    lines = [
        "| | paper | accuracy | UAR | macro F1 | differences |",
        "|---|---|---|---|---|---|",
    ]
    found = {row: _answers(name + end) for row, end in _DAF_CNN_ROWS.items()}
    images = [
        (split, labels) for split, labels, seeds in found.values() if seeds
    ]
    for split, labels in images:
        if split != images[0][0] or not np.array_equal(labels, images[0][1]):
            raise ValueError(
                f"{name} and its ablations were measured on different images"
            )
    sets = [set(answers) for *_, answers in found.values() if answers]
    seeds = sorted(set.intersection(*sets)) if sets else []
    for row, end in _DAF_CNN_ROWS.items():
        paper = recipes.get(name + end).paper
        _, labels, answers = found[row]
        base = found["neither"][2]
        if not seeds or not answers:
            lines.append(f"| {row} | {paper} | not run | | | |")
            continue
        own = np.array([answers[seed] for seed in seeds])
        other = np.array([base[seed] for seed in seeds]) if base else own
        compared = evaluation.compare_runs(labels, other, own)
        means = " | ".join(
            f"{100 * compared.second[m]:.1f} %" for m in evaluation.MEASURES
        )
        cell = "; ".join(
            f"{100 * compared.difference[m]:+.1f} "
            f"({100 * low:+.1f} to {100 * high:+.1f})"
            for m, (low, high) in compared.interval.items()
        )
        cell = cell if base and row != "neither" else ""
        lines.append(f"| {row} | {paper} | {means} | {cell} |")
    if seeds:
        names = ", ".join(map(str, seeds))
        luck = "images and seeds" if len(seeds) > 1 else "images alone"
        lines.append(
            f"\nMeans over the seeds {names}, {images[0][0]}, "
            f"{len(images[0][1])} images; differences in points of accuracy, "
            f"UAR and macro F1, with 95 % intervals for the luck of {luck}."
        )
    return "\n".join(lines)


def _answers(name):
    """Split, labels, and the classes that each seed of a run named."""
    folder = inference.saved_models() / name
    path = folder / "metrics.json"
    if not path.is_file():
        return None, None, {}
    result = json.loads(path.read_text(encoding="utf-8"))
    labels, named = run_folder.read_answers(result["split"], folder)
    seeds = dict(zip(result["seeds"], named, strict=True))
    return _label(result["split"], result), labels, seeds


def embedding_markdown(name: str) -> str:
    """Make the table of what DAF-CNN's ablations do to the embedding.

    Args:
        name: of the recipe that has both attention and triplet-center loss.

    Returns:
        A Markdown table of what `keras-fer figures --show embedding` found on
        training and held-out faces: variance within an expression, squared
        distance between two, their ratio and the silhouette; mean and deviation
        over the seeds, and over networks of random weights.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.embedding_markdown("daf_cnn_fer2013_full").splitlines()[2]
    '| neither | not run | | | | | | | |'
    """
    lines = [
        "| | "
        + " | ".join(f"{of}, train | held out" for of in _MEASURES.values())
        + " |",
        "|---" * (2 * len(_MEASURES) + 1) + "|",
    ]

    def row(head, kind, splits):
        cells = []
        for measure in _MEASURES:
            for split in ("train", "val"):
                values = [one[measure] for one in splits[split][kind]]
                cell = f"{np.mean(values):.2f}"
                if len(values) > 1:
                    cell += f" ± {np.std(values, ddof=1):.2f}"
                cells.append(cell)
        lines.append(f"| {head} | {' | '.join(cells)} |")

    found = {}
    for head, end in _DAF_CNN_ROWS.items():
        path = inference.saved_models() / (name + end) / "embedding.json"
        if path.is_file():
            found[head] = run_folder.read_json(path)["splits"]
            row(head, "trained", found[head])
        else:
            lines.append(f"| {head} | not run{' |' * 2 * len(_MEASURES)}")
    for head, words in (("TC loss", "no attention"), ("both", "attention")):
        if head in found:
            row(f"random weights, {words}", "untrained", found[head])
    return "\n".join(lines)


def attention_markdown(name: str) -> str:
    """Make the table of what `keras-fer figures --show attention` measured.

    Args:
        name: of a recipe that was run.

    Returns:
        A Markdown table, the trained network beside those of random weights,
        whose shares are means, least and largest.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.attention_markdown("daf_cnn_procedural").splitlines()[1]
    '|---|---|---|'
    """
    path = inference.saved_models() / name / "attention.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    lines = [
        f"| {summary['faces']} drawn faces | trained | random weights |",
        "|---|---|---|",
    ]
    shares = {
        "share": "share where the units shown act",
        "area": "even attention there (the area)",
        "excess": "excess over even attention",
        "excess, units of any face": "excess for the units of any face",
        "excess, units of the expression": "excess for those of a face of the "
        "same expression",
    }
    for kind, found in summary["trained"].items():
        counts = [network[kind]["maps"] for network in summary["untrained"]]
        lines.append(
            f"| {kind}, faces with a map | {found['maps']} | "
            f"{min(counts)}–{max(counts)} |"
        )
        for key, words in shares.items():
            cell = f"{100 * found[key]:.1f} %" if key in found else "–"
            if f"95 % of {key}" in found:
                low, high = (100 * v for v in found[f"95 % of {key}"])
                cell += f" ({low:.1f}–{high:.1f})"
            others = [
                100 * network[kind][key]
                for network in summary["untrained"]
                if key in network[kind]
            ]
            random = "–"
            if others:
                random = (
                    f"{np.mean(others):.1f} % "
                    f"({min(others):.1f}–{max(others):.1f})"
                )
            lines.append(f"| {kind}, {words} | {cell} | {random} |")
    return "\n".join(lines)


def folds_markdown(names) -> str:
    """Make the table of recipes on the same folds, and their differences.

    Args:
        names: of recipes with folds; the first is what the others are compared
            with.

    Returns:
        A Markdown table: mean accuracy and UAR, and the difference of accuracy
        fold by fold, with its 95 % interval (Nadeau and Bengio). What has not
        been run says so.

    Raises:
        ValueError: the recipes were run on other folds or another corpus.

    Example:

    >>> from keras_fer.recipes import table
    >>> text = table.folds_markdown(["zero_bias_cnn_sfew"])
    >>> text.splitlines()[0]
    '| recipe | accuracy | UAR | difference |'
    """
    lines = ["| recipe | accuracy | UAR | difference |", "|---|---|---|---|"]
    first = None
    for name in names:
        path = inference.saved_models() / name / "metrics.json"
        if not path.is_file():
            lines.append(f"| `{name}` | not run | | |")
            continue
        result = json.loads(path.read_text(encoding="utf-8"))
        report = result["cross_validation"]
        first = report if name == names[0] else first
        cell = ""
        if first not in (None, report):
            cell = _difference(name, first, report, result["folds"])
        lines.append(
            f"| `{name}` | {card.share(report['accuracy'])} | "
            f"{card.share(report['uar'])} | {cell} |"
        )
    return "\n".join(lines)


def _difference(name, first, report, folds):
    for key in ("corpus", "folds"):
        if report[key] != first[key]:
            raise ValueError(
                f"{name} was run with {key} {report[key]}. Expected those of "
                f"what it is compared with: {first[key]}"
            )
    values = np.array(report["accuracy"]["values"])
    change = evaluation.fold_statistics(
        values - first["accuracy"]["values"],
        report["samples"] / sum(fold["train_images"] for fold in folds),
        lowest=-1.0,
    )
    text = f"{100 * change.mean:+.1f}"
    if change.interval:
        low, high = (100 * bound for bound in change.interval)
        text += f" ({low:+.1f} to {high:+.1f})"
    return text


def literature_markdown(corpus: str) -> str:
    """Make the table of what others reached on a corpus.

    Args:
        corpus: name of a corpus in `saved_models/literature.csv`.

    Returns:
        A Markdown table of accuracies, as the cited paper lists them.

    Raises:
        ValueError: there is no such corpus.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.literature_markdown("sfew").splitlines()[2]
    '| Dhall et al. (baseline of SFEW) | 35.93 % | | DAF-CNN table 3 |'
    """
    path = inference.saved_models() / "literature.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = sorted({row["corpus"] for row in rows})
    if corpus not in known:
        raise ValueError(
            f"`corpus` must be one of {', '.join(known)}. Received: {corpus!r}"
        )
    lines = ["| method | single | ensemble | source |", "|---|---|---|---|"]
    for row in rows:
        if row["corpus"] == corpus:
            single, ensemble = (
                f" {row[kind]} % " if row[kind] else " "
                for kind in ("single", "ensemble")
            )
            lines.append(
                f"| {row['method']} |{single}|{ensemble}| {row['source']} |"
            )
    return "\n".join(lines)


def measures_markdown(name: str) -> str:
    """Make the table of a run's measures on its last split.

    Args:
        name: of a recipe without folds that was run.

    Returns:
        A Markdown table: each measure with its 95 % interval.

    Example:

    >>> from keras_fer.recipes import table
    >>> table.measures_markdown("zero_bias_cnn_fer2013").splitlines()[0]
    '| `zero_bias_cnn_fer2013` | UAR | accuracy | macro F1 |'
    """
    path = inference.saved_models() / name / "metrics.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    split = "test" if "test" in result else "val"
    report = result[split]
    label = _label(split, result)
    cells = []
    for measure in ("uar", "accuracy", "macro_f1"):
        low, high = report[f"{measure}_interval"]
        cells.append(
            f"{100 * report[measure]:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
        )
    return "\n".join(
        [
            f"| `{name}` | UAR | accuracy | macro F1 |",
            "|---|---|---|---|",
            f"| {label}, {report['samples']} faces | {' | '.join(cells)} |",
        ]
    )


def filters_markdown(summary: dict) -> str:
    """Make the table of what `keras-fer figures` found.

    Args:
        summary: content of a run's `filters_<layer>_<split>.json`.

    Returns:
        A Markdown table, the trained network beside one of random weights.
    """
    networks = summary["trained"], summary["untrained"]
    where = f"{summary['layer']}, {summary['images']} images"
    lines = [f"| {where} | trained | random weights |", "|---|---|---|"]

    def row(head, cell):
        cells = " | ".join(cell(network) for network in networks)
        lines.append(f"| {head} | {cells} |")

    row("filters", lambda network: str(network["filters"]))
    beaten = [key for key in networks[0] if key.startswith("best unit beats")]
    for key in beaten:
        row(
            f"{key} (by chance {networks[0]['expected by chance']:.0f})",
            lambda network, key=key: str(network[key]),
        )
    for key in networks[0].get("energy of patterns", ()):

        def energy(network, key=key):
            found = network["energy of patterns"][key]
            if not found["filters"]:
                return "–"
            low, high = found["95 % of permutations"]
            return (
                f"{100 * found['where the best unit acts']:.1f} % "
                f"({100 * low:.1f}–{100 * high:.1f} where another filter's "
                f"does; {found['filters']} filters)"
            )

        row(f"energy of the pattern where the best unit acts, {key}", energy)
    return "\n".join(lines)


def _label(split, result):
    if split == "test":
        return "test"
    chosen = result["selected_on"] is not None
    return "validation, selected on" if chosen else "validation"


def _ours(result):
    if "cross_validation" in result:
        report = result["cross_validation"]
        folds = ", ".join(str(fold) for fold in report["folds"])
        ours = f"{card.share(report['accuracy'])}, test folds {folds}"
    elif "comparators" in result:
        return _comparators(result), f"{result['pairs']} pairs"
    elif "models" in result:
        return _compact(result), str(
            sum(result["images"][domain] for domain in result["counted"])
        )
    elif "repetition" in result:
        report = result
        seeds = ", ".join(map(str, result["seeds"]))
        accuracy = card.spread(result["repetition"]["accuracy"])
        ours = f"{accuracy}, {_label(result['split'], result)}, seeds {seeds}"
    else:
        split = "test" if "test" in result else "val"
        report = result[split]
        label = _label(split, result)
        if "ccc" in report:
            return _estimates(report, label), str(report["samples"])
        low, high = report["accuracy_interval"]
        ours = (
            f"{100 * report['accuracy']:.1f} % "
            f"({100 * low:.1f}–{100 * high:.1f}), {label}"
        )
    return ours, str(report["samples"])


def _comparators(result):
    """The last comparator: the best by how it is made, not by its figure."""
    name, of = list(result["comparators"].items())[-1]
    unit = "seeds" if result["same_test"] else "folds"
    return (
        f"{card.share(of['accuracy'])} of pairs, {name}, {result['tested']}, "
        f"{result['folds']} {unit}"
    )


def _compact(result):
    """The main model by the measure of the paper's figure."""
    of = result["models"][result["main"]]["domains"]
    measure = "macro_f1" if len(of) > 1 else "accuracy"
    figures = (
        f"{compact_card.spread(of[domain][domain][measure])} {domain} "
        f"({compact_card.split_label(split)})"
        for domain, split in result["splits"].items()
    )
    name = {"macro_f1": "F1", "accuracy": "accuracy"}[measure]
    seeds = result["seeds"]
    return f"{result['main']} {name} {', '.join(figures)}; {seeds} seeds"


def _estimates(report, label):
    parts = [
        f"{column} {ccc:.3f} ({low:.3f}–{high:.3f})"
        for column, ccc, (low, high) in zip(
            report["columns"],
            report["ccc"],
            report["ccc_interval"],
            strict=True,
        )
    ]
    return f"CCC {', '.join(parts)}, {label}"

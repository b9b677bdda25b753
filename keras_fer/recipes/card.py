"""The README of a run: data, terms, use, figures."""

_TEMPLATE = """\
# {name}

{model} on {corpus}. Paper: {paper}. Cost: {cost}.

{rows}

In brackets: 95 % intervals.{recall}

{notes}

## Use

```python
import keras
import keras_fer.models  # registers the layers

model = keras.models.load_model("model.keras")
# faces: (N, {height}, {width}, {channels}), pixels 0 to 255
{head} = model.predict(faces){pick}
```

`keras-fer train {name}` makes the file where it does not come with this card.
Outputs are {outputs}, in this order.
{exports}{compounds}
- Meant for: research on expression recognition, teaching, a baseline and a
  starting point for training on your own faces.
- Not meant for: decisions about people (hiring, policing, health, border or
  exam control), and claims about what a person feels. A face shows an
  expression, not a state of mind; labels are what annotators saw.
- Expect worse figures on faces unlike those of the corpus. Recall by age,
  gender or origin has not been measured.

## Data

{title}: {license}. {reference}

Trained on {train_images} images{left_out}.

## Run

`keras-fer train {name}{fold}`: {epochs} epochs in {training_hours} hours,
{kept}. Weights SHA-256 `{weights_sha256}`.
`recipe.json` holds the settings and versions, `history.csv` the curves.
"""


_FOLDS_TEMPLATE = """\
# {name}

{model} on {title}. Paper: {paper}. Cost: {cost}.

Test accuracy **{share}**, {samples} images. UAR {uar}, macro F1 {macro_f1}.
± is the standard deviation over the folds, in brackets stand 95 % intervals (of
a mean after Nadeau and Bengio, of a fold after Wilson). {chosen} All folds
start from the same seed, so ± holds no luck of initial weights.

| fold | test images | test accuracy | {validation} | epoch |
|---|---|---|---|---|
{rows}

Recall over all folds: {recall}.

## Data

{title}: {license}. {reference}

{notes}The weights are not shipped.

## Run

`keras-fer train {name}`: {training_hours} hours for {count} of {folds} folds,
{kept}. `recipe.json` holds the settings and versions,
`metrics.json` each fold's figures and weights' SHA-256, `history.csv` the
curves.
"""


_SEEDS_TEMPLATE = """\
# {name}

{model} on {title}. Paper: {paper}. Cost: {cost}.

Mean ± standard deviation over {count} of {seeds} seeds, on {split}, {samples}
images; {chosen}. In brackets: 95 % intervals
for the luck of images, the mean of those of the runs.

| seed | accuracy | UAR | macro F1 |
|---|---|---|---|
{rows}

![confusion matrix](confusion_matrix_{file}.png)
{compounds}
## Data

{info_title}: {license}. {reference}

{notes}

## Run

`keras-fer train {name}`: {training_hours} hours. `recipe.json` holds the
settings and versions, `metrics.json` each seed's figures and weights' SHA-256,
`history.csv` the curves, `answers_{file}.npz` what each run named each image,
by which recipes are compared.
"""


_COMPOUNDS = """
## Compounds that it never learned

`keras-fer figures RUN --show compounds`: {samples} faces of {corpus},
{splits}, named by what the network says of their parts, by ways of mixing; mean
± standard deviation over {runs} networks, in brackets 95 % intervals for the
luck of images. Chance is {chance:.1f} % UAR.

| mixed | accuracy | UAR | macro F1 |
|---|---|---|---|
{rows}

![compounds](confusion_matrix_compounds.png)
"""


_NAMES = (
    "| split | images | accuracy | UAR | macro F1 | calibration error |",
    "|---|---|---|---|---|---|",
)
_ESTIMATES = (
    "| split | images | CCC | RMSE | share of right signs |",
    "|---|---|---|---|---|",
)


def write_seeds(
    recipe, result: dict, info, compounds: dict | None = None
) -> str:
    """Write the card of a recipe that was run with several seeds.

    Args:
        recipe: the `Recipe`.
        result: content of the run's `metrics.json`.
        info: card of the corpus.
        compounds: content of the run's `compounds.json`, if there is one.

    Returns:
        Markdown.
    """
    figures = result["repetition"].values()
    rows = [
        f"| {seed} | "
        + " | ".join(f"{100 * of['values'][k]:.1f} %" for of in figures)
        + " |"
        for k, seed in enumerate(result["seeds"])
    ]
    rows.append(f"| mean | {' | '.join(spread(of) for of in figures)} |")
    return _SEEDS_TEMPLATE.format(
        name=recipe.name,
        model=getattr(recipe.model, "func", recipe.model).__name__,
        title=info.title,
        info_title=info.title,
        paper=recipe.paper,
        cost=recipe.cost,
        count=len(result["seeds"]),
        seeds=recipe.seeds,
        split="test" if result["split"] == "test" else "validation",
        file=result["split"],
        samples=result["samples"],
        chosen="the last epoch is kept, nothing was chosen on it"
        if result["selected_on"] is None
        else f"the epoch was chosen by {result['selected_on']}",
        rows="\n".join(rows),
        compounds=_compounds_section(compounds),
        license=info.license,
        reference=info.reference,
        notes="\n\n".join(f"{note}." for note in _notes(result)),
        training_hours=result["training_hours"],
    )


def spread(figures: dict) -> str:
    """Mean, deviation and interval of one measure over the seeds.

    Example:

    >>> from keras_fer.recipes import card
    >>> card.spread({"mean": 0.5, "std": 0.01, "interval": [0.48, 0.52]})
    '50.0 ± 1.0 % (48.0–52.0)'
    """
    low, high = figures["interval"]
    std = "" if figures["std"] is None else f" ± {100 * figures['std']:.1f}"
    return (
        f"{100 * figures['mean']:.1f}{std} % ({100 * low:.1f}–{100 * high:.1f})"
    )


def write(
    recipe,
    result: dict,
    info,
    exports: list[dict] = (),
    compounds: dict | None = None,
) -> str:
    """Write the card of a run from its recipe, figures and corpus.

    Args:
        recipe: the `Recipe`.
        result: content of the run's `metrics.json`.
        info: card of the corpus.
        exports: content of the run's `*.parity.json`.
        compounds: content of the run's `compounds.json`, if there is one.

    Returns:
        Markdown.
    """
    splits = [split for split in ("val", "test") if split in result]
    last = result[splits[-1]]
    recall, head = "", "numbers"
    if not recipe.estimates:
        head = "logits"
        recall = f" Recall on {splits[-1]}: " + ", ".join(
            f"{c} {100 * r:.0f} %"
            for c, r in zip(last["classes"], last["recall"], strict=True)
        )
    height, width, channels = info.image_shape
    fold = getattr(recipe.corpus, "keywords", {}).get("fold")
    chosen = result["selected_on"] is not None
    notes = [
        "The validation figure is the one by which the epoch was chosen, so it "
        "is somewhat too good."
        if chosen
        else "The last epoch is kept; nothing was chosen on validation."
    ]
    if "test" not in result and chosen:
        notes.append(
            "The corpus had no test split on disk: there is no figure on faces "
            "that chose nothing."
        )
    return _TEMPLATE.format(
        **{
            **result,
            "name": recipe.name,
            "fold": ("" if fold is None else f" --fold {fold}")
            + (f" --seed {recipe.seed}" if recipe.seed else ""),
            "model": getattr(recipe.model, "func", recipe.model).__name__,
            "corpus": info.title,
            "paper": recipe.paper,
            "cost": recipe.cost,
            "rows": "\n".join(
                [
                    *(_ESTIMATES if recipe.estimates else _NAMES),
                    *(_row(split, result[split], chosen) for split in splits),
                ]
            ),
            "kept": f"best epoch {result['best_epoch']} by "
            f"{result['selected_on']}"
            if chosen
            else "the last is kept",
            "recall": recall and f"{recall}.",
            "head": head,
            "pick": f'["{head}"]' if result.get("heads") else "",
            "outputs": f"logits of {', '.join(info.classes)}"
            if head == "logits"
            else f"{', '.join(recipe.target)}, linear",
            "notes": " ".join(notes),
            "height": height,
            "width": width,
            "channels": channels,
            "exports": exports_section(exports),
            "compounds": _compounds_section(compounds),
            "title": info.title,
            "license": info.license,
            "reference": info.reference,
            "left_out": "".join(f"; {note}" for note in _notes(result)),
        }
    )


def write_folds(recipe, result: dict, info) -> str:
    """Write the card of a cross-validation.

    Args:
        recipe: the `Recipe`.
        result: content of the run's `metrics.json`.
        info: card of the corpus.

    Returns:
        Markdown.
    """
    report = result["cross_validation"]
    recall = zip(report["classes"], report["recall"], strict=True)
    notes = [note for fold in result["folds"] for note in _notes(fold)]
    rows = []
    for fold in result["folds"]:
        low, high = fold["test"]["accuracy_interval"]
        cells = (
            str(fold["fold"]),
            str(fold["test"]["samples"]),
            f"{100 * fold['test']['accuracy']:.1f} % "
            f"({100 * low:.1f}–{100 * high:.1f})",
            f"{100 * fold['val']['accuracy']:.1f} %",
            str(fold["best_epoch"]),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return _FOLDS_TEMPLATE.format(
        name=recipe.name,
        model=getattr(recipe.model, "func", recipe.model).__name__,
        paper=recipe.paper,
        cost=recipe.cost,
        share=share(report["accuracy"]),
        uar=share(report["uar"]),
        macro_f1=f"{100 * report['macro_f1']:.1f} %",
        samples=report["samples"],
        rows="\n".join(rows),
        recall=", ".join(
            f"{c} {'–' if r is None else f'{100 * r:.0f} %'}" for c, r in recall
        ),
        notes="".join(f"{note}.\n\n" for note in dict.fromkeys(notes)),
        title=info.title,
        license=info.license,
        reference=info.reference,
        training_hours=result["training_hours"],
        count=len(rows),
        folds=recipe.folds,
        **_selection(result["selected_on"]),
    )


def _selection(monitor):
    """What a card of folds says about how epochs were chosen."""
    if monitor is None:
        return {
            "chosen": "The last epoch counts; nothing was selected.",
            "validation": "validation",
            "kept": "the last epoch of each",
        }
    return {
        "chosen": "The epoch was chosen on\nthe validation split of each fold; "
        "the test split chose nothing.",
        "validation": "validation, selected on",
        "kept": f"epochs chosen by {monitor}",
    }


def share(figures: dict) -> str:
    """Mean, deviation and interval of one measure over the folds.

    Example:

    >>> from keras_fer.recipes import card
    >>> card.share({"mean": 0.5, "std": 0.1, "interval": [0.4, 0.6]})
    '50.0 ± 10.0 % (40.0–60.0)'
    """
    mean, std = figures["mean"], figures["std"]
    if std is None:
        return f"{100 * mean:.1f} %"
    low, high = figures["interval"]
    return (
        f"{100 * mean:.1f} ± {100 * std:.1f} % "
        f"({100 * low:.1f}–{100 * high:.1f})"
    )


def exports_table(exports: list[dict]) -> str:
    """Make the table of a run's exports from their parity reports.

    Args:
        exports: content of `*.parity.json`, all of one split.

    Returns:
        A Markdown table.
    """
    lines = [
        "| file | size | largest difference | same answer | accuracy "
        "| change |",
        "|---|---|---|---|---|---|",
    ]
    for report in exports:
        change = report["accuracy_exported"] - report["accuracy_original"]
        cells = (
            f"`{report['file']}`",
            f"{report['bytes'] / 1e6:.2f} MB",
            f"{report['max_difference']:.1e}",
            f"{100 * report['agreement']:.2f} %",
            f"{100 * report['accuracy_exported']:.2f} %",
            f"{100 * change:+.2f} points",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def exports_section(exports: list[dict]) -> str:
    """Make the paragraph of a run's exports; of none it is empty.

    Args:
        exports: content of `*.parity.json`, all of one split.
    """
    if not exports:
        return ""
    first = exports[0]
    return (
        f"\nExports, against `model.keras` on all {first['images']} images of "
        f"{first['split']}; differences are of probabilities:\n\n"
        f"{exports_table(exports)}\n"
    )


def _compounds_section(summary):
    if not summary:
        return ""
    measures = "accuracy", "uar", "macro_f1"
    ways = {**summary["heads"], "random weights": summary["random"]}
    rows = [
        f"| {way} | {' | '.join(spread(figures[m]) for m in measures)} |"
        for way, figures in ways.items()
    ]
    return _COMPOUNDS.format(
        samples=summary["samples"],
        corpus=summary["corpus"],
        splits=" and ".join(summary["splits"]),
        runs=len(summary["runs"]),
        chance=100 / len(summary["counts"]),
        rows="\n".join(rows),
    )


def _notes(result):
    """What was left out of any split, each sentence once."""
    return dict.fromkeys(n for notes in result["notes"].values() for n in notes)


def _row(split, report, chosen):
    names = {"val": "validation, selected on" if chosen else "validation"}
    name = names.get(split, split)
    cells = [name, str(report["samples"])]
    if "ccc" in report:
        ccc = []
        for k, column in enumerate(report["columns"]):
            low, high = report["ccc_interval"][k]
            ccc.append(
                f"{column} {report['ccc'][k]:.3f} ({low:.3f}–{high:.3f})"
            )
        cells.append(", ".join(ccc))
        for measure in ("rmse", "sagr"):
            values = [v for v in report[measure] if v is not None]
            cells.append(", ".join(f"{v:.3f}" for v in values) or "–")
        return f"| {' | '.join(cells)} |"
    for measure in ("accuracy", "uar", "macro_f1"):
        low, high = report[f"{measure}_interval"]
        cells.append(
            f"{100 * report[measure]:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
        )
    cells.append(f"{100 * report['calibration_error']:.1f} points")
    return f"| {' | '.join(cells)} |"

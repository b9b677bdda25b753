"""Tables of what the latent variables of generative models hold."""

import json
from collections.abc import Iterable

import numpy as np

from keras_fer import inference


def latents_markdown(*names: str) -> str:
    """Set the latent variables of generative models beside each other.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table, without what was measured of none; of several seeds
        mean ± standard deviation. Null models, random weights and principal
        components, stand there for each kind of encoder and number of latent
        variables.
    """
    rows, nulls = [], {}
    for name in names:
        summary = _read(name)
        if summary is None:
            rows.append([f"`{name}`", "not run"])
            continue
        key = summary["network"], summary["latents"]
        nulls.setdefault(key, (name, summary))
        runs = summary["runs"]
        rows.append(
            [
                f"`{name}`",
                *_disentangled(runs),
                _spread(run["active"] for run in runs)
                + f" of {summary['latents']}",
                *(
                    _spread(
                        np.mean(_known(run[of]["separability"])) for run in runs
                    )
                    for of in ("axes", "shared")
                ),
                _spread((100 * run["shared"]["share"] for run in runs), 0),
            ]
        )
    for name, summary in nulls.values():
        of = [f"random weights of `{name}`", summary["untrained"]]
        rows.append([of[0], *_disentangled(of[1])])
        of = [f"{summary['latents']} principal components"]
        rows.append([*of, *_disentangled([summary["components"]])])
    head = [
        "run",
        "MIG, expressions",
        "MIG, all else",
        "disentanglement, expressions",
        "completeness, expressions",
        "informativeness, expressions",
        "informativeness, all else",
        "AUC of the reference",
        "in use",
        "separability",
        "separability without the shared",
        "shared (%)",
    ]
    # Of corpora whose factors are not known some are not measured.
    shown = [
        k
        for k in range(len(head))
        if k < 2 or any(len(row) > k and row[k] for row in rows)
    ]
    rows = [[row[k] for k in shown if k < len(row)] for row in rows]
    return _table([head[k] for k in shown], _unique(rows))


def _disentangled(runs):
    if "disentanglement" not in runs[0]:
        cells = [""] * 6
    else:
        found = [run["disentanglement"] for run in runs]
        values = [
            [of["gap"]["expressions"] for of in found],
            [of["gap"]["others"] for of in found],
            [of["disentanglement"]["expressions"] for of in found],
            [of["completeness"]["expressions"] for of in found],
            [of["score"]["expressions"] for of in found],
            [of["score"]["others"] for of in found],
        ]
        cells = [_spread(of) for of in values]
    return [*cells, _spread(run.get("told_apart") for run in runs)]


def pictures_markdown(*names: str) -> str:
    """Set the pictures of generative models beside each other.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table: error of reconstructions, how many of them the judge
        names rightly, how often it names the new expression of faces whose
        expression was changed, how many others are farther from such faces
        than their person is, and how far they are from the same faces drawn
        with the new expression, the targets.
    """
    rows, nulls = [], {}
    for name in names:
        summary = _read(name)
        if summary is None:
            rows.append([f"`{name}`", "not run"])
            continue
        runs = summary["runs"]
        nulls.setdefault(summary["latents"], summary)
        people, targets = [""] * 3, []
        if runs[0]["identity"]:
            people = [
                _spread(r["identity"][k] for r in runs)
                for k in ("changed", "random", "still")
            ]
        if "redrawn" in runs[0]:
            targets = [
                _spread((r["redrawn"][k] for r in runs), 1)
                for k in ("changed", "still", "encoded")
            ]
        rows.append(
            [f"`{name}`", *_pictures(runs), *_changes(runs), *people, *targets]
        )
    for count, summary in nulls.items():
        cells = _pictures([summary["components"]])
        rows.append([f"{count} principal components", *cells])
    found = [summary for summary in nulls.values() if "judge" in summary]
    if found:
        right = 100 * found[0]["judge"]["accuracy"]
        of = found[0]["runs"][0]["identity"]
        kept = [*[""] * 4, f"{of['faces']:.2f}"] if of else []
        rows.append(["the faces themselves", "0", f"{right:.1f}", *kept])
    for summary in list(nulls.values())[:1]:
        rows.append(["the mean face", f"{summary['mean_face_rmse']:.1f}"])
    return _table(
        [
            "run",
            "error (gray levels)",
            "named rightly (%)",
            "changed, named so (%)",
            "before (%)",
            "person kept, changed",
            "random walk",
            "unchanged",
            "error to the target, changed",
            "unchanged",
            "target decoded",
        ],
        rows,
    )


def _pictures(runs):
    named = [100 * run["judge"]["accuracy"] for run in runs if "judge" in run]
    return [_spread((run["rmse"] for run in runs), 1), _spread(named, 1)]


def _changes(runs):
    return [
        _spread(
            (100 * run["changed"][k] for run in runs if "changed" in run), 1
        )
        for k in ("after", "before")
    ]


def axes_markdown(*names: str) -> str:
    """How well each expression is found along its latent variable.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table: separability (area under the ROC curve) by expression;
        in the last columns the mean on the own axis and the root mean square on
        those of others, mean over the expressions; where an expression lies at
        the origin, its root mean square on all axes. The logits of the
        classifier that judges stand below, for each corpus.
    """
    rows, judges, classes = [], {}, []
    for name in names:
        summary = _read(name)
        if summary is None:
            rows.append([f"`{name}`", "not run"])
            continue
        classes, runs = summary["classes"], summary["runs"]
        axes = summary["axis_expressions"]
        found = {
            k: [run["axes"]["separability"][column] for run in runs]
            for column, k in enumerate(axes)
        }
        cells = []
        for k in range(len(classes)):
            if k in found:
                cells.append(_spread(found[k]))
            else:
                others = [run["axes"]["others"][k] for run in runs]
                cells.append(f"origin: {_spread(others)}")
        for key, which in (("own", range(len(axes))), ("others", axes)):
            values = [
                np.mean(_known(run["axes"][key][k] for k in which))
                for run in runs
            ]
            cells.append(_spread(values))
        rows.append([f"`{name}`", *cells])
        if "judge" in summary:
            of = dict(zip(axes, summary["judge"]["separability"], strict=True))
            cells = [
                f"{of[k]:.2f}" if k in of else "" for k in range(len(classes))
            ]
            judges[summary["corpus"]] = [
                f"`expression_judge_{summary['corpus']}`",
                *cells,
            ]
    head = ["run", *classes, "own axis", "others' axes"]
    return _table(head, [*rows, *judges.values()])


def starts_markdown(*names: str) -> str:
    """Where walks of the mean face begin and end, as the judge names them.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table: of the walks along all axes and seeds the mean
        probability of neutral and of happiness, each but for walks along its
        own axis, and of the own expression, but for neutral's, at the first
        step and at the last.
    """
    rows = []
    for name in names:
        summary = _read(name)
        if summary is None or "walks" not in summary["runs"][0]:
            rows.append([f"`{name}`", "not run"])
            continue
        classes, axes = summary["classes"], summary["axis_expressions"]
        neutral, happy = map(classes.index, ("neutral", "happiness"))
        walked, others = (
            [k for k, of in enumerate(axes) if of != own]
            for own in (neutral, happy)
        )
        walks = np.array([run["walks"] for run in summary["runs"]])
        cells = []
        for step in (0, -1):
            at = walks[:, :, step]
            for share in (
                at[:, walked, neutral],
                at[:, others, happy],
                at[:, walked, [axes[k] for k in walked]],
            ):
                cells.append(f"{100 * share.mean():.0f}")
        rows.append([f"`{name}`", *cells])
    steps = ("first", "last")
    names = ("neutral", "happiness", "own")
    return _table(
        ["run", *(f"{step}: {of} (%)" for step in steps for of in names)], rows
    )


def ends_markdown(name: str, *units: str) -> str:
    """What is seen on faces at both ends of each axis.

    Args:
        name: recipe with `latents.json` among the reported runs.
        units: action units that are shown, such as `"AU12"`.

    Returns:
        A Markdown table, a row an axis: of each unit the change of its
        intensity (0 to 5) from the middle to the least and to the largest
        value, mean ± deviation over the seeds, and in brackets that of sums of
        mean pictures, as far; and how often the judge names the expression of
        the axis at the least value, in the middle and at the largest. The last
        row has the concordance correlation of the reader, on reconstructions
        and on faces.
    """
    head = ["axis", *(f"{unit}, least" for unit in units)]
    head += [*(f"{unit}, largest" for unit in units), "named so"]
    summary = _read(name)
    if summary is None or "units" not in summary:
        return _table(head, [["not run"]])
    runs, rows = summary["runs"], []
    columns = [summary["units"].index(unit) for unit in units]
    for axis, label in enumerate(summary["axis_expressions"]):
        null = np.array(summary["mean_pictures"][axis])
        cells = []
        for end in (0, 2):
            for column in columns:
                found = [np.array(run["read"][axis]["mean"]) for run in runs]
                changes = [of[end, column] - of[1, column] for of in found]
                without = null[end, column] - null[1, column]
                cells.append(f"{_spread(changes, sign='+')} ({without:+.2f})")
        if "named" in runs[0]:
            named = [np.array(run["named"][axis]["mean"]) for run in runs]
            shares = 100 * np.mean(named, axis=0)[:, label]
            cells.append(" → ".join(f"{share:.0f}" for share in shares))
        rows.append([summary["classes"][label], *cells])
    ccc = [
        f"{np.mean([run['reader']['ccc'][c] for run in runs]):.2f} "
        f"({summary['reader']['ccc'][c]:.2f})"
        for c in columns
    ]
    rows.append(["CCC, reconstructions (faces)", *ccc])
    return _table(head, rows)


def opposites_markdown(*names: str) -> str:
    """What the judge sees on the axes of happiness and sadness: the other?

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table: how many faces it names happiness along the axis of
        sadness, and sadness along that of happiness, at the least value, in the
        middle and at the largest, means over the seeds.

    Reference:
        - Barradas-Chacon et al., figure 11.
    """
    pairs = (("sadness", "happiness"), ("happiness", "sadness"))
    rows = []
    for name in names:
        summary = _read(name)
        if summary is None or "named" not in summary["runs"][0]:
            rows.append([f"`{name}`", "not run"])
            continue
        classes, axes = summary["classes"], summary["axis_expressions"]
        cells = []
        for walked, asked in pairs:
            axis, column = (
                axes.index(classes.index(walked)),
                classes.index(asked),
            )
            means = [run["named"][axis]["mean"] for run in summary["runs"]]
            shares = 100 * np.mean(means, axis=0)[:, column]
            cells.append(" → ".join(f"{share:.0f}" for share in shares))
        rows.append([f"`{name}`", *cells])
    head = [f"along {one}, named {other} (%)" for one, other in pairs]
    return _table(["run", *head], rows)


def contrary_markdown(*names: str) -> str:
    """On which axis the faces of each expression lie farthest below 0.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table, a column an expression: the axis in most of the seeds,
        in how many, and the mean over all. Empty where that is not below 0.

    Reference:
        - Barradas-Chacon et al., figure 7: "the contrary emotion".
    """
    rows, classes = [], []
    for name in names:
        summary = _read(name)
        if summary is None:
            rows.append([f"`{name}`", "not run"])
            continue
        classes = summary["classes"]
        axes = summary["axis_expressions"]
        cells = []
        for k in range(len(classes)):
            means = [run["axes"]["means"][k] for run in summary["runs"]]
            if None in means:
                cells.append("")
                continue
            means = np.array(means)[:, : len(axes)]
            mean = means.mean(axis=0)
            votes = np.bincount(means.argmin(axis=1), minlength=len(mean))
            least = np.lexsort((mean, -votes))[0]
            if mean[least] >= 0:
                cells.append("")
                continue
            cell = f"{classes[axes[least]]} ({mean[least]:.2f}"
            if len(means) > 1:
                cell += f"; {votes[least]} of {len(means)}"
            cells.append(f"{cell})")
        rows.append([f"`{name}`", *cells])
    return _table(["run", *classes], rows)


def directions_markdown(name: str) -> str:
    """Which expressions lie opposite each other, and which in the middle.

    Args:
        name: recipe with `embedding.json` among the reported runs.

    Returns:
        A Markdown table, a row an expression: which other lies most opposite in
        the embedding, with the cosine; the distance of its mean from the middle
        over the mean distance; of planes of t-SNE from several random starts,
        which other is most often opposite, and how often it is itself nearest
        to the middle; and the same with random weights. The last row has the
        silhouette of the embedding.
    """
    head = [""]
    for prefix in ("", "random weights: "):
        head += [
            f"{prefix}opposite in the embedding",
            "distance",
            "opposite in planes",
            "in their middle",
        ]
    summary = _read(name, "embedding")
    if summary is None:
        return _table(head, [["not run"]])
    found = summary["directions"]
    measured = summary["splits"][found["split"]]
    classes, rows = found["classes"], []
    for row, expression in enumerate(classes):
        cells = []
        for kind in ("trained", "untrained"):
            cosines = np.array(found[kind]["cosines"][row])
            other = int(cosines.argmin())
            cells.append(f"{classes[other]} ({cosines[other]:.2f})")
            cells.append(f"{found[kind]['distances'][row]:.2f}")
            planes = found["planes"][kind]
            others = [plane["opposite"][row] for plane in planes]
            most = max(others, key=others.count)
            cells.append(f"{most} ({others.count(most)} of {len(planes)})")
            middle = sum(plane["middle"] == expression for plane in planes)
            cells.append(f"{middle} of {len(planes)}")
        people = found["people"][row]
        label = f"{expression}, {people} people" if people else expression
        rows.append([label, *cells])
    trained, untrained = (
        _spread(one["silhouette"] for one in measured[kind])
        for kind in ("trained", "untrained")
    )
    rows.append(["silhouette", trained, "", "", "", untrained])
    return _table(head, rows)


def _read(name, what="latents"):
    path = inference.saved_models() / name / f"{what}.json"
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def _known(values: Iterable) -> list:
    return [value for value in values if value is not None]


def _unique(rows):
    """Rows without those that stand there already."""
    return [row for k, row in enumerate(rows) if row not in rows[:k]]


def _table(head, rows):
    """A Markdown table; short rows are filled up."""
    lines = [head, ["---"] * len(head)]
    lines += [[*row, *[""] * (len(head) - len(row))] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _spread(values, digits=2, sign=""):
    values = _known(values)
    if not values:
        return ""
    mean = f"{np.mean(values):{sign}.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}"

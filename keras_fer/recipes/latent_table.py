"""Tables of what the latent variables of generative models hold."""

import json

import numpy as np

from keras_fer import inference

_DISENTANGLED = {
    "mutual_information_gap": "MIG",
    "disentanglement": "disentanglement",
    "completeness": "completeness",
    "informativeness": "informativeness",
}


def latents_markdown(*names: str) -> str:
    """Set generative models beside each other, and their null models.

    Args:
        names: recipes with `latents.json` among the reported runs; the null
            models, of random weights and principal components, are those of the
            first that has them.

    Returns:
        A Markdown table; of several seeds mean ± standard deviation.

    Raises:
        ValueError: no name is given.
    """
    if not names:
        raise ValueError("expected the name of a recipe")
    head = [
        "run",
        *_DISENTANGLED.values(),
        "separability",
        "error (gray levels)",
        "person kept",
        "named on reconstructions",
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    nulls = None
    for name in names:
        summary = _read(name)
        if summary is None:
            lines.append(f"| `{name}` | not run{' |' * (len(head) - 1)}")
            continue
        runs = summary["runs"]
        if nulls is None and "components" in summary:
            nulls = summary
        cells = [
            _spread([run["disentanglement"][k] for run in runs])
            if "disentanglement" in runs[0]
            else ""
            for k in _DISENTANGLED
        ]
        cells.append(
            _spread([np.mean(run["axes"]["separability"]) for run in runs])
        )
        rmse = _spread([run["rmse"] for run in runs], 1)
        cells.append(f"{rmse} (mean face {summary['mean_face_rmse']:.1f})")
        identity = runs[0]["identity"]
        kept = _spread([100 * run["identity"]["kept"] for run in runs], 1)
        cells.append(f"{kept} % (chance {100 * identity['chance']:.1f})")
        judged = ""
        if "judge" in summary:
            right = [100 * run["judge"]["accuracy"] for run in runs]
            of = 100 * summary["judge"]["accuracy"]
            judged = f"{_spread(right, 1)} % (faces {of:.1f})"
        cells.append(judged)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    if nulls:
        for what, found in (
            ("random weights", nulls["untrained"]),
            ("principal components", [nulls["components"]]),
        ):
            cells = [_spread([of[k] for of in found]) for k in _DISENTANGLED]
            empty = " |" * (len(head) - 1 - len(cells))
            lines.append(f"| {what} | {' | '.join(cells)} |{empty}")
    return "\n".join(lines)


def axes_markdown(*names: str) -> str:
    """How well each expression is found along its latent variable.

    Args:
        names: recipes with `latents.json` among the reported runs.

    Returns:
        A Markdown table: separability (area under the ROC curve) by expression,
        mean over the seeds, and the mean on the own axis over the root mean
        square on the others'.
    """
    lines, classes = [], None
    for name in names:
        summary = _read(name)
        if summary is None:
            lines.append(f"| `{name}` | not run |")
            continue
        if classes is None:
            classes = summary["classes"]
            head = ["run", *classes, "own over others"]
            lines = [
                f"| {' | '.join(head)} |",
                "|---" * len(head) + "|",
                *(f"{line}{' |' * (len(head) - 2)}" for line in lines),
            ]
        mean = np.mean(
            [run["axes"]["separability"] for run in summary["runs"]], axis=0
        )
        found = dict(zip(summary["axes"], mean, strict=True))
        cells = [
            f"{found[k]:.2f}" if k in found else "origin"
            for k in range(len(summary["classes"]))
        ]
        ratios = [
            np.mean(run["axes"]["own"])
            / np.mean([run["axes"]["others"][k] for k in summary["axes"]])
            for run in summary["runs"]
        ]
        cells.append(f"{np.mean(ratios):.2f}")
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    if classes is None:
        return "\n".join(["| run | |", "|---|---|", *lines])
    return "\n".join(lines)


def ends_markdown(name: str, *units: str) -> str:
    """What is seen on faces at both ends of each axis.

    Args:
        name: recipe with `latents.json` among the reported runs.
        units: action units that are shown, such as `"AU12"`.

    Returns:
        A Markdown table, a row an axis: of each unit the change of its
        intensity (0 to 5) from 0 to the least and to the largest value, with
        the standard error; and how often a classifier trained apart names the
        expression of the axis at the least value, at 0 and at the largest.
        First seed.
    """
    head = ["axis", *(f"{unit}, least" for unit in units)]
    head += [*(f"{unit}, largest" for unit in units), "named so"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    summary = _read(name)
    if summary is None or "units" not in summary:
        lines.append(f"| not run{' |' * len(head)}")
        return "\n".join(lines)
    run = summary["runs"][0]
    columns = [summary["units"].index(unit) for unit in units]
    for axis, label in enumerate(summary["axes"]):
        of = run["read"][axis]
        cells = []
        for end in (0, 2):
            for column in columns:
                change = of["mean"][end][column] - of["mean"][1][column]
                error = of["error"][end][column]
                cells.append(f"{change:+.2f} ± {error:.2f}")
        shares = [100 * row[label] for row in run["named"][axis]["mean"]]
        cells.append(" → ".join(f"{share:.0f}" for share in shares) + " %")
        lines.append(f"| {summary['classes'][label]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def directions_markdown(name: str) -> str:
    """Which expressions lie opposite each other, and which in the middle.

    Args:
        name: recipe with `embedding.json` among the reported runs.

    Returns:
        A Markdown table, a row an expression, on validation faces: in the
        embedding and in the plane of t-SNE the expression farthest from it in
        direction, with the cosine, and the distance of its mean from the middle
        over the mean distance.
    """
    lines = [
        "| | opposite in the embedding | distance | opposite in the plane | "
        "distance |",
        "|---|---|---|---|---|",
    ]
    summary = _read(name, "embedding")
    if summary is None:
        return "\n".join([*lines, "| not run | | | | |"])
    found = summary["splits"]["val"]
    places = [found[key] for key in ("directions", "plane_directions")]
    for row, expression in enumerate(summary["classes"]):
        cells = []
        for of in places:
            cosines = np.array(of["cosines"][row])
            other = int(cosines.argmin())
            cells.append(f"{summary['classes'][other]} ({cosines[other]:.2f})")
            cells.append(f"{of['distances'][row]:.2f}")
        lines.append(f"| {expression} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _read(name, what="latents"):
    path = inference.saved_models() / name / f"{what}.json"
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def _spread(values, digits=2):
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}"

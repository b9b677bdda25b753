"""Audit a corpus and write down what was found."""

from pathlib import Path

from keras_fer import datasets
from keras_fer import visualization
from keras_fer.recipes import run_folder


def audit(
    corpus: str,
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    **options,
) -> datasets.AuditReport:
    """Look for leaks, duplicates, conflicting labels and blank images.

    Args:
        corpus: name of the corpus, a module of `keras_fer.datasets`.
        folder: where `audit.json` and `class_counts.png` are written.
        data_dir: folder that holds the corpora, else `$KERAS_FER_DATA`.
        options: further arguments of the corpus' `load_data`.

    Raises:
        CorpusError: as `datasets.load_splits`.

    Example:

    >>> import tempfile
    >>> from keras_fer.recipes.audit import audit
    >>> report = audit("procedural", tempfile.mkdtemp(), images=8)
    >>> report.leaks
    False
    """
    folder = Path(folder)
    splits = datasets.load_splits(corpus, data_dir=data_dir, **options)
    report = datasets.audit(splits)
    folder.mkdir(parents=True, exist_ok=True)
    figure = run_folder.new_figure((8, 3.8))
    visualization.plot_class_counts(
        report.counts,
        report.classes,
        f"{report.corpus}: images of each expression",
        figure.subplots(),
    )
    run_folder.save_figure(figure, folder / "class_counts.png")
    run_folder.write_json(folder / "audit.json", report.to_json())
    return report


def summary(report: datasets.AuditReport) -> str:
    """What an audit found, in a few lines.

    Example:

    >>> from keras_fer import datasets
    >>> from keras_fer.recipes import audit
    >>> report = datasets.audit(datasets.load_splits("procedural", images=8))
    >>> print(audit.summary(report).splitlines()[-1])
    no picture and no person is in two splits
    """
    lines = []
    for split, counts in report.counts.items():
        numbers = zip(report.classes, counts, strict=True)
        each = ", ".join(f"{name} {count}" for name, count in numbers)
        lines.append(f"{split}: {sum(counts)} images: {each}")
        lines += [f"  {note}" for note in report.notes[split][:5]]
        if len(report.notes[split]) > 5:
            lines.append(f"  and {len(report.notes[split]) - 5} more")
    if report.groups:
        groups = (f"{n} {name}s" for name, n in report.groups.items())
        lines.append(f"in all: {', '.join(groups)}")
    lines.append(f"blank: {len(report.blank)}")
    for kind, found in (("equal", report.exact), ("look alike", report.near)):
        lines.append(
            f"{kind}: {found['groups']} sets of copies, {found['extra']} "
            f"images beyond the first; {found['conflicts']} sets with "
            "different expressions"
        )
        lines += [
            f"  {count} images of {pair.replace(' in ', ' have a copy in ')}"
            for pair, count in found["leaks"].items()
            if count
        ]
    for pair, people in (report.shared_subjects or {}).items():
        if people:
            lines.append(
                f"in {pair}: {len(people)} persons or films, such as "
                f"{people[0]}"
            )
    lines.append(
        "the splits leak"
        if report.leaks
        else "no picture and no person is in two splits"
    )
    return "\n".join(lines)

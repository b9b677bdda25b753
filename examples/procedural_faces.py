"""Look at the procedural faces: expressions, action units, domains.

    python examples/procedural_faces.py --out sheets

Draws three contact sheets. Each face is made of numbers, so each figure shows
one thing that varies while all else stays the same.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from keras_fer import visualization
from keras_fer.datasets import procedural

SIZE = 128
PEOPLE = (43, 17)


def portrait(people):
    """People at rest who look straight into the same good camera."""
    faces, _ = procedural.draw_faces(np.zeros(len(people), int), people)
    still = {
        "pose": 0 * faces.pose,
        "shift": 0 * faces.shift,
        "gaze": 0 * faces.gaze,
        "zoom": 0 * faces.zoom + 1,
        "level": 0 * faces.level + 1,
        "ambient": 0 * faces.ambient + 0.5,
        "contrast": 0 * faces.contrast + 1,
        "background": 0 * faces.background + np.array([176.0, 186.0, 200.0]),
        "clothes": 0 * faces.clothes + np.array([70.0, 96.0, 130.0]),
        "light": 0 * faces.light + np.array([-0.4, -0.5, 1.0]),
        "blur": 0 * faces.blur,
        "noise": 0 * faces.noise,
        "quality": 0 * faces.quality + 100,
    }
    return dataclasses.replace(faces, **still)


def expressions():
    """Each expression of one person, from a trace to the full display."""
    shares = (0.25, 0.5, 0.75, 1.0)
    names = list(procedural.PROTOTYPES)[1:]
    rows = []
    for name in names:
        faces = portrait([PEOPLE[0]] * len(shares))
        full = np.zeros(faces.units.shape[1:])
        prototype = procedural.PROTOTYPES[name]
        for unit, intensity in prototype.variants[0].items():
            full[procedural.UNITS.index(unit)] = intensity
        if prototype.one_sided:
            full[:, 1] = 0
        units = np.array(shares)[:, None, None] * full
        faces = dataclasses.replace(faces, units=units)
        rows.append(procedural.render(faces, SIZE, channels=3))
    return visualization.plot_faces(
        np.array(rows),
        names,
        [f"{100 * share:.0f} %" for share in shares],
        "Expressions by intensity, one person",
    )


def action_units():
    """Each action unit alone at intensity 5, on both sides."""
    count = len(procedural.UNITS)
    faces = portrait([PEOPLE[1]] * count)
    units = np.zeros((count, count, 2))
    units[np.arange(count), np.arange(count)] = 5
    images = procedural.render(
        dataclasses.replace(faces, units=units), SIZE, channels=3
    )
    names = [f"AU {unit}" for unit in procedural.UNITS]
    grid = images.reshape(3, -1, *images.shape[1:])
    figure = visualization.plot_faces(
        grid, [""] * 3, [""] * grid.shape[1], "Action units at intensity 5"
    )
    for ax, name in zip(figure.axes, names, strict=True):
        ax.set_title(name, fontsize=8)
    return figure


def domains():
    """The same people with the same expressions in each domain."""
    labels = (1, 4, 5, 7, 3, 6)
    people = (5, 3, 17, 33, 40, 56)
    rows = []
    for domain in procedural.DOMAINS:
        faces, _ = procedural.draw_faces(labels, people, domain=domain)
        rows.append(procedural.render(faces, SIZE, channels=3))
    names = [list(procedural.PROTOTYPES)[label] for label in labels]
    return visualization.plot_faces(
        np.array(rows),
        list(procedural.DOMAINS),
        names,
        "Domains: the same people and expressions, other cameras and light",
    )


def main(arguments=None):
    """Write the three sheets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("sheets"))
    out = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    for sheet in (expressions, action_units, domains):
        path = out / f"{sheet.__name__}.png"
        sheet().savefig(path, dpi=110)
        print(f"Written {path}")


if __name__ == "__main__":
    main()

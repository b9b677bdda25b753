import numpy as np
import pytest

from keras_fer.datasets.procedural import expressions
from keras_fer.datasets.procedural import shape


def shown(label, count=400, **options):
    draws = np.random.default_rng(0)
    return expressions.draw(np.full(count, label), draws, stray=0, **options)


@pytest.mark.parametrize("label", range(8))
def test_only_units_of_the_prototype_move(label):
    prototype = expressions.PROTOTYPES[expressions.CLASSES[label]]
    allowed = {unit for variant in prototype.variants for unit in variant}
    found = shown(label)["units"]
    moved = {
        unit
        for unit, values in zip(
            shape.UNITS, found.transpose(1, 0, 2), strict=True
        )
        if values.any()
    }
    assert moved == allowed
    assert found.min() >= 0 and found.max() <= shape.MAX_INTENSITY


def test_contempt_is_one_sided():
    sides = shown(expressions.CLASSES.index("contempt"))["units"]
    strong, weak = sides.sum(axis=1).max(axis=1), sides.sum(axis=1).min(axis=1)
    assert (weak < 0.15 * strong).all()
    left = sides[..., 1].sum(axis=1) > sides[..., 0].sum(axis=1)
    assert 0.4 < left.mean() < 0.6


def test_intensity_scales_units_valence_and_arousal():
    label = expressions.CLASSES.index("happiness")
    weak = shown(label, intensity=(0.3, 0.3))
    full = shown(label, intensity=(1.0, 1.0))
    assert weak["units"].mean() < 0.4 * full["units"].mean()
    assert full["valence"].mean() == pytest.approx(0.85, abs=0.02)
    assert weak["valence"].mean() == pytest.approx(0.3 * 0.85, abs=0.02)
    assert weak["arousal"].mean() == pytest.approx(0.3 * 0.45, abs=0.02)


def test_people_differ():
    units = shown(1, intensity=(1.0, 1.0))["units"]
    assert len(np.unique(units.round(3), axis=0)) == len(units)


def test_neutral_is_at_the_origin():
    found = shown(0)
    assert not found["units"].any() and not found["intensity"].any()
    assert abs(found["valence"].mean()) < 0.01


def test_compounds_mix_both():
    names = expressions.CLASSES
    pair = [names.index("happiness"), names.index("surprise")]
    draws = np.random.default_rng(0)
    found = expressions.draw(np.tile(pair, (300, 1)), draws, stray=0)
    mean = dict(zip(shape.UNITS, found["units"].mean(axis=(0, 2)), strict=True))
    for unit in (1, 2, 5, 6, 12, 25):
        assert mean[unit] > 0.8, unit
    assert mean[4] == mean[15] == 0
    assert found["valence"].mean() == pytest.approx(
        0.5 * (0.85 + 0.15) * 0.725, abs=0.03
    )


def test_rivals_do_not_cancel_out():
    names = expressions.CLASSES
    pair = [names.index("happiness"), names.index("sadness")]
    draws = np.random.default_rng(0)
    units = expressions.draw(np.tile(pair, (300, 1)), draws, stray=0)["units"]
    corner = units[:, [shape.UNITS.index(12), shape.UNITS.index(15)]].sum(2)
    assert (corner.min(axis=1) < 0.4 * corner.max(axis=1)).all()
    assert (corner.argmax(axis=1) == 0).any() and (corner.argmax(1) == 1).any()


def test_compounds_are_those_of_raf_db():
    assert len(expressions.COMPOUNDS) == len(set(expressions.COMPOUNDS)) == 11
    for pair in expressions.COMPOUNDS:
        assert set(pair) < set(expressions.CLASSES)

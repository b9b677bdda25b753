import numpy as np
import pytest

from keras_fer import analysis


def naive(responses, shown, bins, smoothing):
    """Section 4.4 with loops over images, filters, units and bins."""
    filters, units = responses.shape[1], shown.shape[1]
    divergence = np.zeros((filters, units))
    for f in range(filters):
        low, high = responses[:, f].min(), responses[:, f].max()
        edges = np.linspace(low, high, bins + 1)
        for u in range(units):
            counts = np.full((2, bins), smoothing)
            for value, there in zip(responses[:, f], shown[:, u], strict=True):
                place = bins - 1
                while place and value < edges[place]:
                    place -= 1
                counts[0 if there else 1, place] += 1
            present, absent = counts / counts.sum(axis=1, keepdims=True)
            for q, r in zip(present, absent, strict=True):
                divergence[f, u] += q * np.log(q / r)
    return divergence


def draw(seed):
    """Filter 0 finds unit 1, 1 falls silent with unit 4, 2 finds nothing.

    Filter 3 finds the expression, with which unit 12 goes.
    """
    draws = np.random.default_rng(seed)
    expression = draws.integers(0, 3, 600)
    shown = draws.random((600, 3)) < 0.3
    shown[:, 2] = (expression == 1) ^ (draws.random(600) < 0.2)
    noise = draws.normal(size=(600, 4))
    noise[:, 0] += 3 * shown[:, 0]
    noise[:, 1] -= 2 * shown[:, 1]
    noise[:, 3] += 3 * (expression == 1)
    return noise, shown, expression


@pytest.fixture(scope="module")
def drawn():
    return draw(0)


@pytest.mark.parametrize(("bins", "smoothing"), [(20, 1.0), (7, 0.01)])
def test_against_loops(drawn, bins, smoothing):
    responses, shown, _ = drawn
    found = analysis.action_unit_divergence(
        responses, shown, (1, 4, 12), bins=bins, smoothing=smoothing
    )
    expected = naive(responses, shown, bins, smoothing)
    np.testing.assert_allclose(found.divergence, expected, rtol=1e-4)
    np.testing.assert_allclose(found.present.sum(axis=2), 1, rtol=1e-6)
    assert found.present.shape == (4, 3, bins)
    assert found.edges.shape == (4, bins + 1)
    assert found.null.shape == (0, 4, 3)


def test_by_hand():
    """With the unit: bins 0, 1, 1, 1. Without: 0, 0, 0, 1. One added each.

    Q = (2, 4) / 6, R = (4, 2) / 6: 1/3 log 1/2 + 2/3 log 2 = log(2) / 3.
    """
    responses = np.array([0, 1, 1, 1, 0, 0, 0, 1.0])[:, None]
    shown = np.arange(8)[:, None] < 4
    found = analysis.action_unit_divergence(
        responses, shown, (12,), bins=2, minimum=1
    )
    assert found.divergence[0, 0] == pytest.approx(np.log(2) / 3, rel=1e-6)
    assert found.raises.tolist() == [[True]]
    # The same with edges; what lies beyond them is in the outer bins.
    found = analysis.action_unit_divergence(
        100 * responses - 3, shown, (12,), bins=[0.0, 10.0, 20.0], minimum=1
    )
    assert found.divergence[0, 0] == pytest.approx(np.log(2) / 3, rel=1e-6)


def test_best_unit_and_direction(drawn):
    responses, shown, _ = drawn
    found = analysis.action_unit_divergence(
        responses, shown, (1, 4, 12), permutations=50
    )
    assert found.largest[[0, 1, 3]].tolist() == [0, 1, 2]
    assert found.best[[0, 1, 3]].tolist() == [0, 1, 2]
    assert found.raises[0, 0]
    assert not found.raises[1, 1]
    assert found.raises[3, 2]


def test_the_two_nulls_ask_different_things():
    """Filter 3 knows the expression and nothing more about the unit."""
    beaten = {"everywhere": [], "within": []}
    for seed in range(40):
        responses, shown, expression = draw(seed)
        for kind, groups in (("everywhere", None), ("within", expression)):
            found = analysis.action_unit_divergence(
                responses, shown, (1, 4, 12), permutations=60, within=groups
            )
            assert found.null.shape == (60, 4, 3)
            beaten[kind].append(found.p_values <= 0.05)
    everywhere, within = (np.mean(values, axis=0) for values in beaten.values())
    assert everywhere[[0, 1, 3]].tolist() == [1, 1, 1]
    assert within[[0, 1]].tolist() == [1, 1]
    assert max(everywhere[2], within[2], within[3]) < 0.2


def test_noise_beats_the_null_as_often_as_it_says():
    draws = np.random.default_rng(1)
    shown = draws.random((400, 3)) < (0.15, 0.3, 0.5)
    found = analysis.action_unit_divergence(
        draws.normal(size=(400, 600)), shown, (1, 4, 12), permutations=199
    )
    for level in (0.05, 0.5):
        share = (found.p_values <= level).mean()
        assert share == pytest.approx(level, abs=0.05)


def test_rare_units_are_not_preferred_by_chance():
    """The largest divergence is that of the rarest, the excess is not."""
    draws = np.random.default_rng(1)
    shown = draws.random((1000, 3)) < (0.06, 0.3, 0.5)
    found = analysis.action_unit_divergence(
        draws.normal(size=(1000, 300)), shown, (1, 4, 12), permutations=100
    )
    assert (found.largest == 0).mean() > 0.95
    for unit in range(3):
        assert (found.best == unit).mean() == pytest.approx(1 / 3, abs=0.1)


def test_excess_by_hand(drawn):
    responses, shown, _ = drawn
    found = analysis.action_unit_divergence(
        responses, shown, (1, 4, 12), permutations=40
    )
    by_chance = found.null[:, 3, 1]
    expected = (found.divergence[3, 1] - by_chance.mean()) / by_chance.std()
    assert found.excess[3, 1] == pytest.approx(expected, rel=1e-4)
    assert found.p_values[0] == 1 / 41
    none = analysis.action_unit_divergence(responses, shown, (1, 4, 12))
    for name in ("excess", "best", "p_values"):
        with pytest.raises(ValueError, match="with permutations=1000"):
            getattr(none, name)


def test_frames_of_a_sequence_are_permuted_together():
    """Three frames each that look alike, units that mean nothing."""
    draws = np.random.default_rng(0)
    units = np.repeat(draws.random((150, 2)) < 0.4, 3, axis=0)
    looks = np.repeat(draws.normal(size=(150, 300)), 3, axis=0)
    looks += 0.1 * draws.normal(size=looks.shape)
    alone, together = (
        (
            analysis.action_unit_divergence(
                looks, units, (1, 12), permutations=100, groups=groups
            ).p_values
            <= 0.05
        ).mean()
        for groups in (None, np.arange(450) // 3)
    )
    assert alone > 0.25
    assert together == pytest.approx(0.05, abs=0.05)
    with pytest.raises(ValueError, match="a group to have the same units"):
        analysis.action_unit_divergence(
            looks, units, (1, 12), permutations=1, groups=np.arange(450) // 4
        )


def test_permutations_keep_units_and_expressions_together(monkeypatch):
    module = analysis.action_unit_divergence.__globals__
    draws = np.random.default_rng(2)
    shown = draws.random((60, 1)) < 0.5
    shown = np.concatenate([shown, shown], axis=1)  # always together
    within = np.arange(60) % 3
    for columns in module["_permuted"](shown, within, None, 20, seed=0):
        pairs = columns.reshape(60, -1, 2)
        assert (pairs[..., 0] == pairs[..., 1]).all()
        for group in range(3):
            rows = within == group
            counts = pairs[rows, :, 0].sum(axis=0)
            assert (counts == shown[rows, 0].sum()).all()
        assert (pairs[:, 0, 0] != shown[:, 0]).any()


def test_seeds(drawn):
    responses, shown, _ = drawn
    one, two, other = (
        analysis.action_unit_divergence(
            responses, shown, (1, 4, 12), permutations=40, seed=seed
        ).null
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_rare_units_are_left_out(drawn):
    responses, shown, _ = drawn
    rare = shown.copy()
    rare[:, 0] = np.arange(600) < 12
    rare[:, 1] = np.arange(600) >= 12
    found = analysis.action_unit_divergence(responses, rare, (1, 4, 12))
    assert found.units == (12,)
    assert found.divergence.shape == (4, 1)
    with pytest.raises(ValueError, match="by 300 images each: .*1: 12, 4: 588"):
        analysis.action_unit_divergence(
            responses, rare, (1, 4, 12), minimum=300
        )


def test_a_silent_filter_has_no_divergence(drawn):
    _, shown, _ = drawn
    found = analysis.action_unit_divergence(
        np.zeros((600, 1)), shown, (1, 4, 12), permutations=20, smoothing=1e-9
    )
    np.testing.assert_allclose(found.divergence, 0, atol=1e-6)
    assert (found.p_values > 0.5).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": (1, 4)}, r"shape \(N, 2\). Received: .*\(600, 3\)"),
        ({"responses": np.zeros(600)}, r"shape \(N, F\)"),
        ({"responses": np.full((600, 1), np.nan)}, "that are numbers"),
        ({"smoothing": 0}, "smoothing=0"),
        ({"permutations": -1}, "permutations=-1"),
        ({"within": np.zeros(5)}, "`within` for 600 images. Received: 5"),
        ({"groups": np.zeros(5)}, "`groups` for 600 images. Received: 5"),
        ({"bins": 0}, "bins=0"),
        ({"bins": [1.0]}, r"bins=\[1.0\]"),
        ({"bins": [1.0, 0.0]}, r"bins=\[1.0, 0.0\]"),
    ],
)
def test_refuses(drawn, change, message):
    responses, shown, _ = drawn
    arguments = {"responses": responses, "units": (1, 4, 12), **change}
    with pytest.raises(ValueError, match=message):
        analysis.action_unit_divergence(action_units=shown, **arguments)

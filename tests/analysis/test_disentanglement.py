import numpy as np
import pytest

from keras_fer import analysis


def factors(size=1500):
    draws = np.random.default_rng(0)
    return {
        "age": draws.normal(size=size),
        "pose": draws.uniform(-1, 1, size),
        "expression": draws.integers(4, size=size),
    }


def test_each_in_its_place():
    known = factors()
    noise = np.random.default_rng(1).normal(size=1500)
    latents = np.stack(
        [-3 * known["pose"], known["expression"] + 0.0, noise, known["age"]], 1
    )
    found = analysis.measure_disentanglement(latents, known, trees=20)
    for name in ("disentanglement", "completeness", "informativeness"):
        assert getattr(found, name) > 0.9, name
    assert found.mutual_information_gap > 0.8
    assert found.importance.shape == (4, 3)
    np.testing.assert_allclose(found.importance.sum(axis=0), 1)
    assert found.importance.argmax(axis=0).tolist() == [3, 0, 1]


def test_turned_latents_are_informative_but_entangled():
    known = factors()
    straight = np.stack([known["age"], known["pose"]], axis=1)
    two = {name: known[name] for name in ("age", "pose")}
    turn = np.array([[1, 1], [-1, 1]]) / 2**0.5
    scaled = straight / straight.std(axis=0)
    one, other = (
        analysis.measure_disentanglement(latents, two, trees=20)
        for latents in (scaled, scaled @ turn)
    )
    assert other.disentanglement < 0.5 < 0.9 < one.disentanglement
    assert other.mutual_information_gap < 0.1 < one.mutual_information_gap
    assert other.informativeness > 0.9


def test_noise_says_nothing():
    latents = np.random.default_rng(3).normal(size=(1500, 3))
    found = analysis.measure_disentanglement(latents, factors(), trees=20)
    assert found.mutual_information_gap < 0.02
    assert found.informativeness < 0.05
    assert found.disentanglement < 0.1


def test_the_gap_by_hand():
    """A bit in one variable, its noisy copy in the other."""
    bit = np.arange(400) % 2
    copy = np.where(np.arange(400) < 100, 1 - bit, bit)
    latents = np.stack([bit, copy], axis=1).astype(float)
    p = np.array([0.75, 0.25])
    kept = np.log(2) + (p * np.log(p)).sum()
    expected = (np.log(2) - kept) / np.log(2)
    two = {"bit": bit, "its opposite": 1 - bit}
    found = analysis.measure_disentanglement(latents, two, trees=5)
    assert np.isclose(found.mutual_information_gap, expected)


def test_factors_by_name():
    known = factors()
    latents = np.stack([known["age"], known["age"] + known["pose"]], axis=1)
    found = analysis.measure_disentanglement(latents, known, trees=20)
    assert list(found.gaps) == list(found.scores) == list(known)
    assert found.scores["age"] > 0.9 and found.scores["expression"] < 0.1
    assert np.isclose(
        np.mean(list(found.gaps.values())), found.mutual_information_gap
    )
    assert np.isclose(
        np.mean(list(found.scores.values())), found.informativeness
    )


def test_people_of_both_halves_differ():
    """Who it is says nothing about the age of other people."""
    draws = np.random.default_rng(0)
    people = np.arange(600) // 12
    code = draws.normal(size=(50, 2))[people]
    ages = draws.normal(size=50)[people]
    known = {"age": ages, "noise": draws.normal(size=600)}
    apart, mixed = (
        analysis.measure_disentanglement(
            code, known, groups=groups, trees=20
        ).scores["age"]
        for groups in (people, None)
    )
    assert apart < 0.1 and mixed > 0.9


def test_a_factor_of_one_half_alone_scores_nothing():
    known = {"a": np.array([0, 0, 1, 1]), "b": np.arange(4.0)}
    latents = np.stack([known["a"], known["b"]], axis=1)
    found = analysis.measure_disentanglement(
        latents, known, groups=[0, 0, 1, 1], trees=5
    )
    assert found.scores["a"] == 0


def test_a_class_that_is_always_guessed_scores_nothing():
    draws = np.random.default_rng(0)
    rare = (draws.random(1500) < 0.1).astype(int)
    known = {"glasses": rare, "age": draws.normal(size=1500)}
    latents = draws.normal(size=(1500, 3))
    found = analysis.measure_disentanglement(latents, known, trees=20)
    assert found.scores["glasses"] < 0.02


def test_what_says_nothing_is_not_disentangled():
    latents = np.zeros((1500, 3))
    found = analysis.measure_disentanglement(latents, factors(), trees=5)
    for name in ("mutual_information_gap", "disentanglement", "completeness"):
        assert getattr(found, name) == 0, name


def test_refuses():
    latents = np.zeros((4, 2))
    with pytest.raises(ValueError, match="at least two latent"):
        analysis.measure_disentanglement(
            latents[:, :1], {"a": np.arange(4), "b": np.arange(4)}
        )
    with pytest.raises(ValueError, match="two factors. .* and 1 factors"):
        analysis.measure_disentanglement(latents, {"a": np.arange(4)})
    short = {"a": np.arange(3), "b": np.arange(3)}
    with pytest.raises(ValueError, match="factors of 4 faces"):
        analysis.measure_disentanglement(latents, short)
    same = {"a": np.ones(4), "b": np.arange(4)}
    with pytest.raises(ValueError, match="factor a is the same"):
        analysis.measure_disentanglement(latents, same)

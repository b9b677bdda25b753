import keras
import numpy as np
import pytest

from keras_fer.losses import MultiDomainCrossentropy


def test_domain_weights_of_the_paper():
    """Training images of AffectNet, RAF-DB and SFEW, section 2.2."""
    sizes = {"affectnet": 283_901, "raf_db": 11_271, "sfew": 871}
    counts = {name: [size // 7] * 6 for name, size in sizes.items()}
    for name, size in sizes.items():
        counts[name].append(size - sum(counts[name]))
    loss = MultiDomainCrossentropy(counts, reduction="none")
    targets = np.array([[0, 0], [1, 0], [2, 0]])
    each = loss(targets, np.zeros((3, 21))) / np.log(7)
    # Classes of almost equal size, so the class weight is 1.
    np.testing.assert_allclose(each, [0.07964, 0.10718, 0.14772], rtol=0.01)
    alike = MultiDomainCrossentropy(
        counts, domain_weights=False, reduction="none"
    )
    np.testing.assert_allclose(
        each / (alike(targets, np.zeros((3, 21))) / np.log(7)),
        [0.07964, 0.10718, 0.14772],
        rtol=1e-4,
    )


def test_by_a_loop():
    counts = {"large": (500, 300, 200), "small": (7, 0, 4, 9)}
    draws = np.random.default_rng(0)
    domains = draws.integers(2, size=30)
    targets = np.stack([domains, draws.integers(3 + domains)], axis=1)
    logits = draws.normal(size=(30, 7))
    each = MultiDomainCrossentropy(counts, reduction="none")(targets, logits)
    for row, (domain, label) in enumerate(targets):
        images = list(counts.values())[domain]
        own = logits[row, :3] if domain == 0 else logits[row, 3:]
        loss = np.log(np.exp(own).sum()) - own[label]
        present = sum(count > 0 for count in images)
        weight = 0.0
        if images[label]:
            weight = sum(images) / (images[label] * present)
        expected = loss * weight / np.log(sum(images))
        np.testing.assert_allclose(each[row], expected, rtol=1e-4, atol=1e-7)


def test_class_weights_by_hand():
    loss = MultiDomainCrossentropy(
        {"a": (30, 10), "b": (5, 0, 5)}, domain_weights=False, reduction="none"
    )
    targets = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]])
    each = loss(targets, np.zeros((5, 5)))
    expected = [
        40 / (30 * 2) * np.log(2),
        40 / (10 * 2) * np.log(2),
        10 / (5 * 2) * np.log(3),
        0,
        10 / (5 * 2) * np.log(3),
    ]
    np.testing.assert_allclose(each, expected, rtol=1e-6)


def test_other_classifiers_learn_nothing_from_a_sample():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,))
    heads = [keras.layers.Dense(n, name=f"head{n}")(inputs) for n in (2, 3)]
    model = keras.Model(inputs, keras.layers.Concatenate()(heads))
    model.compile("sgd", MultiDomainCrossentropy({"a": (9, 9), "b": [4] * 3}))
    before = [weight.numpy().copy() for weight in model.weights]
    targets = np.array([[1, 0], [1, 2]])
    model.fit(np.ones((2, 3)), targets, verbose=0)
    same = [
        np.array_equal(weight.numpy(), old)
        for weight, old in zip(model.weights, before, strict=True)
    ]
    assert same == [True, True, False, False]


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), ()])
def test_refused(counts):
    with pytest.raises(ValueError, match=r"images of each class .* for 'a'"):
        MultiDomainCrossentropy({"a": counts})

import dataclasses

import pytest

from keras_fer.datasets.procedural import expressions
from keras_fer.datasets.procedural.domains import DOMAINS


@pytest.mark.parametrize("name", DOMAINS)
def test_ranges_and_shares(name):
    domain = DOMAINS[name]
    for field in dataclasses.fields(domain):
        value = getattr(domain, field.name)
        if isinstance(value, tuple) and len(value) == 2:
            assert value[0] <= value[1], field.name
    for share in (domain.occlusion, domain.stray, domain.label_noise):
        assert 0 <= share < 1
    for pair, share in domain.confusions.items():
        assert set(pair) <= set(expressions.CLASSES) and 0 < share < 0.5

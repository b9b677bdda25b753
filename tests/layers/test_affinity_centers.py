import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import AffinityCenters


def test_contract(tmp_path):
    check_layer(AffinityCenters(5), (4, 9), (4, 5), tmp_path)


def test_distances_over_the_spread():
    layer = AffinityCenters(3)
    features = np.random.default_rng(0).normal(size=(6, 4))
    found = layer(features).numpy()
    (centers,) = layer.get_weights()
    spread = centers.var(axis=0, ddof=1).sum()
    for row, feature in zip(found, features, strict=True):
        for value, center in zip(row, centers, strict=True):
            assert np.isclose(
                value, ((feature - center) ** 2).sum() / spread, rtol=1e-4
            )
    # Features and centers far apart by the same scale are the same.
    layer.set_weights([10 * centers])
    np.testing.assert_allclose(layer(10 * features), found, rtol=1e-4)


def test_refuses():
    with pytest.raises(ValueError, match="at least 2. Received: 1"):
        AffinityCenters(1)

import numpy as np
import pytest
from contracts import check_layer

from keras_fer.layers import LocalContrastNormalization


@pytest.mark.parametrize("divide_std", [True, False])
def test_contract(divide_std, tmp_path):
    layer = LocalContrastNormalization(divide_std=divide_std)
    check_layer(layer, (2, 11, 8, 2), (2, 11, 8, 2), tmp_path)


@pytest.mark.parametrize("divide_std", [True, False])
def test_against_a_loop_over_pixels(divide_std):
    image = np.random.default_rng(0).uniform(0, 2, (7, 6))
    layer = LocalContrastNormalization(divide_std=divide_std, epsilon=0.3)
    padded = np.pad(image, 2)
    deviation = np.empty_like(image)
    for row, column in np.ndindex(*image.shape):
        window = padded[row : row + 5, column : column + 5]
        deviation[row, column] = image[row, column] - window.sum() / 25
    expected = deviation.copy()
    if divide_std:
        squares = np.pad(deviation**2, 2)
        for row, column in np.ndindex(*image.shape):
            variance = squares[row : row + 5, column : column + 5].sum() / 25
            expected[row, column] /= max(np.sqrt(variance), 0.3)
    outputs = layer(image[None, ..., None].astype("float32"))
    np.testing.assert_allclose(outputs[0, ..., 0], expected, atol=1e-5)


def test_contrast_does_not_matter_where_it_is_divided_by():
    image = np.random.default_rng(1).uniform(0.5, 1, (1, 12, 12, 1))
    layer = LocalContrastNormalization(epsilon=1e-6)
    np.testing.assert_allclose(layer(3 * image), layer(image), atol=1e-4)


def test_flat_patches_stay_zero():
    flat = np.full((1, 15, 15, 1), 1.5, "float32")
    outputs = LocalContrastNormalization()(flat).numpy()
    assert np.abs(outputs[0, 4:-4, 4:-4]).max() == 0


@pytest.mark.parametrize("wrong", [{"size": 4}, {"size": -1}, {"epsilon": 0.0}])
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        LocalContrastNormalization(**wrong)

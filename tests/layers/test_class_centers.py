import keras
import numpy as np
from contracts import check_layer

from keras_fer.layers import ClassCenters


def test_contract(tmp_path):
    check_layer(ClassCenters(5), (4, 12), (4, 5), tmp_path)


def test_half_squared_distances_by_a_loop():
    embeddings = np.random.default_rng(0).normal(size=(6, 9)).astype("float32")
    layer = ClassCenters(4, initializer=keras.initializers.RandomNormal(seed=1))
    distances = layer(embeddings).numpy()
    for row, embedding in enumerate(embeddings):
        for number, center in enumerate(layer.centers.numpy()):
            expected = ((embedding - center) ** 2).sum() / 2
            assert np.isclose(distances[row, number], expected, rtol=1e-5)


def test_centers_start_near_the_origin():
    layer = ClassCenters(100)
    layer.build((None, 100))
    deviation = layer.centers.numpy().std()
    assert 0.0095 < deviation < 0.0105


def test_small_differences_survive_mixed_precision():
    layer = ClassCenters(2, initializer="zeros", dtype="mixed_float16")
    layer.build((None, 512))
    layer.centers.assign(np.stack([np.full(512, 20.0), np.full(512, 20.01)]))
    near, far = layer(np.full((1, 512), 20.0, "float16")).numpy()[0]
    assert near == 0 and np.isclose(far, 512 * 0.01**2 / 2, rtol=1e-2)

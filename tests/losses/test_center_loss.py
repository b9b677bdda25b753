import numpy as np

from keras_fer.losses import CenterLoss


def test_it_is_the_distance_to_the_own_center():
    distances = np.arange(12.0).reshape(4, 3)
    labels = np.array([2, 0, 1, 2])
    each = CenterLoss(reduction="none")(labels, distances)
    assert np.asarray(each).tolist() == [2, 3, 7, 11]

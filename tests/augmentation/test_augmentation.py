"""What every augmentation does, and the steps they are made of."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from contracts import check_layer

from keras_fer import augmentation
from keras_fer.augmentation import augmentation as steps

LAYERS = {
    name: getattr(augmentation, name)
    for name in augmentation.__all__
    if name not in ("Augmentation", "Mixup")
}
every = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)


def faces(size=4, side=12, channels=1):
    shape = (size, side, side, channels)
    return np.random.default_rng(0).uniform(0, 255, shape).astype("float32")


@every
@pytest.mark.parametrize("shape", [(2, 9, 11, 1), (2, 16, 16, 3)])
def test_contract(layer, shape, tmp_path):
    check_layer(layer(seed=1), shape, shape, tmp_path, exports=False)


@every
def test_not_training_changes_nothing(layer):
    np.testing.assert_array_equal(layer()(faces(), training=False), faces())


@every
def test_every_image_has_its_own_draw(layer):
    images = np.repeat(faces(1), 64, axis=0)
    augmented = layer()(images, seed=(0, 1)).numpy()
    # Some layers leave some images as they are, or only mirror them.
    assert len({image.tobytes() for image in augmented}) > 30


@every
def test_pixels_stay_in_their_range(layer):
    augmented = layer()(faces(64, 24, 3), seed=(2, 1)).numpy()
    assert augmented.dtype == np.float32
    assert augmented.min() >= -1e-3 and augmented.max() <= 255 + 1e-3


@every
def test_same_seed_same_pixels_in_a_parallel_map(layer):
    augment, images = layer(), tf.constant(faces())

    def run(parallel, start=0):
        dataset = tf.data.Dataset.range(start, 16).map(
            lambda i: augment(images, seed=tf.stack([5, tf.cast(i, "int32")])),
            num_parallel_calls=parallel,
        )
        return np.stack([batch.numpy() for batch in dataset])

    together, alone = run(4), run(1)
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(run(4, start=10), together[10:])  # resumed
    np.testing.assert_allclose(
        together[3], augment(faces(), seed=(5, 3)), atol=1e-2
    )
    assert np.abs(together[0] - together[1]).max() > 1


@every
def test_inside_a_model_it_acts_in_training_only(layer):
    model = keras.Sequential([keras.Input((12, 12, 1)), layer()])
    images = faces(32)
    np.testing.assert_array_equal(model.predict(images, verbose=0), images)
    assert np.abs(model(images, training=True) - images).max() > 1


@every
def test_batches_of_any_size_in_one_graph(layer):
    augment = layer()
    dataset = tf.data.Dataset.from_tensor_slices(faces(5)).batch(2)
    shapes = [x.shape for x in dataset.map(lambda x: augment(x, seed=(1, 2)))]
    assert [tuple(shape) for shape in shapes][-1] == (1, 12, 12, 1)


def test_a_class_of_ones_own_needs_augment():
    with pytest.raises(NotImplementedError, match="Mine has no `augment`"):

        class Mine(augmentation.Augmentation):
            pass

        Mine()(faces())


def test_a_shift_moves_the_window():
    images = faces(3, 10)
    moved = steps.warp(images, shift=(np.array([0.0, 2.0, 0.0]), 3.0)).numpy()
    np.testing.assert_allclose(moved[0, :7], images[0, 3:], atol=1e-3)
    np.testing.assert_allclose(moved[1, :7, :8], images[1, 3:, 2:], atol=1e-3)
    assert not moved[:, 7:].any()


def test_a_quarter_turn():
    images = faces(1, 9)
    turned = steps.warp(images, angle=np.pi / 2).numpy()
    expected = [np.rot90(images[0], k) for k in (1, 3)]
    errors = [np.abs(turned[0] - other)[1:-1, 1:-1].max() for other in expected]
    assert min(errors) < 0.05


def test_jitter_scales_the_face_not_the_window():
    image = np.zeros((1, 40, 40, 1), "float32")
    image[:, 10:30, 10:30] = 255
    draws = np.full((5, 1), 0.5, "float32")
    larger = steps.jitter(
        image,
        draws,
        rotation_degrees=0,
        shift=0,
        scale=(1.5, 1.5),
        flip=False,
    )
    assert np.isclose(np.sqrt(np.mean(larger) / np.mean(image)), 1.5, atol=0.05)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("extreme", [0.0, 1 - 1e-6])
def test_jitter_reaches_what_its_arguments_say(extreme, scale):
    """A dot in the middle, at the ends of the ranges, turned and scaled too."""
    image = np.zeros((1, 41, 41, 1), "float32")
    image[:, 20, 20] = 255
    draws = np.full((5, 1), extreme, "float32")
    moved = steps.jitter(
        image,
        draws,
        rotation_degrees=30.0,
        shift=0.2,
        scale=(scale, scale),
        flip=False,
    ).numpy()[0, ..., 0]
    place = np.unravel_index(moved.argmax(), moved.shape)
    distance = np.abs(np.array(place) - 20)
    np.testing.assert_allclose(distance, 0.2 * 41, atol=1)


@every
def test_a_mixed_policy_does_not_round_pixels(layer):
    images = faces(8)
    expected = layer()(images, seed=(1, 2))
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        augmented = layer()(images, seed=(1, 2))
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_allclose(augmented, expected, atol=1e-3)


def test_a_cover_by_hand():
    images = faces(2, 6)
    covered = steps.cover(
        images,
        np.array([1.0, 3.0]),
        np.array([0.0, 2.0]),
        np.array([3.0, 3.0]),
        np.array([2.0, 5.0]),
        7.0,
    ).numpy()
    expected = images.copy()
    expected[0, 0:2, 1:3] = 7
    np.testing.assert_array_equal(covered, expected)

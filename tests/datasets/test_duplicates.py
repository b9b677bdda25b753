import tracemalloc

import cv2
import numpy as np
import pytest

from keras_fer.datasets import duplicates
from keras_fer.datasets import procedural


@pytest.fixture(scope="module")
def faces():
    return procedural.load_data("val", images=120, size=64, channels=3).images


def test_exact():
    images = np.zeros((4, 8, 8, 3), np.uint8)
    images[1, 7, 7, 2] = 1
    assert duplicates.exact_duplicates(images).tolist() == [0, 1, 0, 0]
    assert duplicates.exact_duplicates(images[:0]).tolist() == []


def brighter(image):
    return cv2.convertScaleAbs(image, alpha=0.8, beta=30)


def compressed(image):
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])
    return cv2.imdecode(code, cv2.IMREAD_COLOR)


def shrunk(image):
    return cv2.resize(cv2.resize(image, (40, 40)), (64, 64))


def gray(image):
    return np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)


@pytest.mark.parametrize("change", [brighter, compressed, shrunk, gray])
def test_changed_copies_are_found_and_others_are_not(faces, change):
    copies = np.array([change(image) for image in faces], np.uint8)
    both = np.concatenate([faces, copies])
    numbers = duplicates.near_duplicates(both)
    alone = duplicates.near_duplicates(faces)
    found = numbers[: len(faces)] == numbers[len(faces) :]
    assert found.mean() > 0.97
    # Drawn faces of one person may look alike; nothing else does.
    assert len(np.unique(numbers)) >= 0.97 * len(np.unique(alone))
    assert len(np.unique(alone)) > 0.9 * len(faces)


def test_pairs_are_those_of_a_loop(faces):
    """All pairs by hand: hashes in few bits, gray levels that correlate."""
    some = np.concatenate([faces[:40], [brighter(f) for f in faces[:20]]])
    some = some.astype(np.uint8)
    small = np.stack([duplicates.thumbnail(image)[..., 0] for image in some])
    small = small.astype("float32")
    hashes = duplicates._hashes(small)
    links = np.eye(len(some), dtype=bool)
    for a in range(len(some)):
        for b in range(len(some)):
            bits = bin(int(hashes[a]) ^ int(hashes[b])).count("1")
            alike = np.corrcoef(small[a].ravel(), small[b].ravel())[0, 1]
            links[a, b] |= bits <= 7 and alike >= 0.8
    for _ in range(6):  # chains
        links = (links.astype(int) @ links) > 0
    numbers = duplicates.near_duplicates(some, distance=7, correlation=0.8)
    np.testing.assert_array_equal(numbers[:, None] == numbers, links)
    assert len(np.unique(numbers)) < len(some)


def test_blank_images_look_like_nothing():
    images = np.zeros((3, 16, 16, 1), np.uint8)
    images[2] = 200
    assert len(set(duplicates.near_duplicates(images).tolist())) == 3


def test_many_copies_cost_nothing():
    images = np.zeros((4000, 16, 16, 1), np.uint8)
    images[::2, :8] = 200
    tracemalloc.start()
    numbers = duplicates.near_duplicates(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(numbers[::2].tolist())) == 1
    assert len(set(numbers[1::2].tolist())) == 2000
    assert peak < 100e6


def test_distance_is_checked(faces):
    with pytest.raises(ValueError, match="0 to 7 bits. Received: 8"):
        duplicates.near_duplicates(faces, distance=8)

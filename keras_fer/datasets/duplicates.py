"""Pictures that occur more than once, exactly or nearly."""

import hashlib

import numpy as np

from keras_fer import faces

_SIDE = 32  # pixels a side before the cosine transform
_KEPT = 8  # lowest frequencies a side
_CHUNK = 4096  # images transformed at once
_BLOCKS = 8  # of 8 bits, by which similar hashes are found


def exact_duplicates(images) -> np.ndarray:
    """Number the images so that equal pixels have equal numbers.

    Args:
        images: uint8 `(N, height, width, channels)`.

    Returns:
        int64 `(N,)`.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import duplicates
    >>> images = np.zeros((3, 8, 8, 1), "uint8")
    >>> images[1] = 7
    >>> duplicates.exact_duplicates(images).tolist()
    [0, 1, 0]
    """
    numbers = {}
    digests = (hashlib.sha256(image.tobytes()).digest() for image in images)
    return np.array([numbers.setdefault(d, len(numbers)) for d in digests])


def near_duplicates(
    images, distance: int = 6, correlation: float = 0.93
) -> np.ndarray:
    """Number the images so that those that look alike have equal numbers.

    Two images look alike if their perceptual hashes differ in at most
    `distance` bits of 64, and their gray levels at 32×32 pixels correlate by
    at least `correlation`; or if a chain of such images connects them. By
    default resized, recompressed, retouched and slightly shifted copies are
    found, and portraits of two people in one light are not. Blank images look
    like nothing.

    Args:
        images: uint8 `(N, height, width, 1 or 3)`, gray or RGB.
        distance: 0 to 7 bits.
        correlation: -1 to 1.

    Returns:
        int64 `(N,)`.

    Raises:
        ValueError: `distance` is out of range.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import duplicates, procedural
    >>> faces = procedural.load_data("val", images=3, size=96).images
    >>> noise = np.random.default_rng(0).integers(-5, 6, faces.shape)
    >>> copies = (faces + noise).clip(0, 255).astype("uint8")
    >>> both = np.concatenate([faces, copies])
    >>> duplicates.near_duplicates(both).tolist()
    [0, 1, 2, 0, 1, 2]

    Reference:
        - Zauner, Implementation and Benchmarking of Perceptual Image Hash
          Functions, 2010 (pHash).
    """
    import scipy.sparse

    if not 0 <= distance < _BLOCKS:
        raise ValueError(
            f"`distance` must be 0 to {_BLOCKS - 1} bits. Received: {distance}"
        )
    small = [thumbnail(image)[..., 0] for image in images]
    small = np.array(small, np.uint8).reshape(-1, _SIDE, _SIDE)
    # Equal thumbnails are compared once, so many copies cost nothing.
    equal = exact_duplicates(small)
    small = small[np.unique(equal, return_index=True)[1]]
    hashes = _hashes(small)
    flat = small.reshape(len(small), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    flat /= np.maximum(norms, 1e-6)
    parts = [np.zeros((2, 0), np.int64)]
    # Hashes that differ in fewer bits than there are blocks have one in common.
    for block in hashes[:, None].view(np.uint8).T:
        order = np.argsort(block, kind="stable")
        ends = np.flatnonzero(np.diff(block[order], prepend=-1, append=-1))
        for start, end in zip(ends[:-1], ends[1:], strict=True):
            parts.append(
                _alike(order[start:end], hashes, flat, distance, correlation)
            )
    rows, columns = np.concatenate(parts, axis=1)
    graph = scipy.sparse.coo_array(
        (np.ones(len(rows), bool), (rows, columns)), shape=[len(small)] * 2
    )
    _, numbers = scipy.sparse.csgraph.connected_components(graph, False)
    numbers = numbers[equal].astype(np.int64)
    blank = norms[equal, 0] == 0
    numbers[blank] = len(small) + np.arange(blank.sum())
    return np.unique(numbers, return_inverse=True)[1]


def _alike(members, hashes, flat, distance, correlation):
    """Pairs that look alike among images with a block in common, (2, P)."""
    parts = [np.zeros((2, 0), np.int64)]
    for first in range(0, len(members), 1024):
        some = members[first : first + 1024]
        differ = np.bitwise_count(hashes[some, None] ^ hashes[members])
        rows, columns = np.nonzero(differ <= distance)
        rows, columns = some[rows], members[columns]
        later = rows < columns
        rows, columns = rows[later], columns[later]
        for start in range(0, len(rows), 4096):
            pairs = np.stack([rows, columns])[:, start : start + 4096]
            product = (flat[pairs[0]] * flat[pairs[1]]).sum(axis=1)
            parts.append(pairs[:, product >= correlation])
    return np.concatenate(parts, axis=1)


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Reduce an image to what `near_duplicates` compares.

    Args:
        image: uint8 `(height, width, 1 or 3)`, gray or RGB.

    Returns:
        uint8 `(32, 32, 1)`; a thumbnail is its own thumbnail.

    Example:

    >>> import numpy as np
    >>> from keras_fer.datasets import duplicates
    >>> duplicates.thumbnail(np.zeros((96, 96, 3), "uint8")).shape
    (32, 32, 1)
    """
    import cv2

    gray = faces.to_channels(image, 1)
    small = cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return small[..., None]


def _hashes(small):
    """64 bits an image: which low frequencies are above their median."""
    place = np.arange(_SIDE) + 0.5
    waves = np.cos(np.pi / _SIDE * np.outer(np.arange(_KEPT), place))
    chunks = np.split(small, range(_CHUNK, len(small), _CHUNK))
    low = np.concatenate([waves @ chunk @ waves.T for chunk in chunks])
    low = low.reshape(-1, _KEPT**2)
    low[:, 0] = 0  # the mean gray
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]

"""How much of a pattern lies in a region of the face."""

import numpy as np


def region_overlap(patterns, regions) -> np.ndarray:
    """Find the share of each pattern's energy that lies in a region.

    A pattern that is spread evenly over the picture has the region's share of
    the picture; compare with that, and with the regions of something else.

    Args:
        patterns: `(…, height, width, channels)`, see `guided_backpropagation`.
        regions: bool `(…, height, width)`, one a pattern, such as
            `datasets.procedural.unit_region`.

    Returns:
        `(…)`, 0 to 1: sum of squares inside over sum of squares; NaN where a
        pattern is zero everywhere.

    Raises:
        ValueError: the shapes do not fit.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> pattern = np.array([[3.0, 0.0], [0.0, -4.0]])[None, ..., None]
    >>> region = np.array([[[True, True], [False, False]]])
    >>> analysis.region_overlap(pattern, region).tolist()
    [0.36]
    """
    patterns, regions = np.asarray(patterns), np.asarray(regions, bool)
    if patterns.shape[:-1] != regions.shape or regions.ndim < 2:
        raise ValueError(
            "expected patterns (…, height, width, channels) and regions (…, "
            f"height, width). Received: {patterns.shape} and {regions.shape}"
        )
    energy = np.square(patterns, dtype=np.float64).sum(axis=-1)
    total = energy.sum(axis=(-2, -1))
    inside = (energy * regions).sum(axis=(-2, -1))
    return np.divide(
        inside, total, out=np.full_like(total, np.nan), where=total > 0
    )

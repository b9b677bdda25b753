"""Which action unit changes the responses of which filter most."""

import dataclasses

import numpy as np

from keras_fer.datasets.progress import progress_bar

_AT_ONCE = 16  # permutations in one matrix product


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActionUnitDivergence:
    """How the responses of F filters differ with and without each of U units.

    Args:
        units: number or name of each unit that was compared.
        divergence: `(F, U)`, Kullback-Leibler divergence in nats.
        raises: bool `(F, U)`, whether the mean response is higher with the
            unit than without: the divergence has no sign, and a filter that
            falls silent in open mouths diverges as much as one that finds
            them.
        null: float32 `(permutations, F, U)`, the divergence of permuted units.
        edges: `(F, bins + 1)`, edges of the histograms.
        present: `(F, U, bins)`, share of the images with the unit, smoothed.
        absent: `(F, U, bins)`, the same without it.
    """

    units: tuple
    divergence: np.ndarray
    raises: np.ndarray
    null: np.ndarray
    edges: np.ndarray
    present: np.ndarray
    absent: np.ndarray

    @property
    def largest(self) -> np.ndarray:
        """`(F,)`, index of the unit with the largest divergence (table 4).

        The fewer images show a unit, the larger its divergence is by chance:
        without any relation the largest is that of the rarest unit.
        """
        return self.divergence.argmax(axis=1)

    @property
    def excess(self) -> np.ndarray:
        """`(F, U)`, divergence beyond that of permuted units.

        In standard deviations of the permuted ones, so that rare and common
        units can be compared.
        """
        return self._standardize(self.divergence)

    @property
    def best(self) -> np.ndarray:
        """`(F,)`, index of the unit with the largest excess."""
        return self.excess.argmax(axis=1)

    @property
    def p_values(self) -> np.ndarray:
        """`(F,)`, how often the best of permuted units has more excess.

        Permuted units choose their best as well, so having many units to
        choose from is no advantage. At least 1 / (permutations + 1).
        """
        self._need_permutations()
        best = self.excess.max(axis=1)
        by_chance = self._standardize(self.null).max(axis=2)
        return (1 + (by_chance >= best).sum(axis=0)) / (1 + len(self.null))

    def _standardize(self, divergence):
        self._need_permutations()
        deviation = np.maximum(self.null.std(axis=0), 1e-9)
        return (divergence - self.null.mean(axis=0)) / deviation

    def _need_permutations(self):
        if not len(self.null):
            raise ValueError(
                "there is no null model to compare with: call "
                "action_unit_divergence with permutations=1000"
            )


def action_unit_divergence(
    responses,
    action_units,
    units,
    *,
    bins=20,
    smoothing: float = 1.0,
    minimum: int = 50,
    permutations: int = 0,
    within=None,
    groups=None,
    seed: int = 0,
) -> ActionUnitDivergence:
    """Compare histograms of responses with and without each action unit.

    For filter i and unit j, Q is the histogram of the filter's strongest
    responses to images that show the unit, R that to all others, and the
    divergence is the sum of Q · log(Q / R) over the bins.

    Units follow expressions (a smile is unit 12), so a filter that tells
    expressions apart tells units apart as well. Permuting the units over all
    images asks whether responses have to do with units at all; permuting them
    `within` the images of an expression asks whether they say more about the
    units than the expression does. Rows are permuted whole, so that units that
    go together stay together.

    Args:
        responses: `(N, F)`, see `filter_responses`.
        action_units: bool `(N, U)`, which units an image shows. Other labels
            that are there or not, such as expressions, serve as well.
        units: U numbers or names.
        bins: number of bins of equal width between the smallest and the
            largest response of a filter, or edges for all filters; what lies
            beyond the edges counts to the outer bins. The paper says neither.
        smoothing: number of images added to each bin, above 0, without which
            the divergence is infinite where R has an empty bin.
        minimum: units that fewer images show, or fail to show, are left out:
            of a dozen images in twenty bins the histogram is noise.
        permutations: number of permutations of the null model; 1,000 take
            about ten seconds for 256 filters and 3,000 images.
        within: `(N,)`, such as the expression of each image: permute only
            among images of one value. By default among all.
        groups: `(N,)`, such as the sequence of a frame: images that are not
            independent. Their units must be the same and stay together. By
            default each image is a group of its own.
        seed: number from which the permutations are drawn.

    Raises:
        ValueError: shapes do not fit, no unit is left, a response is no
            number, a group has several rows of units or values of `within`,
            or an argument is out of range.

    Example:

    >>> import numpy as np
    >>> from keras_fer import analysis
    >>> shown = np.arange(100) < 50
    >>> responses = np.stack([shown * 1.0, np.ones(100)], axis=1)
    >>> found = analysis.action_unit_divergence(
    ...     responses, shown[:, None], (12,), permutations=100
    ... )
    >>> (found.p_values < 0.05).tolist()
    [True, False]

    Reference:
        - [Khorrami et al., 2015, section 4.4](https://arxiv.org/abs/1510.02969);
          bins, smoothing, direction and null models are not in the paper.
    """
    responses = np.asarray(responses, np.float64)
    shown = np.asarray(action_units, bool)
    _check(responses, shown, units, bins, smoothing, permutations)
    for name, values in (("within", within), ("groups", groups)):
        if values is not None and len(values) != len(shown):
            raise ValueError(
                f"expected `{name}` for {len(shown)} images. Received: "
                f"{len(values)}"
            )
    counts = shown.sum(axis=0)
    kept = np.minimum(counts, len(shown) - counts) >= max(minimum, 1)
    if not kept.any():
        raise ValueError(
            f"no unit is shown and not shown by {minimum} images each: "
            f"{dict(zip(units, counts.tolist(), strict=True))}"
        )
    shown = shown[:, kept]
    edges, index = _bin(responses, bins)
    filters, width = len(edges), edges.shape[1] - 1
    # One row an image, a one in the bin of each filter: products with the
    # units count all histograms at once.
    places = np.zeros((len(index), filters * width), np.float32)
    flat = index + width * np.arange(filters)
    np.put_along_axis(places, flat, 1.0, axis=1)
    totals = places.sum(axis=0)[:, None]

    def histograms(columns):
        """Both histograms for any number of columns, (F, bins, columns)."""
        counts = places.T @ columns.astype(np.float32)
        both = []
        for part in (counts, totals - counts):
            part = part.reshape(filters, width, -1) + smoothing
            both.append(part / part.sum(axis=1, keepdims=True))
        return both

    present, absent = histograms(shown)
    null = [
        _divergence(*histograms(columns)).reshape(filters, -1, shown.shape[1])
        for columns in _permuted(shown, within, groups, permutations, seed)
    ]
    null = np.concatenate(null or [np.empty((filters, 0, shown.shape[1]))], 1)
    return ActionUnitDivergence(
        units=tuple(u for u, keep in zip(units, kept, strict=True) if keep),
        divergence=_divergence(present, absent),
        raises=_mean_of(responses, shown) > _mean_of(responses, ~shown),
        null=null.swapaxes(0, 1).astype(np.float32),
        edges=edges,
        present=present.swapaxes(1, 2),
        absent=absent.swapaxes(1, 2),
    )


def _mean_of(responses, chosen):
    """Mean response of each filter to the chosen images, (F, U)."""
    return responses.T @ chosen / chosen.sum(axis=0)


def _divergence(present, absent):
    return (present * np.log(present / absent)).sum(axis=1)


def _bin(responses, bins):
    """Edges for each filter, and the bin of each response."""
    if np.ndim(bins):
        edges = np.tile(np.asarray(bins, float), (responses.shape[1], 1))
        index = np.searchsorted(edges[0], responses, side="right") - 1
    else:
        low, high = responses.min(axis=0), responses.max(axis=0)
        edges = np.linspace(low, high, bins + 1, axis=1)
        # A filter that always answers alike has one bin in use.
        step = np.where(high > low, (high - low) / bins, 1.0)
        index = ((responses - low) / step).astype(int)
    return edges, np.clip(index, 0, edges.shape[1] - 2)


def _permuted(shown, within, groups, permutations, seed):
    """Yield columns `(N, permutations · U)`, some permutations at a time."""
    import rich.progress

    draws = np.random.default_rng(seed)
    groups = np.arange(len(shown)) if groups is None else np.asarray(groups)
    within = np.zeros(len(shown)) if within is None else np.asarray(within)
    _, first, members = np.unique(
        groups, return_index=True, return_inverse=True
    )
    rows, parts = shown[first], within[first]  # of each group
    if (rows[members] != shown).any() or (parts[members] != within).any():
        raise ValueError(
            "expected the images of a group to have the same units and the "
            "same value of `within`"
        )
    parts = [np.flatnonzero(parts == value) for value in np.unique(parts)]
    starts = range(0, permutations, _AT_ONCE)
    for start in rich.progress.track(starts, **progress_bar("Permuting")):
        columns = []
        for _ in range(min(_AT_ONCE, permutations - start)):
            order = np.arange(len(rows))
            for part in parts:
                order[part] = draws.permutation(part)
            columns.append(rows[order][members])
        yield np.concatenate(columns, axis=1)


def _check(responses, shown, units, bins, smoothing, permutations):
    expected = (len(responses), len(units))
    if responses.ndim != 2 or shown.shape != expected:
        raise ValueError(
            "expected responses of shape (N, F) and action units of shape (N, "
            f"{len(units)}). Received: {responses.shape} and {shown.shape}"
        )
    if not np.isfinite(responses).all():
        raise ValueError("expected responses that are numbers")
    rising = np.size(bins) > 1 and (np.diff(bins) > 0).all()
    if not (rising if np.ndim(bins) else bins >= 1):
        raise ValueError(
            "`bins` must be a number of at least 1, or at least two edges that "
            f"rise. Received: bins={bins}"
        )
    if smoothing <= 0 or permutations < 0:
        raise ValueError(
            "`smoothing` must be positive and `permutations` not negative. "
            f"Received: smoothing={smoothing}, permutations={permutations}"
        )

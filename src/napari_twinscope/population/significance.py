"""Whether a neuron responds to a class of stimuli: its spikes against those of the grey intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_EXACT_UP_TO = 8  # trials; beyond, and with ties, the test's p value is that of the normal limit


def spike_counts(trains: Sequence[ArrayLike], *, width: float, duration: float) -> NDArray[np.int64]:
    """Count the spikes of every trial in consecutive bins from the start of the stimulus.

    Parameters
    ----------
    trains
        For each trial the times of its spikes, in seconds after the start; may be empty.
    width
        Width of a bin, in seconds: the length of the grey interval, for `responsive_classes`.
    duration
        Length of a trial, in seconds. If it is no multiple of the width, the last bin reaches beyond it.

    Returns
    -------
    numpy.ndarray
        int64 (trial, bin). A spike on an edge belongs to the later bin, at the very end to the last.

    Raises
    ------
    InvalidInput
        If the width or the duration is not positive and finite, or the time of a spike is not finite.

    Examples
    --------
    >>> spike_counts([[0.1, 0.3], []], width=0.25, duration=0.5)
    array([[1, 1],
           [0, 0]])
    """
    for name, value in (("width", width), ("duration", duration)):
        if not (np.isfinite(value) and value > 0):
            raise InvalidInput(f"The {name} must be positive.", given=value, needed="seconds")
    bins = int(np.ceil(duration / width - 1e-9))
    edges = np.arange(bins + 1) * width
    spikes = [np.asarray(train, np.float64) for train in trains]
    if not all(np.isfinite(train).all() for train in spikes):
        raise InvalidInput("The time of a spike is not finite.", needed="finite times in seconds")
    counts = [np.histogram(train, edges)[0] for train in spikes]
    return np.array(counts, np.int64).reshape(len(trains), bins)


def responsive_classes(counts: xr.DataArray, grey: xr.DataArray, *, level: float = 1e-3) -> xr.Dataset:
    """Tell which classes of stimuli excite a neuron, or suppress it in every direction.

    In each direction, the bin with the most spikes (of all trials; the first of several) is compared with
    the grey intervals before the trials by a one-sided Mann-Whitney U test, and so is the bin with the
    fewest. A class counts as significant if the former holds more spikes in some direction, or the latter
    fewer in all directions. The choice of the bins is not corrected for, in the paper either.

    Parameters
    ----------
    counts
        Numbers of spikes, dims direction, trial and bin, and any others such as unit and stimulus, in any
        order; bins as long as the grey interval, as from `spike_counts`.
    grey
        Numbers of spikes in the grey interval before each trial: the same dims without bin.
    level
        Largest p value that counts as significant.

    Returns
    -------
    xarray.Dataset
        ``significant``
            bool, with the dims other than direction, trial and bin.
        ``p_excited``, ``p_suppressed``
            p values of the two tests, float64, with the dim direction too.

        The attribute ``level`` keeps the level.

    Raises
    ------
    InvalidInput
        If dims do not fit, a count is missing, or the level is not between 0 and 1.

    References
    ----------
    Dyballa et al. (2024), doi 10.1073/pnas.2317773121; doi 10.1101/2024.10.24.620089, whose public
    notebook has the level 1e-3. The level of the former is not known.
    """
    if not 0 < level < 1:
        raise InvalidInput("There is no such level of significance.", given=level, needed="between 0 and 1")
    needed = {"direction", "trial"}
    if not {*needed, "bin"} <= set(counts.dims) or set(counts.dims) - {"bin"} != set(grey.dims):
        raise InvalidInput(
            "The dims of the counts do not fit.",
            given=f"{', '.join(map(str, counts.dims))}; grey: {', '.join(map(str, grey.dims))}",
            needed="direction, trial, bin and any others; grey: the same without bin",
        )
    different = [dim for dim in grey.dims if grey.sizes[dim] != counts.sizes[dim]]
    if different or 0 in counts.shape:
        raise InvalidInput(
            "The numbers of counts do not fit.",
            given=f"{dict(counts.sizes)}; grey: {dict(grey.sizes)}",
            needed="the same sizes, none of them zero",
        )
    if not (np.isfinite(counts).all() and np.isfinite(grey).all()):
        raise InvalidInput("A count of spikes is missing.", remedy="leave out that trial in all directions")
    counts, grey = counts.astype(np.float64), grey.astype(np.float64)
    totals = counts.sum("trial")
    most = counts.isel(bin=totals.argmax("bin"))
    fewest = counts.isel(bin=totals.argmin("bin"))
    excited = _mann_whitney(most, grey, "greater")
    suppressed = _mann_whitney(fewest, grey, "less")
    significant = (excited.min("direction") <= level) | (suppressed.max("direction") <= level)
    return xr.Dataset(
        {"significant": significant, "p_excited": excited, "p_suppressed": suppressed}, attrs={"level": level}
    ).drop_vars("bin", errors="ignore")


def _mann_whitney(shown: xr.DataArray, grey: xr.DataArray, alternative: str) -> xr.DataArray:
    """Return the p value of each row of trials, by itself: its method must not depend on other rows."""
    from scipy.stats import mannwhitneyu

    rows = shown.transpose(..., "trial")
    x, y = rows.values, grey.transpose(*rows.dims).values
    both = np.sort(np.concatenate([x, y], axis=-1), axis=-1)
    exact = ~(np.diff(both, axis=-1) == 0).any(-1) & (x.shape[-1] <= _EXACT_UP_TO)
    p = np.empty(exact.shape)
    for method, chosen in (("exact", exact), ("asymptotic", ~exact)):
        if chosen.any():
            p[chosen] = mannwhitneyu(
                x[chosen], y[chosen], alternative=alternative, axis=-1, method=method
            ).pvalue
    return rows.isel(trial=0, drop=True).copy(data=p)

"""The bandwidth with which spikes are smoothed, chosen from the spikes themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.tensor_options import PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

SHORTEST, LONGEST = 0.01, 0.05
"""Seconds to which the choice is confined; without one it is the longer."""

_BINS = 1024
_MARGIN = 0.006  # seconds of the grid beyond the spikes at either end, at least half their range
_STAGES = 7
_FEWEST, _MOST = 50, 1050  # spikes between which the interval of the search grows


def spike_bandwidth(trains: Sequence[Sequence[ArrayLike]], *, preset: str = "corrected") -> float:
    """Choose one bandwidth for the spikes of a neuron to one class of stimuli.

    The improved Sheather-Jones rule is applied to the direction with the most spikes (the first of
    several), whose trials are pooled. The choice is confined to 10 to 50 ms, and is 50 ms where the rule
    finds none, as with few or equal spike times.

    Parameters
    ----------
    trains
        For each direction the trials, and for each trial the times of its spikes in seconds.
    preset
        ``"corrected"`` for the rule as it is derived. Any published preset for that of the papers' public
        code, whose library measures the spread of the spikes on a grid that is twice as wide as it takes
        it to be, so that its bandwidths are half of the rule's.

    Returns
    -------
    float
        Standard deviation of the Gaussian in seconds, for `spike_rate` in all directions.

    Raises
    ------
    InvalidInput
        If there is no direction, a time is not finite, or the preset is unknown.

    References
    ----------
    Botev, Grotowski & Kroese (2010), Annals of Statistics 38, 2916, doi:10.1214/10-AOS799; its use is
    that of Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121.

    Examples
    --------
    >>> spikes = 0.5 + 0.1 * np.random.default_rng(0).normal(size=(2, 10, 50))
    >>> round(spike_bandwidth(spikes.tolist()), 3)
    0.034
    """
    if preset not in PRESETS:
        raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
    pooled = [
        np.concatenate([np.empty(0), *(np.asarray(train, np.float64).ravel() for train in trials)])
        for trials in trains
    ]
    if not pooled:
        raise InvalidInput("There is no bandwidth without a direction.", given="no trains of spikes")
    if not all(np.isfinite(spikes).all() for spikes in pooled):
        raise InvalidInput("A time is not finite.", needed="finite times in seconds")
    found = _sheather_jones(max(pooled, key=len), halved=preset != "corrected")
    return LONGEST if found is None else float(np.clip(found, SHORTEST, LONGEST))


def _sheather_jones(spikes: NDArray[np.float64], *, halved: bool = False) -> float | None:
    """Return the bandwidth of the improved Sheather-Jones rule; ``None`` where it has none."""
    from scipy.fft import dct
    from scipy.optimize import brentq

    number = len(np.unique(spikes))
    if number < 2:
        return None
    low, high = spikes.min(), spikes.max()
    margin = max(_MARGIN, (high - low) / 2)
    width = high - low + 2 * margin
    place = (spikes - low + margin) / width * (_BINS - 1)
    left = np.minimum(place.astype(np.int64), _BINS - 2)
    share = place - left
    counts = np.bincount(left, 1 - share, _BINS) + np.bincount(left + 1, share, _BINS)
    powers = dct(counts / len(spikes))[1:] ** 2
    squares = np.arange(1.0, _BINS) ** 2

    def roughness(order: int, time: float) -> float:
        """Return the squared norm of a derivative of the density that has diffused for a time."""
        terms = squares**order * powers * np.exp(-squares * np.pi**2 * time)
        return float(0.5 * np.pi ** (2 * order) * terms.sum())

    def excess(time: float) -> float:
        rough = roughness(_STAGES, time)
        for order in range(_STAGES - 1, 1, -1):
            odd = float(np.prod(np.arange(1, 2 * order, 2))) / np.sqrt(2 * np.pi)
            factor = (1 + 0.5 ** (order + 0.5)) / 3
            pilot = (2 * factor * odd / (number * rough)) ** (2 / (3 + 2 * order))
            rough = roughness(order, pilot)
        return float(time - (2 * number * np.sqrt(np.pi) * rough) ** (-2 / 5))

    end = 1e-11 + 0.01 * (min(max(number, _FEWEST), _MOST) - _FEWEST) / 1000
    with np.errstate(all="ignore"):  # where nothing is left after so long a time there is no solution
        while end < 1:
            try:
                time = float(brentq(excess, 0, end))
            except (ValueError, ZeroDivisionError):
                end *= 2
                continue
            return float(np.sqrt(time)) * float(high - low if halved else width)
    return None

"""Responses made smooth in time: frames by a filter, spikes by a kernel density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import check_labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

REACH = 4.0
"""Standard deviations after which the filter over frames is cut off."""

_BLOCK = 1 << 22  # values of the kernel held at a time, 32 MiB


def smooth(responses: xr.DataArray, frames: float) -> xr.DataArray:
    """Smooth responses in time by a Gaussian filter.

    Before the first and after the last frame the response goes on as its mirror image, the edge value
    repeated, so that a constant response stays as it is.

    Parameters
    ----------
    responses
        With the dim time, at even steps; finite.
    frames
        Standard deviation of the filter, in frames; 0 for none. The papers take 3, that is 100 ms.

    Returns
    -------
    xarray.DataArray
        The same in float64.

    Raises
    ------
    InvalidInput
        If there is no dim time or no frame, the standard deviation is negative or not finite, or a
        response is not finite: it would spread to its neighbours.

    References
    ----------
    Public code of arXiv 2601.21508.

    Examples
    --------
    >>> import xarray as xr
    >>> pulse = xr.DataArray([0.0, 0, 0, 1, 0, 0, 0], dims=("time",))
    >>> smooth(pulse, 1.0).values.round(2)
    array([0.  , 0.05, 0.24, 0.4 , 0.24, 0.05, 0.  ])
    """
    from scipy.ndimage import gaussian_filter1d

    check_labelled(responses, ("time",))
    if "time" not in responses.dims or not responses.sizes["time"]:
        raise InvalidInput(
            "Only responses over time can be smoothed.",
            given=", ".join(f"{name} {size}" for name, size in responses.sizes.items()),
            needed="a dim time with at least one frame",
        )
    if not (isinstance(frames, (int, float, np.number)) and np.isfinite(frames) and frames >= 0):
        raise InvalidInput("Responses cannot be smoothed so.", given=frames, needed="0 frames or more")
    values = np.asarray(responses.values, np.float64)
    if not np.isfinite(values).all():
        raise InvalidInput(
            "Responses that are not finite cannot be smoothed.",
            given=f"{np.count_nonzero(~np.isfinite(values))} of {values.size}",
        )
    if REACH * frames < 0.5:  # the filter does not reach the next frame
        return responses.astype(np.float64)
    axis = responses.get_axis_num("time")
    return responses.copy(data=gaussian_filter1d(values, frames, axis, mode="reflect", truncate=REACH))


def spike_rate(trains: Sequence[ArrayLike], times: ArrayLike, bandwidth: float) -> NDArray[np.float64]:
    r"""Estimate the rate of spikes over time from the repeated trials of one stimulus.

    The spikes of all trials are pooled; each counts as a Gaussian,

    .. math::
        r(t) = \frac{1}{M} \sum_i \frac{1}{h \sqrt{2 \pi}} e^{-(t - t_i)^2 / 2 h^2},

    summed exactly. Nothing is done at the ends of a trial, so that rates sag there, as in the paper. The
    paper's code approximates the sum on a grid and differs by up to 0.5 % of the peak.

    Parameters
    ----------
    trains
        For each of the M trials the times of its spikes, in seconds; may be empty.
    times
        Where the rate is wanted, in seconds, shape (time,). The paper takes the middles of 10 ms bins.
    bandwidth
        Standard deviation h of the Gaussian, in seconds. The paper takes 0.05.

    Returns
    -------
    numpy.ndarray
        Rate in spikes per second, float64 (time,); zero throughout without spikes.

    Raises
    ------
    InvalidInput
        If there is no trial, the bandwidth is not positive, or a time is not finite.

    References
    ----------
    Dyballa et al. (2024), doi 10.1073/pnas.2317773121, and its public notebooks.

    Examples
    --------
    >>> rate = spike_rate([[0.1], [0.1, 0.3]], np.arange(-1, 1.5, 0.01), bandwidth=0.05)
    >>> round(float(rate.sum() * 0.01), 6)  # spikes per trial
    1.5
    """
    if not len(trains):
        raise InvalidInput("There is no rate without a trial.", given="no trains of spikes")
    if not (np.isfinite(bandwidth) and bandwidth > 0):
        raise InvalidInput("There is no such bandwidth.", given=bandwidth, needed="more than 0 seconds")
    spikes = np.concatenate([np.asarray(train, np.float64).ravel() for train in trains])
    wanted = np.asarray(times, np.float64).ravel()
    if not (np.isfinite(spikes).all() and np.isfinite(wanted).all()):
        raise InvalidInput("A time is not finite.", needed="finite times in seconds")
    total = np.zeros(len(wanted))
    step = max(1, _BLOCK // max(1, len(wanted)))
    for first in range(0, len(spikes), step):
        distance = (wanted[:, None] - spikes[None, first : first + step]) / bandwidth
        total += np.exp(-0.5 * distance**2).sum(1)
    rate: NDArray[np.float64] = total / (len(trains) * bandwidth * np.sqrt(2 * np.pi))
    return rate

"""Where a response is largest: the stimulus, direction and frame to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_twinscope.rig.layers import movie_title
from napari_twinscope.rig.psth import mean_response

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from napari_twinscope.rig.unit_set import Ids, Indices
    from napari_twinscope.stimuli import StimulusProtocol


class Peak(NamedTuple):
    """The largest response, and where it was.

    Parameters
    ----------
    stimulus, direction, frame
        Positions in the recording.
    value
        The response, in its own unit.
    """

    stimulus: int
    direction: int
    frame: int
    value: float


def peak_of(responses: npt.NDArray[np.floating]) -> Peak | None:
    """Return the peak of responses (float [stimulus, direction, time]); the first of several.

    ``None`` where no response is finite.

    Examples
    --------
    >>> peak_of(np.array([[[0.0, 1.0], [3.0, 2.0]]]))
    Peak(stimulus=0, direction=1, frame=0, value=3.0)
    """
    known = np.where(np.isfinite(responses), responses, -np.inf)
    if not known.size or not np.isfinite(known).any():
        return None
    stimulus, direction, frame = np.unravel_index(int(np.argmax(known)), known.shape)
    return Peak(int(stimulus), int(direction), int(frame), float(known[stimulus, direction, frame]))


@dataclass(frozen=True)
class ShownPeak:
    """The peak of what is selected, and whose response it is.

    Parameters
    ----------
    peak
        ``None`` where no response is finite.
    whose
        The unit, or how many units were averaged, in words.
    of_unit
        Whether it is that of one unit and not of a mean.
    """

    peak: Peak | None
    whose: str
    of_unit: bool

    def sentence(self, protocol: StimulusProtocol) -> str:
        """Return whose peak it is, at which stimulus, direction and time, and how large the response is."""
        if self.peak is None:
            return f"There is no finite response of {self.whose}."
        stimulus, direction, frame, value = self.peak
        where = movie_title(protocol, (stimulus, direction))
        seconds = frame / protocol.screen.frame_rate
        return f"Peak of {self.whose}: {where}, {seconds:.2f} s, {value:.3g} a.u."


def peak_of_units(responses: xr.DataArray, units: Indices, ids: Ids, picked: int | None = None) -> ShownPeak:
    """Return the peak of the unit picked last or of the only one, else of the mean of units.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time).
    units
        Positions of the selected units.
    ids
        Identifiers of all units, str [unit].
    picked
        Position of the unit picked last, ``None`` if there is none.
    """
    one = picked if picked is not None else int(units[0]) if len(units) == 1 else None
    if one is not None:
        of_unit = responses.isel(unit=one).transpose("stimulus", "direction", "time")
        among = f" (picked last, of {len(units)} selected)" if len(units) > 1 else ""
        return ShownPeak(peak_of(of_unit.values), f"unit {ids[one]}{among}", True)
    mean = mean_response(responses, units)
    count = int(mean.attrs["units"])
    lost = f" ({mean.attrs['non_finite']} left out)" if mean.attrs["non_finite"] else ""
    whose = f"the mean of {count} {'unit' if count == 1 else 'units'}{lost}"
    return ShownPeak(peak_of(mean["mean"].values), whose, False)

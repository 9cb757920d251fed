"""Where a response is largest: the stimulus, direction and frame to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


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

"""The responses of the selected units, taken from a session, ready to be drawn in another thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.figure_pixels import PER_INCH, themed_pixels
from napari_twinscope.rig.layers import stimulus_labels
from napari_twinscope.rig.response_maps import response_maps
from napari_twinscope.rig.tuned_figure import map_figure, tuning_figure
from napari_twinscope.rig.tuning_curves import tuning_curves

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr
    from matplotlib.figure import Figure

    from napari_twinscope.rig.figure_pixels import Color
    from napari_twinscope.rig.session import Session
    from napari_twinscope.rig.unit_set import Ids, Indices

PSTH, MAPS, TUNING = "psth", "maps", "tuning"
MODES = {
    PSTH: ("Over time", "The mean response over time for each stimulus and direction (PSTH)"),
    MAPS: (
        "Response maps",
        "Direction against time, of up to five units one by one and of more the mean; rolled so that the "
        "preferred direction lies in the same row, as in arXiv 2601.21508",
    ),
    TUNING: (
        "Tuning curves",
        "The response averaged over time for each direction, in polar form, with selectivity one minus the "
        "circular variance (Ringach et al. 2002)",
    ),
}
"""How responses are shown: a name and a sentence for each."""


@dataclass(frozen=True, eq=False)
class SelectedResponses:
    """What is drawn.

    Parameters
    ----------
    responses
        Of the stage, dims (unit, stimulus, direction, time).
    units, ids
        Positions of the selected units, and the identifiers of all.
    labels, directional
        What each stimulus is called, and whether it has a direction.
    times
        Seconds of the frames.
    """

    responses: xr.DataArray
    units: Indices
    ids: Ids
    labels: tuple[str, ...]
    directional: tuple[bool, ...]
    times: npt.NDArray[np.float64]

    @classmethod
    def of(cls, session: Session) -> SelectedResponses:
        """Take what a session with a recording and a stage looks at."""
        protocol = session.require_recording().protocol
        return cls(
            session.responses(),
            session.selection.indices(session.stage).copy(),
            session.units()["unit_id"].to_numpy().astype(str),
            tuple(stimulus_labels(protocol)),
            tuple(stimulus.directional for stimulus in protocol.stimuli),
            np.arange(protocol.frames) / protocol.screen.frame_rate,
        )

    def figure(self, mode: str, width: float) -> Figure:
        """Draw them as `MAPS` or `TUNING`, of a width in inches."""
        if mode == MAPS:
            maps = response_maps(self.responses, self.units, self.ids, self.directional)
            return map_figure(maps, self.labels, self.times, width)
        return tuning_figure(tuning_curves(self.responses, self.units, self.directional), self.labels, width)

    def pixels(
        self, mode: str, width: int, ratio: float, text: Color, background: Color
    ) -> npt.NDArray[np.uint8]:
        """Draw them as `figure`, of a width in logical pixels; see `themed_pixels`."""
        return themed_pixels(self.figure(mode, width / PER_INCH), ratio, text, background)

"""What the layers on the canvas hold: arrays and names, made without a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.rig.lazy_movie import LazyMovie
from napari_twinscope.rig.maps import MapChoice, Placement

if TYPE_CHECKING:
    import pandas as pd

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.session import Session
    from napari_twinscope.stimuli import StimulusProtocol

AXES = ("stimulus", "direction", "time", "y", "x")
ARROWS = "→↗↑↖←↙↓↘"


class FirstInstances(LazyMovie):
    """The first instance of every movie, read from disk frame by frame: (stimulus, direction, time, y, x)."""

    def __init__(self, recording: Recording) -> None:
        # while the layer is there the recording stays open, unpacked if it came out of a zip
        self.recording = recording
        self._movie = recording.movie().isel(instance=0).transpose(*AXES)
        super().__init__(self._movie.shape, np.dtype(self._movie.dtype))

    def __getitem__(self, key: object) -> npt.NDArray[np.uint8]:
        return np.asarray(self._movie[key].values)


@dataclass(frozen=True)
class UnitPoints:
    """The recorded units of a stage as points on the movie.

    Parameters
    ----------
    positions
        float64 [units, 2], (y, x) in stimulus pixels; 0 where a unit has no position.
    shown
        bool [units]; false where a unit has no position in these coordinates.
    """

    positions: npt.NDArray[np.float64]
    shown: npt.NDArray[np.bool_]

    @property
    def hidden(self) -> int:
        """How many units have no position."""
        return int(np.count_nonzero(~self.shown))


def unit_points(
    units: pd.DataFrame,
    grid: tuple[int, int],
    frame: tuple[int, int],
    in_stimulus_coordinates: bool,
    kind: str = "map",
) -> UnitPoints:
    """Place the recorded units of a stage on the movie.

    Parameters
    ----------
    units
        The unit table: ``row`` and ``column`` on the stage's grid, ``y`` and ``x`` in stimulus pixels.
    grid
        Rows and columns of the stage's map.
    frame
        Height and width of the movie.
    in_stimulus_coordinates
        Whether to place units where they look; otherwise where they lie on the grid.
    kind
        ``units`` for read-out units, which lie at continuous positions and on no grid of their own:
        they are placed where they look in either case.

    Returns
    -------
    UnitPoints
        A unit that looks at a place outside the frame is a point there.
    """
    if in_stimulus_coordinates or kind == "units":
        positions = units[["y", "x"]].to_numpy(np.float64)
    else:
        positions = Placement.plain(grid, frame).position(units["row"], units["column"])
    shown = np.isfinite(positions).all(axis=1)
    return UnitPoints(np.where(shown[:, None], positions, 0.0), shown)


def place_units(session: Session) -> UnitPoints:
    """Return where the units of the session's stage lie on the movie."""
    recording, info = session.require_recording(), session.require_recording().stage_info(session.stage)
    screen = recording.protocol.screen
    return unit_points(
        session.units(),
        (int(info["rows"]), int(info["columns"])),
        (screen.height, screen.width),
        session.in_stimulus_coordinates,
        str(info["kind"]),
    )


def map_name(choice: MapChoice, recording: Recording, stored: bool) -> str:
    """Return the layer name of a map: what it shows and how instances were treated."""
    instances = int(recording.protocol.shape[2])
    if instances == 1:
        which = ""
    else:
        which = f" · mean of {instances} instances" if stored else f" · instance 1 of {instances}"
    if choice.unit is not None:
        return f"Readout (log response) of unit {choice.unit} at every place{which}"
    return f"Activation (a.u.): {choice.stage} map {choice.channel}{which}"


def condition_text(protocol: StimulusProtocol, condition: tuple[int, int], frame: int) -> str:
    """Return one line that says what is on the screen: stimulus, direction and time."""
    stimulus = protocol.stimuli[min(condition[0], len(protocol.stimuli) - 1)]
    direction = protocol.directions[min(condition[1], len(protocol.directions) - 1)]
    seconds = frame / protocol.screen.frame_rate
    heading = f"{arrow(direction)} {direction:g}°" if stimulus.directional else "no direction"
    label = stimulus_labels(protocol)[protocol.stimuli.index(stimulus)]
    return f"{label}   {heading}   {seconds:.2f} s"


def movie_title(protocol: StimulusProtocol, condition: tuple[int, int]) -> str:
    """Return what a movie is called: its stimulus, and its direction where it has one."""
    stimulus, direction = condition
    label = stimulus_labels(protocol)[stimulus]
    if not protocol.stimuli[stimulus].directional:
        return label
    angle = protocol.directions[direction]
    return f"{label} {arrow(angle)} {angle:g}°"


def stimulus_labels(protocol: StimulusProtocol) -> tuple[str, ...]:
    """Return what the stimuli are called; where two have the same label, their names tell them apart."""
    labels = [stimulus.label for stimulus in protocol.stimuli]
    return tuple(
        f"{stimulus.label} ({stimulus.name})" if labels.count(stimulus.label) > 1 else stimulus.label
        for stimulus in protocol.stimuli
    )


def arrow(direction: float) -> str:
    """Return an arrow for a direction in degrees, counter-clockwise from rightwards.

    Examples
    --------
    >>> arrow(0), arrow(90), arrow(315)
    ('→', '↑', '↘')
    """
    return ARROWS[round(direction / 45) % 8]

"""Where activation maps come from: stored with the recording, or recomputed by its twin."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import TwinscopeError
from napari_twinscope.rig.maps import ConditionCache, Warp

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from napari_twinscope.recording import Recording, RecordingPlan
    from napari_twinscope.rig.maps import Condition, MapChoice
    from napari_twinscope.twins import Twin

Maps = dict[tuple[Any, ...], "npt.NDArray[Any]"]


class MapSource:
    """The activation maps of one recording, one condition at a time.

    `lookup` answers at once from memory and belongs to the views; `compute` may take seconds and
    belongs to a worker, whose result is then handed to `keep`.

    Parameters
    ----------
    recording
        The recording. Maps stored with it are means over instances; others are recomputed for the first
        instance.
    load_twin
        Returns the twin of a plan's ``twin`` specification.

    Attributes
    ----------
    kept
        How often maps arrived.
    """

    def __init__(self, recording: Recording, load_twin: Callable[[str], Twin]) -> None:
        self.recording = recording
        self._load_twin = load_twin
        self._cache = ConditionCache()
        self._warps: dict[str, Warp] = {}
        self._twin: Twin | None = None
        self._busy = threading.Lock()
        self.kept = 0

    def is_stored(self, choice: MapChoice) -> bool:
        """Return whether the maps of a choice come from the recording."""
        return choice.stage in self.recording.stored_maps

    def grid(self, choice: MapChoice) -> tuple[int, int] | None:
        """Return rows and columns of the maps, ``None`` while they are not known."""
        if choice.stage in self.recording.stages:
            info = self.recording.stage_info(choice.stage)
            return int(info["rows"]), int(info["columns"])
        if self._twin is not None:
            stage = self._twin.stage(choice.stage)
            return stage.rows, stage.columns
        return None

    def warp(self, choice: MapChoice) -> Warp | None:
        """Return the look-up into stimulus coordinates, ``None`` while it is not known."""
        return self._warps.get(choice.stage)

    def lookup(self, choice: MapChoice, condition: Condition) -> npt.NDArray[Any] | None:
        """Return the maps [time, row, column] of a condition if they are in memory."""
        if choice.unit is not None:
            return self._cache.get(("readout", choice.unit, condition))
        maps = self._cache.get((choice.stage, condition))
        return None if maps is None else maps[:, choice.channel]

    def lacks(self, choice: MapChoice, condition: Condition, warped: bool) -> bool:
        """Return whether something has to be computed before a map can be shown."""
        if self.grid(choice) is None or (warped and self.warp(choice) is None):
            return True
        return self.lookup(choice, condition) is None

    def compute(self, choice: MapChoice, condition: Condition, warped: bool) -> Maps:
        """Read or recompute what is lacking; safe to call from a worker.

        Returns
        -------
        dict
            Arrays by their key, for `keep`: maps [time, channel, row, column] of a stage, or the
            readout map [time, row, column] of a unit.

        Raises
        ------
        TwinscopeError
            If the twin is not the one that was recorded, or cannot be loaded.
        """
        with self._busy:
            found: Maps = {}
            if warped and choice.stage not in self._warps:
                coordinates = self._require_twin().grid_coordinates(choice.stage)
                stage = self._require_twin().stage(choice.stage)
                self._warps[choice.stage] = Warp.from_coordinates(coordinates, (stage.rows, stage.columns))
            key = (choice.stage, condition)
            maps = self._cache.get(key)
            if maps is None:
                maps = found[key] = self._maps(choice, condition)
            if choice.unit is not None:
                readout = self._require_twin().readout_map(np.asarray(maps, np.float32), choice.unit)
                found["readout", choice.unit, condition] = np.asarray(readout, np.float32)
            return found

    def keep(self, maps: Maps) -> None:
        """Put what a worker computed in memory."""
        for key, array in maps.items():
            self._cache.put(key, array)
        self.kept += 1

    def _maps(self, choice: MapChoice, condition: Condition) -> npt.NDArray[Any]:
        stimulus, direction = condition
        if self.is_stored(choice):
            stored = self.recording.maps(choice.stage).isel(stimulus=stimulus, direction=direction)
            return np.asarray(stored.transpose("time", "channel", "row", "column").values)
        return condition_maps(self.recording.plan, self._require_twin(), choice.stage, condition)

    def _require_twin(self) -> Twin:
        if self._twin is None:
            twin = self._load_twin(self.recording.plan.twin)
            recorded = self.recording.twin["checksum"]
            if twin.checksum != recorded:
                raise TwinscopeError(
                    "Maps cannot be recomputed: this twin is not the one that was recorded.",
                    given=f"weights {twin.checksum}",
                    needed=f"weights {recorded}",
                    remedy="put the recorded weight file back, or record again",
                )
            self._twin = twin
        return self._twin


def condition_maps(
    plan: RecordingPlan, twin: Twin, stage: str, condition: Condition, instance: int = 0
) -> npt.NDArray[np.float32]:
    """Show a twin one movie of a plan, as it was recorded, and return all maps of a stage.

    Parameters
    ----------
    plan
        Whose movies, behaviour and arithmetic are used.
    twin
        The twin.
    stage
        The stage whose maps are wanted.
    condition, instance
        Positions of the movie in the plan's protocol.

    Returns
    -------
    float32 array [time, channel, row, column]
    """
    from napari_twinscope.recording import show_movies

    frames = plan.protocol.movie(*condition, instance)[None]
    parts: list[npt.NDArray[np.float32]] = []
    show_movies(
        plan,
        twin,
        frames,
        [stage],
        lambda _name, _first, values: parts.append(values[0].cpu().numpy().copy()),
    )
    return np.concatenate(parts)

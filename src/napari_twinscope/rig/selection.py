"""Which units are selected: one model that every view shows and edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Manner = Literal["replace", "add", "subtract", "toggle"]
Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class UnitKey(NamedTuple):
    """The identity of a unit within a recording: it outlives any order of the units."""

    stage: str
    unit_id: str


class Selection:
    """The selected units of every stage and the unit picked last.

    Units are known by `UnitKey`. For speed each stage keeps one boolean mask over the units that
    `register` announced; views may therefore also speak in positions within the stage.

    Attributes
    ----------
    changed
        Emitted with the stage's name after its selection changed.
    picked
        Emitted with the `UnitKey` picked last, or ``None``.
    """

    changed = Signal(str)
    picked = Signal(object)

    def __init__(self) -> None:
        self._ids: dict[str, npt.NDArray[np.str_]] = {}
        self._masks: dict[str, Mask] = {}
        self._last_picked: UnitKey | None = None

    def register(self, stage: str, unit_ids: Sequence[str] | npt.NDArray[np.str_]) -> None:
        """Announce the units of a stage; those already selected stay selected, by identity.

        Raises
        ------
        InvalidInput
            If an identifier occurs twice.
        """
        ids = np.asarray(unit_ids, dtype=np.str_)
        if len(np.unique(ids)) != len(ids):
            raise InvalidInput(f"Two units of stage {stage!r} have the same identifier.")
        selected = self.ids(stage)
        self._ids[stage] = ids
        self._masks[stage] = np.isin(ids, selected)

    def forget(self) -> None:
        """Drop all units, as when another recording is opened."""
        stages = [stage for stage in self._ids if self.count(stage)]
        self._ids.clear()
        self._masks.clear()
        for stage in stages:
            self.changed.emit(stage)
        self._pick(None)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages whose units are known."""
        return tuple(self._ids)

    @property
    def last_picked(self) -> UnitKey | None:
        """The unit picked last, if it is still selected."""
        return self._last_picked

    def mask(self, stage: str) -> Mask:
        """Return which units of a stage are selected, bool [units]."""
        return self._masks.get(stage, np.zeros(0, bool)).copy()

    def indices(self, stage: str) -> Indices:
        """Return the positions of the selected units within the stage, ascending."""
        return np.flatnonzero(self._masks.get(stage, np.zeros(0, bool)))

    def ids(self, stage: str) -> npt.NDArray[np.str_]:
        """Return the identifiers of the selected units of a stage."""
        if stage not in self._ids:
            return np.zeros(0, np.str_)
        return self._ids[stage][self._masks[stage]]

    def count(self, stage: str) -> int:
        """Return how many units of a stage are selected."""
        return int(np.count_nonzero(self._masks.get(stage, False)))

    def key(self, stage: str, index: int) -> UnitKey:
        """Return the identity of the unit at a position within a stage."""
        return UnitKey(stage, str(self._ids[stage][index]))

    def index(self, key: UnitKey) -> int | None:
        """Return the position of a unit within its stage, ``None`` if it is unknown."""
        found = np.flatnonzero(self._ids.get(key.stage, np.zeros(0, np.str_)) == key.unit_id)
        return int(found[0]) if len(found) else None

    def apply(
        self,
        stage: str,
        units: Indices | Iterable[int],
        manner: Manner = "replace",
        picked: int | None = None,
    ) -> None:
        """Change the selection of a stage.

        Parameters
        ----------
        stage
            A registered stage.
        units
            Positions within the stage.
        manner
            Whether the units replace the selection, are added to it, taken from it, or each toggled.
        picked
            The position of the unit the user pointed at, if it was one unit. It becomes the last
            picked unit when it is selected afterwards.

        Raises
        ------
        InvalidInput
            If the stage is unknown or a position lies outside it.
        """
        if stage not in self._ids:
            raise InvalidInput("No units are known for this stage.", given=stage, needed=", ".join(self._ids))
        positions = np.asarray(units if isinstance(units, np.ndarray) else list(units), dtype=np.intp)
        before = self._masks[stage]
        if positions.size and (positions.min() < 0 or positions.max() >= len(before)):
            raise InvalidInput(
                f"A unit lies outside stage {stage!r}.",
                given=f"position {positions.min()} to {positions.max()}",
                needed=f"0 to {len(before) - 1}",
            )
        after = np.zeros_like(before) if manner == "replace" else before.copy()
        if manner == "toggle":
            after[positions] = ~before[positions]
        else:
            after[positions] = manner != "subtract"
        changed = not np.array_equal(before, after)
        self._masks[stage] = after
        if changed:
            self.changed.emit(stage)
        self._pick(self._next_picked(stage, picked))

    def clear(self, stage: str | None = None) -> None:
        """Select nothing, in one stage or in all."""
        for name in self.stages if stage is None else (stage,):
            self.apply(name, np.zeros(0, np.intp), "replace")

    def _next_picked(self, stage: str, picked: int | None) -> UnitKey | None:
        if picked is not None and self._masks[stage][picked]:
            return self.key(stage, picked)
        last = self._last_picked
        if last is not None:
            index = self.index(last)
            if index is not None and self._masks[last.stage][index]:
                return last
        return self._first(stage)

    def _first(self, stage: str) -> UnitKey | None:
        selected = self.indices(stage)
        return self.key(stage, int(selected[0])) if len(selected) else None

    def _pick(self, key: UnitKey | None) -> None:
        if key != self._last_picked:
            self._last_picked = key
            self.picked.emit(key)

"""Which units are selected: one model that every view shows and edits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from psygnal import Signal

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.groups import Groups, Provenance
from napari_twinscope.rig.history import History
from napari_twinscope.rig.unit_set import Ids, Indices, Manner, Mask, UnitKey, UnitSet, combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_twinscope.rig.groups import Group, Parameters

AREAS = ("box", "lasso", "ball")
"""Tools that take an area; the unit in its middle was not pointed at."""


__all__ = ["Indices", "Manner", "Selection", "SelectionState", "UnitKey", "combine"]


class SelectionState(NamedTuple):
    """All that can be undone; stages without a selected unit are left out."""

    selected: dict[str, UnitSet]
    made: dict[str, tuple[Provenance, ...]]
    picked: UnitKey | None


class Selection:
    """The selected units of every stage, the unit picked last, and the groups that were given names.

    Units are known by `UnitKey`. For speed each stage keeps one boolean mask over the units that
    `register` announced; views may therefore also speak in positions within the stage. Every action is
    one step of the `history`, which the groups share.

    Attributes
    ----------
    changed
        Emitted with the stage's name after its selection changed.
    picked
        Emitted with the `UnitKey` picked last, or ``None``.
    updated
        Emitted once after all of these, for views that draw both.
    groups, history
        The named groups, and what can be undone.
    source
        What the provenance of new selections names as the recording.
    """

    changed = Signal(str)
    picked = Signal(object)
    updated = Signal()

    def __init__(self) -> None:
        self._ids: dict[str, Ids] = {}
        self._positions: dict[str, dict[str, int]] = {}
        self._masks: dict[str, Mask] = {}
        self._waiting: dict[str, UnitSet] = {}  # selected in stages that are not registered yet
        self._made: dict[str, tuple[Provenance, ...]] = {}
        self._last_picked: UnitKey | None = None
        self._pointed: UnitKey | None = None
        self.source = ""
        self.history = History()
        self.history.watch(self)
        self.groups = Groups(self.history)

    # -- the units that there are

    def register(self, stage: str, unit_ids: Sequence[str] | Ids) -> None:
        """Announce the units of a stage; those already selected stay selected, by identity.

        Raises
        ------
        InvalidInput
            If an identifier occurs twice.
        """
        ids = np.array(unit_ids, dtype=np.str_)
        positions = {unit: position for position, unit in enumerate(ids.tolist())}
        if len(positions) != len(ids):
            raise InvalidInput(f"Two units of stage {stage!r} have the same identifier.")
        ids.flags.writeable = False
        waiting = self._waiting.pop(stage, None)
        self._masks[stage] = np.isin(ids, self.ids(stage)) if waiting is None else waiting.mask_on(ids)
        self._ids[stage], self._positions[stage] = ids, positions
        if waiting is not None:
            self._announce([stage], self._last_picked)

    def forget(self) -> None:
        """Drop all units and what could be undone, as when another recording is opened; groups stay."""
        stages = [stage for stage in self._ids if self.count(stage)]
        self._ids, self._positions, self._masks, self._waiting, self._made = {}, {}, {}, {}, {}
        self._announce(stages, None)
        self.history.forget()

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages whose units are known."""
        return tuple(self._ids)

    def known(self, stage: str) -> Ids:
        """Return the identifiers of all units of a stage, read-only."""
        return self._ids.get(stage, np.zeros(0, np.str_))

    def key(self, stage: str, index: int) -> UnitKey:
        """Return the identity of the unit at a position within a stage."""
        return UnitKey(stage, str(self._ids[stage][index]))

    def index(self, key: UnitKey) -> int | None:
        """Return the position of a unit within its stage, ``None`` if it is unknown."""
        return self._positions.get(key.stage, {}).get(key.unit_id)

    @property
    def pointed(self) -> UnitKey | None:
        """The unit picked last, if it was pointed at and not just taken as the first of those selected."""
        return self._last_picked if self._last_picked == self._pointed else None

    # -- what is selected

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

    def ids(self, stage: str) -> Ids:
        """Return the identifiers of the selected units of a stage."""
        if stage not in self._ids:
            return np.zeros(0, np.str_)
        return self._ids[stage][self._masks[stage]]

    def count(self, stage: str) -> int:
        """Return how many units of a stage are selected."""
        return int(np.count_nonzero(self._masks.get(stage, False)))

    def made(self, stage: str) -> tuple[Provenance, ...]:
        """Return the actions that led to the selection of a stage, the first one first."""
        return self._made.get(stage, ())

    # -- what the user does

    def apply(
        self,
        stage: str,
        units: Indices | Iterable[int],
        manner: Manner = "replace",
        picked: int | None = None,
        *,
        tool: str = "selection",
        parameters: Parameters = (),
    ) -> None:
        """Change the selection of a stage; one step that can be undone.

        Parameters
        ----------
        stage
            A registered stage.
        units
            Positions within the stage.
        manner
            Whether the units replace the selection, are added to it, taken from it, are all of it that is
            kept, or are each toggled.
        picked
            The position of the unit the user pointed at, if it was one unit. It becomes the last
            picked unit when it is selected afterwards.
        tool, parameters
            How the units were found; this is remembered.

        Raises
        ------
        InvalidInput
            If the stage is unknown or a position lies outside it.
        """
        before = self._registered(stage)
        positions = np.asarray(units if isinstance(units, np.ndarray) else list(units), dtype=np.intp)
        if positions.size and (positions.min() < 0 or positions.max() >= len(before)):
            raise InvalidInput(
                f"A unit lies outside stage {stage!r}.",
                given=f"position {positions.min()} to {positions.max()}",
                needed=f"0 to {len(before) - 1}",
            )
        step = self._step(tool, stage, manner, len(positions), parameters)
        self._become(stage, combine(before, positions, manner), step, picked)

    def invert(self, stage: str) -> None:
        """Select what is not selected, and nothing else; one step.

        Raises
        ------
        InvalidInput
            If the stage is unknown.
        """
        after = ~self._registered(stage)
        step = self._step("selection", stage, "invert", int(np.count_nonzero(after)))
        self._become(stage, after, step)

    def clear(self, stage: str | None = None) -> None:
        """Select nothing, in one stage or in all; one step."""
        with self.history.one_step("cleared the selection"):
            for name in self.stages if stage is None else (stage,):
                self.apply(name, np.zeros(0, np.intp), "replace")

    def group(self, stage: str, name: str | None = None, color: str | None = None) -> Group:
        """Give the selected units of a stage a name; one step.

        Raises
        ------
        InvalidInput
            If nothing is selected, or as `Groups.add`.
        """
        mask = self._registered(stage)
        if not mask.any():
            raise InvalidInput("A group needs units.", given="no selected unit", remedy="select units first")
        units = UnitSet.of_mask(stage, self._ids[stage], mask)
        return self.groups.add(units, self.made(stage), name, color)

    def apply_group(self, name: str, manner: Manner = "replace") -> None:
        """Change the selection of a group's stage by those of its units that are known; one step.

        Raises
        ------
        InvalidInput
            If there is no such group, or its stage is unknown.
        """
        group = self.groups[name]
        self._registered(group.stage)
        units = np.flatnonzero(group.units.mask_on(self._ids[group.stage]))
        self.apply(group.stage, units, manner, tool="group", parameters=(("name", name),))

    # -- going back

    def undo(self) -> str | None:
        """Take back the last step; return what it was, ``None`` if there is none."""
        return self.history.undo()

    def redo(self) -> str | None:
        """Do again what was taken back last; return what it is, ``None`` if there is none."""
        return self.history.redo()

    def state(self) -> SelectionState:
        """Return all that can be undone, for the history."""
        selected = {
            stage: UnitSet.of_mask(stage, self._ids[stage], mask)
            for stage, mask in self._masks.items()
            if mask.any()
        }
        return SelectionState({**self._waiting, **selected}, dict(self._made), self._last_picked)

    def restore(self, state: SelectionState) -> None:
        """Become an earlier state."""
        self._made = dict(state.made)
        self._waiting = {stage: units for stage, units in state.selected.items() if stage not in self._ids}
        changed = []
        for stage, ids in self._ids.items():
            units = state.selected.get(stage)
            mask = np.zeros(len(ids), bool) if units is None else units.mask_on(ids)
            if not np.array_equal(mask, self._masks[stage]):
                self._masks[stage] = mask
                changed.append(stage)
        self._announce(changed, state.picked)

    # -- details

    def _registered(self, stage: str) -> Mask:
        if stage not in self._ids:
            raise InvalidInput("No units are known for this stage.", given=stage, needed=", ".join(self._ids))
        return self._masks[stage]

    def _step(
        self, tool: str, stage: str, manner: str, count: int, parameters: Parameters = ()
    ) -> Provenance:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Provenance(tool, stage, manner, count, now, parameters, self.source)

    def _become(self, stage: str, after: Mask, step: Provenance, picked: int | None = None) -> None:
        changed = not np.array_equal(self._masks[stage], after)
        self._masks[stage] = after
        if changed:
            earlier = () if step.manner == "replace" else self.made(stage)
            self._made[stage] = (*earlier, step) if after.any() else ()
        try:
            if picked is not None and step.tool not in AREAS and self._masks[stage][picked]:
                self._pointed = self.key(stage, picked)
            self._announce([stage] if changed else [], self._next_picked(stage, picked))
        finally:  # also where a view fails, the step can be undone
            self.history.record(step.label)

    def _next_picked(self, stage: str, picked: int | None) -> UnitKey | None:
        if picked is not None and self._masks[stage][picked]:
            return self.key(stage, picked)
        last = self._last_picked
        if last is not None:
            index = self.index(last)
            if index is not None and self._masks[last.stage][index]:
                return last
        selected = np.flatnonzero(self._masks[stage])
        return self.key(stage, int(selected[0])) if len(selected) else None

    def _announce(self, stages: list[str], picked: UnitKey | None) -> None:
        """Say what changed, once all of it holds: nobody has to draw a state in between."""
        other, self._last_picked = picked != self._last_picked, picked
        for stage in stages:
            self.changed.emit(stage)
        if other:
            self.picked.emit(picked)
        if stages or other:
            self.updated.emit()

"""The selection and its groups as JSON, by the identity of the units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.groups import Provenance
from napari_twinscope.rig.selection import SelectionState
from napari_twinscope.rig.unit_set import UnitKey, UnitSet

if TYPE_CHECKING:
    from napari_twinscope.rig.selection import Selection


def selection_to_dict(selection: Selection) -> dict[str, Any]:
    """Return selection and groups as plain JSON values."""
    state = selection.state()
    return {
        "selected": {stage: units.ids.tolist() for stage, units in state.selected.items()},
        "made": {stage: [step.to_dict() for step in steps] for stage, steps in state.made.items()},
        "picked": None if state.picked is None else list(state.picked),
        "groups": selection.groups.to_list(),
    }


def load_selection(selection: Selection, data: dict[str, Any]) -> None:
    """Let the selection and its groups become what `selection_to_dict` returned; forgets the history.

    Units of stages that are not registered yet are selected as soon as these are.

    Raises
    ------
    InvalidInput
        If the data do not fit; then nothing changes.
    """
    try:
        state = SelectionState(
            {stage: UnitSet.of_ids(stage, ids) for stage, ids in data["selected"].items() if ids},
            {
                stage: tuple(Provenance.from_dict(step) for step in steps)
                for stage, steps in data["made"].items()
            },
            None if data["picked"] is None else UnitKey(*map(str, data["picked"])),
        )
        groups = data["groups"]
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("A saved selection cannot be read.", given=repr(error)) from error
    selection.groups.load(groups)
    selection.restore(state)
    selection.history.forget()

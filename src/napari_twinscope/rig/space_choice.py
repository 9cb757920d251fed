"""Which picture of stimuli in activity space a session shows, as one choice that can be kept in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.activity_space import PICTURES, SpaceOptions, StimulusSpace, steady_space
from napari_twinscope.rig.space_style import COLOURED_BY
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.session import Session


@dataclass(frozen=True)
class SpaceChoice(Specification):
    """What is computed of the units of a stage, and how it is drawn.

    Parameters
    ----------
    options
        What is computed.
    follows
        Whether of the selected units, where there are any; else of all.
    turns
        Whether the picture of selected units is turned onto that of all, see `held_steady`.
    coloured_by
        One of `COLOURED_BY`.
    halves
        Whether the third axis of trajectories is drawn halved.

    Raises
    ------
    InvalidInput
        If there are no such colours.
    """

    options: SpaceOptions = field(default_factory=SpaceOptions)
    follows: bool = True
    turns: bool = True
    coloured_by: str = "stimulus"
    halves: bool = False

    def __post_init__(self) -> None:
        if self.coloured_by not in COLOURED_BY:
            raise InvalidInput(
                "Stimuli cannot be coloured by this.", given=self.coloured_by, needed=", ".join(COLOURED_BY)
            )


def saved_choice(fields: Fields) -> SpaceChoice:
    """Return the choice that the dock left in the file of a session; the usual one of no field.

    Raises
    ------
    InvalidInput
        If a field does not fit, or the options do not fit together.
    """
    return SpaceChoice(
        SpaceOptions(
            fields.text("picture", "manifold", among=PICTURES),
            fields.text("preset", "corrected"),
            fields.text("stimuli", "") or None,
            fields.boolean("rectify", True),
        ),
        fields.text("units", "selected", among=("selected", "all")) == "selected",
        fields.boolean("steady", True),
        fields.text("colour_by", "stimulus", among=COLOURED_BY),
        fields.boolean("halve_third", False),
    )


def chosen_space(session: Session, choice: SpaceChoice) -> StimulusSpace:
    """Compute the picture of the stage that a session looks at.

    Raises
    ------
    InvalidInput
        If there is no recording, and as `stimulus_space`.
    """
    session.require_recording()
    selected = session.selection.indices(session.stage)
    units = selected if choice.follows and len(selected) else None
    return steady_space(session.responses(), choice.options, units, turn=choice.turns)[1]

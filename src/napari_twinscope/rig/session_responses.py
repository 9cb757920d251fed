"""The responses that a session shows, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.response_figure import PANELS, response_figure
from napari_twinscope.rig.selected_responses import SelectedResponses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from napari_twinscope.rig.response_figure import Panel
    from napari_twinscope.rig.session import Session


def session_responses(
    session: Session, *, panels: Sequence[Panel] = PANELS, dark: bool = False
) -> tuple[Figure, str]:
    """Draw the responses of the selected units of the stage that is looked at.

    Parameters
    ----------
    session
        With a recording and a selection.
    panels, dark
        As of `response_figure`.

    Returns
    -------
    figure, title

    Raises
    ------
    InvalidInput
        If there is no recording, or no unit is selected.
    """
    recording = session.require_recording()
    units = session.selection.indices(session.stage)
    if not len(units):
        raise InvalidInput(
            "There is no response to draw.", given="no selected unit", remedy="select units first"
        )
    info = recording.stage_info(session.stage)
    where = f"{info['label']} ({info['paper_name']})"
    if len(units) == 1:
        title = f"Response of {session.units()['unit_id'].iloc[int(units[0])]}, {where}"
    else:
        title = f"Responses of {len(units)} units, {where}"
    lines = [str(recording.name)]
    if recording.status:
        lines.append(f"Recorded from a {recording.status} twin.")
    shown, direction = SelectedResponses.of(session), session.condition[1]
    figure = response_figure(shown, title, panels=panels, lines=lines, emphasised=direction, dark=dark)
    return figure, title

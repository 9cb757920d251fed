"""Which maps a session shows over its movie, and how they are coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.maps import MapChoice, MapStyle, map_style
from napari_twinscope.twins import stages_on_offer

if TYPE_CHECKING:
    from napari_twinscope.rig.session import Session


def shown_map(session: Session) -> MapChoice | None:
    """Return the feature map to show; ``None`` where the stage has no spatial map."""
    if session.recording is None or not session.stage or session.stage_kind(session.stage) == "units":
        return None
    return MapChoice(session.stage, channel=session.channel)


def shown_readout(session: Session) -> MapChoice | None:
    """Return the readout map of the unit picked last, if that unit is read out from the core."""
    key = session.picked_unit()
    if session.recording is None or key is None or not _reads_core(session, key.stage):
        return None
    index = session.selection.index(key)
    if index is None:
        return None
    row = int(session.units()["row"].iloc[index])
    return MapChoice("recurrent_out", unit=row)


def style_of_map(session: Session, choice: MapChoice) -> MapStyle | None:
    """Return how a map is shown, by what was recorded; ``None`` if that does not tell.

    The limits of an activation map are the largest absolute value recorded in its stage, over all
    units, conditions and frames. Those of a readout map are the largest absolute logarithm of the
    picked unit's recorded responses, where the response is what was recorded of it.
    """
    if choice.unit is None:
        return session.kept(
            ("style", choice.stage),
            (),
            lambda: map_style(session.responses(), f"largest absolute value recorded in {choice.stage}"),
        )
    picked = session.picked_unit()
    index = None if picked is None or picked.stage != "output" else session.selection.index(picked)
    if index is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.log(session.responses().isel(unit=index).values)
    return map_style(logarithms, "largest absolute logarithm of the unit's recorded responses", True)


def _reads_core(session: Session, stage: str) -> bool:
    """Return whether units of a stage are read out from a core feature map of their twin."""
    recording = session.require_recording()
    names = {known.name for known in stages_on_offer(recording.plan.twin)}
    return session.stage_kind(stage) == "units" and "recurrent_out" in names

"""One unit in words, for who points at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.session import Session


def unit_words(session: Session, unit: int) -> str:
    """Return which unit it is, where it sits, and the value that it is coloured by, in three lines.

    Where not all units are on the manifold, its place among those that are is told beside its index.

    Parameters
    ----------
    session
        With a recording.
    unit
        Its position within the stage that is looked at.
    """
    row, stage = session.units().iloc[unit], session.stage
    name, total = str(row["unit_id"]), len(session.units())
    if session.stage_kind(stage) == "units":
        where = f"output {int(row['row'])}"
    else:
        where = f"map {int(row['channel'])}, row {int(row['row'])}, column {int(row['column'])}"
    chosen = ", selected" if session.selection.mask(stage)[unit] else ""
    return "\n".join(
        (
            f"Unit {name}{chosen}",
            f"index {unit} of {total} recorded{_among_shown(session, unit)} · {where}",
            f"{session.measured().name}: {value_text(session.measured(), unit)}",
        )
    )


def _among_shown(session: Session, unit: int) -> str:
    cloud = session.cloud()
    if cloud is None:
        return ""
    shown = np.asarray(np.isfinite(cloud.points).all(axis=1))
    if shown.all():
        return ""
    if not shown[unit]:
        return ", not shown in the manifold"
    return f", {np.count_nonzero(shown[:unit])} of the {np.count_nonzero(shown)} shown"


def value_text(measure: Measure, unit: int) -> str:
    """Return the value of one unit as text."""
    value = float(measure.values[unit])
    if not np.isfinite(value):
        return measure.missing
    return measure.labels[int(value)] if measure.labels else f"{value:.3g}"

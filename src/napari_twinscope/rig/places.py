"""Units at the same place of the grid, followed from stage to stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.rig.session import Session


def have_places(session: Session, *stages: str) -> bool:
    """Return whether the units of all these stages lie on a grid; read-out units do not."""
    return all(session.stage_kind(stage) != "units" for stage in stages)


def units_at_same_places(session: Session, stage: str, other: str) -> npt.NDArray[np.intp]:
    """Return the units of another stage that lie where the selected units of a stage do.

    Two units are at the same place if row and column are the same. Where the grids of the two stages
    differ in size, both are compared on the coarser one: the cell that holds the centre of the unit's own.

    Parameters
    ----------
    session
        With a recording.
    stage
        Whose selected units are followed.
    other
        The stage in which units are looked for, whatever their feature map.

    Returns
    -------
    intp array
        Positions within `other`, ascending.

    Raises
    ------
    InvalidInput
        If one of the stages is not there, or has no grid.
    """
    recording = session.require_recording()
    for name in (stage, other):
        if name not in recording.stages:
            raise InvalidInput(
                "The recording has no such stage.", given=name, needed=", ".join(recording.stages)
            )
        if not have_places(session, name):
            raise InvalidInput(
                "Read-out units lie on no grid, so that none of them is at the same place as another unit.",
                given=name,
                needed="two stages with feature maps",
            )
    grids = [_grid(session, name) for name in (stage, other)]
    coarser = tuple(min(sizes) for sizes in zip(*grids, strict=True))
    cells = [_cells(session, name, grid, coarser) for name, grid in zip((stage, other), grids, strict=True)]
    return np.flatnonzero(np.isin(cells[1], cells[0][session.selection.indices(stage)]))


def select_same_places(session: Session, stage: str, other: str, manner: Manner = "replace") -> int:
    """Select in another stage the units at the places of the selected ones; one step; return how many.

    Raises
    ------
    InvalidInput
        As `units_at_same_places`, or if nothing is selected in the stage.
    """
    if not session.selection.count(stage):
        raise InvalidInput(
            "There is no unit to follow.", given=f"nothing selected in {stage}", remedy="select units first"
        )
    units = units_at_same_places(session, stage, other)
    if other not in session.selection.stages:
        ids = session.require_recording().units(other)["unit_id"].to_numpy().astype(str)
        session.selection.register(other, ids)
    session.selection.apply(other, units, manner, tool="same places", parameters=(("as in", stage),))
    return len(units)


def _grid(session: Session, stage: str) -> tuple[int, int]:
    info = session.require_recording().stage_info(stage)
    return int(info["rows"]), int(info["columns"])


def _cells(
    session: Session, stage: str, grid: tuple[int, int], coarser: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    units = session.require_recording().units(stage)
    row, column = (
        ((2 * units[name].to_numpy(np.int64) + 1) * coarse) // (2 * size)
        for name, size, coarse in zip(("row", "column"), grid, coarser, strict=True)
    )
    return np.asarray(row * coarser[1] + column, np.int64)

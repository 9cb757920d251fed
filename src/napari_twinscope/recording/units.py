"""The table of recorded units: who they are and where they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from napari_twinscope.twins import Stage, Twin


def unit_table(twin: Twin, stage: Stage, units: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return the columns of the unit table.

    Parameters
    ----------
    twin, stage
        Where the units are.
    units
        Channel, row and column of each, shape (unit, 3).

    Returns
    -------
    dict
        ``channel``, ``row``, ``column`` (int64); ``y``, ``x``: centre of the unit's receptive field
        in stimulus pixels; ``elevation``, ``azimuth``: the same as visual angles in degrees, upwards
        and rightwards positive. Not a number where the unit looks past the monitor's plane.
    """
    channel, row, column = units.T
    y, x = np.moveaxis(twin.stimulus_positions(stage.name)[row, column], -1, 0)
    elevation, azimuth = np.moveaxis(twin.visual_angles(stage.name)[row, column], -1, 0)
    return {
        "channel": channel,
        "row": row,
        "column": column,
        "y": y,
        "x": x,
        "elevation": elevation,
        "azimuth": azimuth,
    }


def unit_ids(stage: str, table: pd.DataFrame) -> list[str]:
    """Return the stable name of each unit of a table: ``stage:channel:row:column``."""
    columns = zip(table["channel"], table["row"], table["column"], strict=True)
    return [f"{stage}:{channel}:{row}:{column}" for channel, row, column in columns]

"""The index of a unit: its place among all recorded of its stage, from 0. There is no other index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.measures import RECORDED, Measure

if TYPE_CHECKING:
    from napari_twinscope.rig.unit_set import Indices

INDEX = "index"
"""What it is called, as something that units can be coloured by and as a column."""
INDEX_SAID = (
    "The place of the unit among all recorded of its stage, from 0: the unit of responses.isel(unit=index), "
    "whether or not it is on the manifold."
)
FIRST = 10
"""So many indices are told, as in the explorer of arXiv 2601.21508."""


def index_measure(count: int) -> Measure:
    """Return the index of each of some units, as something that they can be coloured by."""
    return Measure(
        INDEX,
        np.arange(count, dtype=np.float64),
        description=INDEX_SAID,
        section=RECORDED,
        limits=(0.0, max(count - 1.0, 0.0)),
        source="the recording; arXiv 2601.21508 colours by the index among the units kept",
    )


def first_indices(units: Indices, most: int = FIRST) -> str:
    """Return the first indices of some units in words; empty where there are none.

    Examples
    --------
    >>> first_indices(np.array([17])), first_indices(np.arange(3, 16, 3)), first_indices(np.arange(99), 3)
    ('index 17', 'indices 3, 6, 9, 12, 15', 'indices 0, 1, 2, …')
    """
    if not len(units):
        return ""
    told = [str(unit) for unit in units[:most].tolist()] + (["…"] if len(units) > most else [])
    return f"{'index' if len(units) == 1 else 'indices'} {', '.join(told)}"


def indices_as_code(units: Indices) -> str:
    """Return all indices as a Python list, as ``responses.isel(unit=...)`` takes it.

    Examples
    --------
    >>> indices_as_code(np.array([3, 17]))
    '[3, 17]'
    """
    return str(units.tolist())

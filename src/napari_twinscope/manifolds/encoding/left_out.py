"""Units that have no place on an encoding manifold, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT, MISSING, SILENT, DUPLICATE, FARTHEST, CLOSEST, ISOLATED, APART = range(8)
REASONS = (
    "",
    "a response is missing or infinite",
    "no response to any class",
    "responds as another unit does",
    "outlier: among the farthest from their nearest neighbours",
    "outlier: among the closest to their nearest neighbours",
    "lost all its neighbours as the graph was pruned",
    "outside the largest connected part of the kernel",
)
"""Why a unit has no coordinates, by its status."""

_SAME = 2e-8  # apart, or of the widest distance: a little more than neighbourhoods refuse as coinciding


def left_out_points(
    points: NDArray[np.float64], *, farthest: int = 0, closest: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the status of each point before neighbourhoods are made, and whose duplicate it is.

    Outliers go first, as in the public code of the papers; of points that coincide the first stays.

    Parameters
    ----------
    points
        Shape (unit, coordinate).
    farthest, closest
        How many units to leave out of those with the largest and the smallest distance to their nearest
        neighbour; the first among equals.

    Returns
    -------
    status
        `KEPT`, `FARTHEST`, `CLOSEST` or `DUPLICATE`, shape (unit,).
    duplicate_of
        The unit that stays for it, -1 for others, shape (unit,).

    Raises
    ------
    InvalidInput
        If there are not more units than outliers.

    Examples
    --------
    >>> status, twin = left_out_points(np.array([[0.0], [1.0], [0.0], [9.0]]), farthest=1)
    >>> [REASONS[one][:7] for one in status], twin.tolist()
    (['', '', 'respond', 'outlier'], [-1, -1, 0, -1])
    """
    from scipy.spatial import cKDTree

    count = len(points)
    status = np.full(count, KEPT, dtype=np.int64)
    duplicate_of = np.full(count, -1, dtype=np.int64)
    if farthest + closest >= count:
        raise InvalidInput(
            "More units are to be left out than there are.",
            given=f"{farthest} farthest and {closest} closest of {count} units",
            remedy="record more units, or leave out fewer",
        )
    if farthest or closest:
        nearest = cKDTree(points).query(points, k=2)[0][:, 1]
        order = np.argsort(nearest, kind="stable")
        status[np.argsort(-nearest, kind="stable")[:farthest]] = FARTHEST
        left = order[status[order] == KEPT]
        status[left[:closest]] = CLOSEST
    inside = np.flatnonzero(status == KEPT)
    width = float(np.linalg.norm(np.ptp(points[inside], axis=0)))
    for first, second in sorted(cKDTree(points[inside]).query_pairs(_SAME * min(1.0, width))):
        stays, goes = inside[first], inside[second]
        if status[stays] == KEPT and status[goes] == KEPT:
            status[goes], duplicate_of[goes] = DUPLICATE, stays
    return status, duplicate_of

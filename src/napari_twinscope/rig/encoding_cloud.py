"""The points of a stage: three coordinates of its encoding manifold, or of a first look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from napari_twinscope.manifolds.encoding.result import EncodingManifold
    from napari_twinscope.rig.components import PrincipalComponents
    from napari_twinscope.rig.encoding import Look

Axes = tuple[int, int, int]
FIRST_AXES: Axes = (1, 2, 3)
MOST_AXES = 20
NOT_COMPUTED = "Principal components: no encoding manifold is computed yet."
NOT_SHOWN = "Principal components: a first look, not the encoding manifold."


@dataclass(frozen=True, eq=False)
class Cloud:
    """Units of a stage as points.

    Parameters
    ----------
    points
        float64 [units, 3]; NaN for units that are not shown.
    labels
        What the three axes are, short enough for their arrows.
    coordinates
        float64 [units, axes], all from which the three were chosen.
    numbers
        What of the whole is to be known, in one line.
    warning
        What the points are not; empty for an encoding manifold.
    left_out
        How many units are not shown and why; empty if all are.
    """

    points: npt.NDArray[np.float64]
    labels: tuple[str, str, str]
    coordinates: npt.NDArray[np.float64]
    numbers: str
    warning: str = ""
    left_out: str = ""


def cloud_of(look: Look, axes: Axes = FIRST_AXES, turned: bool = False) -> Cloud | None:
    """Return the points to show; ``None`` where there are none.

    Parameters
    ----------
    look
        What is known of the stage.
    axes
        Which coordinates of the manifold, from 1. One that it does not have is zero for all units.
    turned
        Whether the coordinates are turned to their principal axes, as in the papers. This is a rotation;
        no coordinate is ever reflected.
    """
    if look.manifold is not None:
        return _manifold(look.manifold, axes, turned)
    if look.components is not None:
        return _components(look.components, NOT_SHOWN if look.choices else NOT_COMPUTED)
    return None


def with_axis(axes: Axes, place: int, value: int) -> Axes:
    """Return axes with another one at a place; if it was at another place, the two change places.

    Examples
    --------
    >>> with_axis((1, 2, 3), 0, 5), with_axis((1, 2, 3), 0, 3)
    ((5, 2, 3), (3, 2, 1))
    """
    changed = list(axes)
    if value in axes:
        changed[axes.index(value)] = axes[place]
    changed[place] = value
    return changed[0], changed[1], changed[2]


def axis_name(axis: int, turned: bool) -> str:
    """Return what a coordinate of a manifold is called; turned ones as in the papers."""
    return f"MDS {axis}" if turned else f"axis {axis}"


def _manifold(manifold: EncodingManifold, axes: Axes, turned: bool) -> Cloud:
    coordinates = (manifold.rotated if turned else manifold.coordinates).values
    there = manifold.on_map
    points = np.where(there[:, None], 0.0, np.full((len(there), 3), np.nan))
    labels = []
    for place, axis in enumerate(axes):
        if axis <= coordinates.shape[1]:
            points[:, place] = np.where(there, coordinates[:, axis - 1], np.nan)
        labels.append(axis_name(axis, turned) if axis <= coordinates.shape[1] else "none")
    numbers = f"Rank {manifold.rank} · error {manifold.error_percent:.1f} % · {manifold.preset}"
    reasons = manifold.dropped["reason"].value_counts(sort=False)
    left_out = _counted(len(there), [(str(reason), int(count)) for reason, count in reasons.items()])
    return Cloud(points, (labels[0], labels[1], labels[2]), coordinates, numbers, left_out=left_out)


def _components(found: PrincipalComponents, warning: str) -> Cloud:
    percent = ", ".join(f"{100 * part:.0f}" for part in found.explained)
    silent = f" · {len(found.constant)} units never change" if len(found.constant) else ""
    counted = [("a response is missing or infinite", len(found.non_finite))] if len(found.non_finite) else []
    return Cloud(
        found.scores,
        ("PC 1", "PC 2", "PC 3"),
        found.scores,
        f"Variance of PC 1 to 3: {percent} %{silent}",
        warning,
        _counted(len(found.scores), counted),
    )


def _counted(total: int, reasons: Sequence[tuple[str, int]]) -> str:
    if not reasons:
        return ""
    lost = sum(count for _, count in reasons)
    why = "; ".join(f"{count}: {reason}" for reason, count in reasons)
    return f"{lost} of {total} units are not shown. {why}."

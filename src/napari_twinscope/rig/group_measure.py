"""The named groups of units as something they can be coloured by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_twinscope.rig.groups import Group
    from napari_twinscope.rig.unit_set import Ids

BY_GROUP = "groups"
"""What it is called among the measures."""
OWN_GROUPS = "Named by you"
"""The section in which it is listed."""

_SAID = (
    "The named group of the unit, in the group's own colour; a unit in several groups counts for the one "
    "made last."
)


def group_measure(groups: Iterable[Group], stage: str, ids: Ids) -> Measure:
    """Return to which group each unit of a stage belongs.

    A unit in several groups counts for the one made last, as its ring in a figure does; the name of the
    measure says how many those are. Units in no group have no value.

    Parameters
    ----------
    groups
        In the order in which they were made; those of other stages are left out.
    stage
        Whose units are looked at.
    ids
        The identifiers of its units, str [units].
    """
    shown = [group for group in groups if group.stage == stage]
    values = np.full(len(ids), np.nan)
    times = np.zeros(len(ids), np.intp)
    for place, group in enumerate(shown):
        members = group.units.mask_on(ids)
        values[members] = place
        times += members
    several = int(np.count_nonzero(times > 1))
    remark = f" ({several} in several: colour of the one made last)" if several else ""
    return Measure(
        BY_GROUP + remark,
        values,
        tuple(group.name for group in shown),
        _SAID,
        OWN_GROUPS,
        missing="in no group",
        colors=tuple(group.color for group in shown),
        source="the groups of this session, as you named them",
    )

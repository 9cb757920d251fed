"""What a session shows of a stage, as the picture that a figure is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import highlight
from napari_twinscope.rig.group_measure import BY_GROUP
from napari_twinscope.rig.manifold_figure import ManifoldPicture
from napari_twinscope.rig.point_style import PICKED, diameter

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.encoding_cloud import Cloud
    from napari_twinscope.rig.session import Session


def session_picture(session: Session, point_size: float = 1.0, groups: bool = True) -> ManifoldPicture:
    """Return what a session shows of the stage that is looked at: places, colours, selection, groups.

    Parameters
    ----------
    session
        With a recording, and a look at the stage.
    point_size
        Of units, relative to the usual one.
    groups
        Whether members of named groups have a ring of the group's colour; they need none where the group
        is what units are coloured by.

    Raises
    ------
    InvalidInput
        If there is nothing to draw yet.
    """
    cloud = shown_cloud(session)
    info = session.require_recording().stage_info(session.stage)
    mask, style = session.selection.mask(session.stage), session.point_style()
    colors = unit_colors(session, mask)
    diameters = diameter(cloud.points, point_size) * style.sizes
    picked = session.picked_unit()
    place = None if picked is None else session.selection.index(picked)
    if place is not None:
        diameters[place] *= PICKED
    shown = int(np.count_nonzero(np.isfinite(cloud.points).all(axis=1)))
    selected = int(np.count_nonzero(mask))
    said = f"{info['label']} ({info['paper_name']}) · {_counted(shown)}"
    scales = (("Size", style.size_legend), ("Opacity", style.opacity_legend))
    return ManifoldPicture(
        points=cloud.points,
        labels=cloud.labels,
        colors=colors,
        diameters=diameters,
        title=said + (f", {selected} selected" if selected else ""),
        lines=tuple(_lines(session, cloud)),
        legend=session.colors()[1],
        hollow=style.hollow if style.hollow.any() else None,
        groups=_groups(session) if groups and session.measure != BY_GROUP else (),
        scales=tuple((name, found) for name, found in scales if found is not None),
    )


def unit_colors(session: Session, selected: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Return the colours of units in a manifold, float32 [units, 4], with what is selected standing out."""
    colors = highlight(session.colors()[0], selected)
    style = session.point_style()
    if style.opacity_legend is not None:
        colors[:, 3] *= style.opacities
    return colors


def shown_cloud(session: Session) -> Cloud:
    """Return the cloud that a session shows.

    Raises
    ------
    InvalidInput
        If there is none yet.
    """
    session.require_recording()
    cloud = session.cloud() if session.stage else None
    if cloud is None:
        raise InvalidInput(
            "There is no manifold to draw yet.",
            given=f"stage {session.stage}" if session.stage else None,
            remedy="open the Manifold dock and wait until it shows units, or choose another stage",
        )
    return cloud


def _lines(session: Session, cloud: Cloud) -> list[str]:
    recording = session.require_recording()
    where = [str(recording.name), cloud.numbers]
    lines = [" · ".join(part for part in where if part)]
    if recording.status:
        lines.append(f"Recorded from a {recording.status} twin.")
    return [*lines, *(text for text in (cloud.warning, cloud.left_out) if text)]


def _groups(session: Session) -> tuple[tuple[str, str, npt.NDArray[np.bool_]], ...]:
    ids = session.units()["unit_id"].to_numpy().astype(np.str_)
    return tuple(
        (group.name, group.color, group.units.mask_on(ids))
        for group in session.selection.groups
        if group.stage == session.stage
    )


def _counted(number: int) -> str:
    return "1 unit" if number == 1 else f"{number} units"

"""What the views show as ordinary napari layers, that can be saved and used without this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.layers import map_name, movie_title, place_units
from napari_twinscope.rig.maps import Placement
from napari_twinscope.rig.point_style import diameter
from napari_twinscope.rig.session_maps import shown_map, shown_readout, style_of_map
from napari_twinscope.rig.session_picture import shown_cloud, unit_colors
from napari_twinscope.rig.unit_csv import unit_frame

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import xarray as xr

    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.rig.session import Session

    LayerTuple = tuple[Any, dict[str, Any], str]

UNIT_SIZE = 4.0
"""Diameter of a unit on the movie, in stimulus pixels."""
_TRACKED = ("stimulus_number", "direction", "frame", "component_1", "component_2", "component_3")


def manifold_layer(session: Session, point_size: float = 1.0) -> LayerTuple:
    """Return the manifold shown as a Points layer in its own coordinates.

    Returns
    -------
    tuple
        Points (third, second, first axis shown), so that napari's last axis, which runs rightwards, is the
        first; without the units that have no place. ``features`` has `unit_csv.unit_frame`, where the
        coordinates are by name. Scale and translation put the layer, on a viewer that shows the movie,
        within the movie's frames, rows and columns, so that napari's sliders stay as long as the movie; a
        cloud with more units of length than the movie has frames lies in their middle as it is.

    Raises
    ------
    InvalidInput
        If there is no manifold yet.
    """
    cloud = shown_cloud(session)
    there: npt.NDArray[np.bool_] = np.asarray(np.isfinite(cloud.points).all(axis=1))
    if not there.any():
        raise InvalidInput("No unit has a place on the manifold.", given=f"stage {session.stage}")
    sizes = diameter(cloud.points, point_size) * session.point_style().sizes
    nothing = np.zeros_like(there)
    return (
        cloud.points[there][:, ::-1].copy(),
        {
            "name": f"Manifold of {session.stage} ({int(there.sum())})",
            "features": _features(session, there),
            "face_color": unit_colors(session, nothing)[there],
            "size": sizes[there],
            "border_width": 0.0,
            "axis_labels": cloud.labels[::-1],
            "blending": "translucent",
            "metadata": _facts(session) | {"axes": list(cloud.labels), "numbers": cloud.numbers},
            **within_movie(cloud.points[there][:, ::-1], session),
        },
        "points",
    )


def units_layer(session: Session) -> LayerTuple:
    """Return the units of the stage that have a place on the movie as a Points layer (y, x).

    Raises
    ------
    InvalidInput
        If there is no recording, or no unit sees a place in the stimulus.
    """
    session.require_recording()
    placed = place_units(session)
    if not placed.shown.any():
        raise InvalidInput("No unit sees a place in the stimulus.", given=f"stage {session.stage}")
    return (
        placed.positions[placed.shown].copy(),
        {
            "name": f"Units of {session.stage} on the movie ({int(placed.shown.sum())})",
            "features": _features(session, placed.shown),
            "face_color": session.colors()[0][placed.shown],
            "size": UNIT_SIZE,
            "border_width": 0.0,
            "axis_labels": ("y", "x"),
            "metadata": _facts(session),
        },
        "points",
    )


def movie_layer(session: Session) -> LayerTuple:
    """Return the movie that is looked at as an Image layer (time, y, x), its first instance."""
    recording, (stimulus, direction) = session.require_recording(), session.condition
    movie = recording.movie().isel(stimulus=stimulus, direction=direction, instance=0)
    return (
        np.asarray(movie.transpose("time", "y", "x").values),
        {
            "name": f"Movie: {condition_name(session)}",
            "colormap": "gray",
            "contrast_limits": (0, 255),
            "axis_labels": ("time", "y", "x"),
            "metadata": _facts(session) | {"frame_rate": recording.protocol.screen.frame_rate},
        },
        "image",
    )


def map_layer(session: Session, source: MapSource) -> LayerTuple:
    """Return the activation map that is looked at as an Image layer (time, y, x), placed over the movie.

    Raises
    ------
    InvalidInput
        If no map is chosen, or it is not computed yet.
    """
    choice = shown_readout(session) or shown_map(session)
    warped, recording = session.in_stimulus_coordinates, session.require_recording()
    maps = None if choice is None else source.lookup(choice, session.condition)
    warp = source.warp(choice) if choice is not None and warped else None
    if choice is None or maps is None or (warped and warp is None):
        raise InvalidInput(
            "There is no activation map to take.",
            given=f"stage {session.stage}",
            remedy="show a map over the movie, and wait until it is computed; of read-out units pick one",
        )
    values = np.asarray(maps, np.float32) if warp is None else warp(maps)
    screen = recording.protocol.screen
    grid = (values.shape[-2], values.shape[-1])
    frame = (screen.height, screen.width)
    place = Placement((1.0, 1.0), (0.0, 0.0)) if warped else Placement.plain(grid, frame)
    style = style_of_map(session, choice)
    settings: dict[str, Any] = {
        "name": f"{map_name(choice, recording, source.is_stored(choice))}: {condition_name(session)}",
        "scale": (1.0, *place.scale),
        "translate": (0.0, *place.translate),
        "interpolation2d": "nearest",
        "blending": "additive",
        "axis_labels": ("time", "y", "x"),
        "metadata": _facts(session) | {"channel": choice.channel, "unit": choice.unit},
    }
    if style is not None:
        settings["contrast_limits"] = style.limits
    return values, settings, "image"


def trajectory_layer(session: Session, trajectories: xr.Dataset, count: int) -> LayerTuple:
    """Return decoding trajectories as a Tracks layer, one track for each stimulus and direction.

    Parameters
    ----------
    session
        Whose stage the trajectories are of.
    trajectories
        From `manifolds.decoding_trajectories`, with three components.
    count
        Of how many units.

    Returns
    -------
    tuple
        Tracks (track, frame, third, second, first component); ``features`` has stimulus and direction.
    """
    import pandas as pd

    recording = session.require_recording()
    coordinates = trajectories["coordinates"].transpose("stimulus", "direction", "time", "component").values
    stimuli, directions, frames, _ = coordinates.shape
    which = np.indices((stimuli, directions, frames)).reshape(3, -1)
    points = coordinates.reshape(-1, coordinates.shape[-1])
    track = which[0] * directions + which[1]
    there = np.isfinite(points).all(axis=1)
    data = np.column_stack([track, which[2], points[:, ::-1]])[there]
    names = [str(name) for name in trajectories["stimulus"].values]
    ways = trajectories["direction"].values.astype(float)
    features = pd.DataFrame(
        np.column_stack([which[0], ways[which[1]], which[2], points])[there], columns=list(_TRACKED)
    )
    ratio = ", ".join(f"{100 * part:.0f}" for part in trajectories["explained_variance_ratio"].values)
    return (
        data,
        {
            "name": f"Decoding trajectories of {session.stage} ({count} units)",
            "features": features,
            "axis_labels": ("frame", "PC 3", "PC 2", "PC 1"),
            "tail_length": frames,
            "tail_width": 3,
            "metadata": _facts(session)
            | {
                "stimuli": names,
                "explained_percent": ratio,
                "frame_rate": recording.protocol.screen.frame_rate,
                "units": count,
            },
        },
        "tracks",
    )


def condition_name(session: Session) -> str:
    """Return stimulus and direction that are looked at, in words."""
    return movie_title(session.require_recording().protocol, session.condition)


def within_movie(points: npt.NDArray[np.float64], session: Session) -> dict[str, Any]:
    """Return scale and translation that put points (third axis first) within frames, rows and columns.

    They are not made smaller: napari would cut the time slider into steps of as much less than a frame.
    """
    protocol = session.require_recording().protocol
    room = np.array([protocol.frames, protocol.screen.height, protocol.screen.width]) - 1.0
    low, high = points.min(axis=0), points.max(axis=0)
    with np.errstate(divide="ignore"):
        scale = max(1.0, float(np.min(room / (high - low))))
    scale = scale if np.isfinite(scale) else 1.0
    return {"scale": (scale,) * 3, "translate": (room - scale * (low + high)) / 2}


def _features(session: Session, there: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return unit_frame(session)[there].reset_index(drop=True)


def _facts(session: Session) -> dict[str, Any]:
    recording, manifold = session.require_recording(), session.look.manifold
    return {
        "recording": str(recording.name),
        "stage": session.stage,
        "options": None if manifold is None else manifold.options.to_json(),
    }

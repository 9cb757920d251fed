"""Stimuli in activity space as ordinary napari layers, that can be saved and used without this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.plain_layers import within_movie
from napari_twinscope.rig.space_marks import POINT, START, TUBE
from napari_twinscope.rig.space_style import axis_labels, drawn_paths, movie_colors, numbers_text
from napari_twinscope.rig.space_table import space_frame

if TYPE_CHECKING:
    from napari_twinscope.rig.activity_space import StimulusSpace
    from napari_twinscope.rig.plain_layers import LayerTuple
    from napari_twinscope.rig.session import Session
    from napari_twinscope.rig.space_choice import SpaceChoice

_OF_A_MOVIE = ("recording", "stage", "units", "movie", "stimulus", "label", "direction", "group")


def space_layers(
    session: Session, space: StimulusSpace, choice: SpaceChoice, point_size: float = 1.0
) -> list[LayerTuple]:
    """Return movies in activity space as a Points layer, and trajectories as paths of a Shapes layer too.

    Parameters
    ----------
    session
        Of whose stage the picture is.
    space
        What was computed.
    choice
        How it is drawn.
    point_size
        Diameters of points, relative to the usual ones.

    Returns
    -------
    list of tuple
        Points (third, second, first axis), so that napari's last axis, which runs rightwards, is the
        first: one for each movie, of trajectories one for each frame. They lie as the dock draws them, at
        unit spread; ``features`` is `space_table.space_frame`, whose coordinates are in the unit of the
        responses. A path is interrupted where nothing was recorded.

        Scale and translation put all of them, on a viewer that shows the movie, within the movie's frames,
        rows and columns, so that napari's sliders stay as long as the movie. That is why trajectories are
        no Tracks layer: napari lays the frames of one out along the fourth axis from the end, which is the
        movie's slider of direction.

    Raises
    ------
    InvalidInput
        If there is no recording, or no movie has a place.
    """
    frame = space_frame(session, space, choice.coloured_by)
    if not len(frame):
        raise InvalidInput("No stimulus has a place in activity space.", given=f"stage {session.stage}")
    halves = choice.halves and not space.is_still
    paths = drawn_paths(space, halves)[..., ::-1] / (space.spread or 1.0)
    paths = paths.astype(np.float32).astype(np.float64)  # as napari keeps shapes, so that both layers agree
    points = paths.reshape(-1, 3)
    points = points[np.asarray(np.isfinite(points).all(axis=1))]
    colors, _ = movie_colors(space, session.require_recording().protocol, choice.coloured_by)
    movie = frame["movie"].to_numpy()
    kind = "Trajectories" if not space.is_still else "Stimuli"
    alike: dict[str, Any] = {
        "axis_labels": axis_labels(space, halves)[::-1],
        "blending": "translucent",
        "metadata": {
            "recording": str(session.require_recording().name),
            "stage": session.stage,
            "options": choice.to_json(),
            "numbers": numbers_text(space),
            "unit": space.spread,  # of the coordinates, in the unit of the responses
        },
        **within_movie(points, session),
    }
    made: list[LayerTuple] = [
        (
            points,
            {
                "name": f"{kind} in activity space of {session.stage} ({space.units} units)",
                "features": frame,
                "face_color": colors[movie],
                "size": (POINT if space.is_still else START) * point_size,
                "border_width": 0.0,
                "border_color": colors[movie],  # which would shade small points
                **alike,
            },
            "points",
        )
    ]
    if space.is_still:
        return made
    pieces = [(place, piece) for place, path in enumerate(paths) for piece in _pieces(path)]
    of = np.array([place for place, _ in pieces], np.intp)
    rows = frame.groupby("movie").first().reset_index()[list(_OF_A_MOVIE)].set_index("movie", drop=False)
    paths_of = (
        [piece for _, piece in pieces],
        {
            "name": f"Paths in activity space of {session.stage} ({space.units} units)",
            "shape_type": "path",
            "features": rows.loc[of].reset_index(drop=True),
            "edge_color": colors[of],
            "face_color": "transparent",
            "edge_width": 2 * TUBE,
            **alike,
        },
        "shapes",
    )
    return [paths_of, *made] if pieces else made


def _pieces(path: Any) -> list[Any]:
    """Return the parts of a path, float64 [frames, 3], that were recorded without a gap and move."""
    there = np.flatnonzero(np.isfinite(path).all(axis=1))
    parts = np.split(there, np.flatnonzero(np.diff(there) > 1) + 1)
    return [path[part].copy() for part in parts if len(part) > 1 and np.ptp(path[part], axis=0).any()]

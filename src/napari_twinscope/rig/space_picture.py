"""What a session shows of stimuli in activity space, as the picture that a figure is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_twinscope.rig.space_style import (
    axis_labels,
    drawn_paths,
    movie_colors,
    movie_name,
    numbers_text,
    units_text,
)

if TYPE_CHECKING:
    from napari_twinscope.rig.activity_space import StimulusSpace
    from napari_twinscope.rig.colors import RGBA, Legend
    from napari_twinscope.rig.session import Session
    from napari_twinscope.rig.space_choice import SpaceChoice
    from napari_twinscope.rig.space_style import Floats, Labels

_KINDS = {
    "manifold": "Principal components of mean responses",
    "diffusion": "Diffusion map of mean responses",
    "trajectories": "Principal components of responses frame by frame",
}


@dataclass(frozen=True, eq=False)
class SpacePicture:
    """What is drawn of movies in activity space; `space_picture` makes it of a session.

    Parameters
    ----------
    paths
        float64 [movies, frames, 3], first to third axis, as drawn: of unit spread. One frame for a point,
        NaN where nothing was recorded.
    labels
        Names of the three axes.
    colors
        float32 [movies, 4].
    legend
        What the colours mean.
    title
        The first line.
    lines
        More of it: the recording, the units, what is computed.
    movie
        The movie that is marked, and drawn over all others; ``None`` for none.
    frame
        Where markers are on paths; ``None`` for none.
    movie_name
        What the movie that is marked is called.
    seconds
        Start and end of paths, and the time of the markers.
    point_size
        Diameters of points, relative to the usual ones.
    """

    paths: Floats
    labels: Labels
    colors: RGBA
    legend: Legend
    title: str
    lines: tuple[str, ...] = ()
    movie: int | None = None
    frame: int | None = None
    movie_name: str = ""
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    point_size: float = 1.0

    @property
    def world(self) -> Floats:
        """All points, float64 [movies x frames, 3], in the order of napari's displayed axes."""
        return self.paths.reshape(-1, 3)[:, ::-1]


def space_picture(
    session: Session,
    space: StimulusSpace,
    choice: SpaceChoice,
    *,
    condition: tuple[int, int] | None = None,
    frame: int | None = None,
    point_size: float = 1.0,
) -> SpacePicture:
    """Return what a session shows of stimuli in activity space.

    Parameters
    ----------
    session
        Of whose stage the picture is.
    space
        What was computed, as by `chosen_space`.
    choice
        How it is drawn.
    condition
        Stimulus and direction of the movie that is marked, if it is among those taken.
    frame
        Where markers are on trajectories.
    point_size
        Diameters of points, relative to the usual ones.

    Raises
    ------
    InvalidInput
        If there is no recording.
    """
    recording = session.require_recording()
    protocol, info = recording.protocol, recording.stage_info(session.stage)
    halves = choice.halves and not space.is_still
    colors, legend = movie_colors(space, protocol, choice.coloured_by)
    movie = None if condition is None else space.place_of(condition)
    last = space.paths.shape[1] - 1
    rate = float(protocol.screen.frame_rate)
    now = None if frame is None or space.is_still else min(frame, last)
    return SpacePicture(
        paths=drawn_paths(space, halves) / (space.spread or 1.0),
        labels=axis_labels(space, halves),
        colors=colors,
        legend=legend,
        title=f"Stimuli in activity space · {info['label']} ({info['paper_name']})",
        lines=_lines(session, space, choice),
        movie=movie,
        frame=now,
        movie_name="" if movie is None else movie_name(space, movie, protocol),
        seconds=(0.0, last / rate, (now or 0) / rate),
        point_size=point_size,
    )


def _lines(session: Session, space: StimulusSpace, choice: SpaceChoice) -> tuple[str, ...]:
    recording, options = session.require_recording(), space.options
    selected = session.selection.count(session.stage)
    units = units_text(space, selected, len(session.units()), session.stage, choice.follows)
    kind = _KINDS[options.picture] + ("" if options.rectify else ", not rectified")
    said = [f"{recording.name} · {units}", f"{kind} · {options.preset}", numbers_text(space)]
    if options.picture != "diffusion":
        said.append(f"Root mean square distance from the centre: {space.spread:.3g} a.u.")
    if recording.status:
        said.append(f"Recorded from a {recording.status} twin.")
    return tuple(said)

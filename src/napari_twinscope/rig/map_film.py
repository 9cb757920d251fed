"""An activation map over its movie: what is drawn of each frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.layers import map_name, place_units
from napari_twinscope.rig.map_colors import map_colors
from napari_twinscope.rig.plain_layers import condition_name
from napari_twinscope.rig.session_maps import shown_map, shown_readout, style_of_map

if TYPE_CHECKING:
    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.rig.maps import MapStyle
    from napari_twinscope.rig.session import Session


@dataclass(frozen=True, eq=False)
class MapFilm:
    """A movie with a map over it, for one stimulus and direction.

    Parameters
    ----------
    movie
        uint8 [time, height, width].
    maps
        float32 [time, rows, columns]: a grid that covers the whole frame, or already warped to its pixels;
        not a number where the network sees nothing.
    style
        Limits and colours of the map.
    frame_rate
        Frames per second as recorded.
    title, lines
        What is shown.
    units
        float64 [units, 2], (y, x) in stimulus pixels, of the units that are marked.
    colors
        float32 [units, 4], of their rings.
    """

    movie: npt.NDArray[np.uint8]
    maps: npt.NDArray[np.float32]
    style: MapStyle
    frame_rate: float
    title: str
    lines: tuple[str, ...] = ()
    units: npt.NDArray[np.float64] | None = None
    colors: npt.NDArray[np.float32] | None = None

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.movie)

    def blended(self, frame: int) -> npt.NDArray[np.uint8]:
        """Return a frame with the map over it, uint8 [height, width, 3]: of each pixel the nearest cell."""
        grey = np.repeat(self.movie[frame][..., None].astype(np.float64), 3, axis=-1)
        colors = map_colors(self.maps[frame], self.style)
        height, width = self.movie.shape[1:]
        rows = (np.arange(height) * colors.shape[0]) // height
        columns = (np.arange(width) * colors.shape[1]) // width
        over = colors[rows[:, None], columns[None]]
        opacity = over[..., 3:].astype(np.float64)
        mixed = grey * (1 - opacity) + 255.0 * over[..., :3] * opacity
        return np.asarray(np.rint(mixed), np.uint8)

    def time_text(self, frame: int) -> str:
        """Return when a frame is shown."""
        return f"{frame / self.frame_rate:.2f} s"


def session_film(session: Session, source: MapSource | None, compute: bool = True) -> MapFilm:
    """Return the map that a session shows, over the movie that it shows, with the selected units marked.

    Parameters
    ----------
    session
        With a recording.
    source
        Holds the map.
    compute
        Whether what it lacks is computed here, which may take a while.

    Raises
    ------
    InvalidInput
        If no map is chosen, or it is lacking and is not to be computed.
    TwinscopeError
        As `MapSource.compute`.
    """
    recording, condition = session.require_recording(), session.condition
    choice = shown_readout(session) or shown_map(session)
    if choice is None or source is None:
        raise InvalidInput(
            "There is no activation map to draw.",
            given=f"stage {session.stage}",
            remedy="choose a stage with feature maps, or pick a read-out unit",
        )
    warped = session.in_stimulus_coordinates
    if source.lacks(choice, condition, warped):
        if not compute:
            raise InvalidInput(
                "The activation map is not computed yet.",
                given=map_name(choice, recording, source.is_stored(choice)),
                remedy="let it be shown over the movie, and wait until it is there",
            )
        source.keep(source.compute(choice, condition, warped))
    maps, warp = source.lookup(choice, condition), source.warp(choice) if warped else None
    assert maps is not None
    values = np.asarray(maps, np.float32) if warp is None else warp(maps)
    movie = recording.movie().isel(stimulus=condition[0], direction=condition[1], instance=0)
    marked = np.flatnonzero(_marked(session))
    rate = float(recording.protocol.screen.frame_rate)
    lines = [f"{recording.name} · {condition_name(session)} · {rate:g} frames per second"]
    if recording.status:
        lines.append(f"Recorded from a {recording.status} twin.")
    if len(marked):
        lines.append(f"Rings: {len(marked)} selected units of this map.")
    style = style_of_map(session, choice)
    if style is None:
        from napari_twinscope.rig.maps import map_style

        style = map_style(maps, "largest absolute value of this condition", signed=True)
    return MapFilm(
        np.asarray(movie.transpose("time", "y", "x").values),
        values,
        style,
        rate,
        map_name(choice, recording, source.is_stored(choice)),
        tuple(lines),
        place_units(session).positions[marked],
        session.colors()[0][marked],
    )


def _marked(session: Session) -> npt.NDArray[np.bool_]:
    """Return the selected units that have a place, of a map those of that map alone."""
    mask = session.selection.mask(session.stage) & place_units(session).shown
    if session.stage_kind(session.stage) != "units":
        mask &= session.units()["channel"].to_numpy() == session.channel
    return np.asarray(mask)

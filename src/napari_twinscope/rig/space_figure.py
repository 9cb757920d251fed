"""Stimuli in activity space as a figure: what the 3D canvas shows from its camera, as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import figure_legend
from napari_twinscope.rig.camera_figure import camera_figure
from napari_twinscope.rig.colors import hex_rgba
from napari_twinscope.rig.figure_file import DARK_INK, INK
from napari_twinscope.rig.projection import depths, project
from napari_twinscope.rig.space_marks import CURRENT_TUBE, TUBE, current_mark, movie_marks

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Curve

    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.space_marks import Marks
    from napari_twinscope.rig.space_picture import SpacePicture

    Floats = npt.NDArray[np.float64]

_THINNEST = 0.4  # points, of a line
_GREY = (0.5, 0.5, 0.5, 1.0)


class _Strokes:
    """Discs and pieces of paths on a canvas, gathered with how far they are."""

    def __init__(self, view: View, per_pixel: float) -> None:
        self._view, self._per_pixel = view, per_pixel
        self.curves: list[Curve] = []
        self.faces: list[Floats] = []
        self.edges: list[Floats] = []
        self.widths: list[float] = []  # points
        self.behind: list[float] = []

    def add_discs(self, marks: Marks, size: float, ink: Floats) -> None:
        """Gather discs; the eye sees none that is behind it."""
        from matplotlib.path import Path as Curve

        world = marks.places[:, ::-1]
        places, behind = project(world, self._view), depths(world, self._view)
        radii = marks.diameters * size * self._view.scale(behind) / 2
        for mark in np.flatnonzero(np.isfinite(places).all(axis=1)):
            ring = float(marks.rings[mark])
            x, y = places[mark]
            self.curves.append(Curve.circle((float(x), float(y)), float(radii[mark])))
            self.faces.append(np.asarray(marks.colors[mark], np.float64))
            self.edges.append(ink if ring else np.zeros(4))
            self.widths.append(2 * float(radii[mark]) * ring * self._per_pixel)
            self.behind.append(float(behind[mark]))

    def add_paths(self, paths: Floats, colors: npt.NDArray[np.float32], radius: float) -> None:
        """Gather the pieces of paths from frame to frame; what was not recorded interrupts them."""
        from matplotlib.path import Path as Curve

        shape = paths.shape[:2]
        world = paths.reshape(-1, 3)[:, ::-1]
        places, behind = project(world, self._view).reshape(*shape, 2), depths(world, self._view)
        behind = behind.reshape(shape)
        seen = np.asarray(np.isfinite(places).all(axis=-1))
        for movie, frame in np.argwhere(seen[:, :-1] & seen[:, 1:]):
            middle = float(behind[movie, frame : frame + 2].mean())
            wide = 2 * radius * float(self._view.scale(middle)) * self._per_pixel
            self.curves.append(Curve(places[movie, frame : frame + 2]))
            self.faces.append(np.zeros(4))
            self.edges.append(np.asarray(colors[movie], np.float64))
            self.widths.append(max(wide, _THINNEST))
            self.behind.append(middle)

    def draw(self, area: Axes, name: str) -> None:
        """Draw all, the farthest first; those equally far as they were gathered."""
        from matplotlib.collections import PathCollection

        if not self.curves:
            return
        order = np.argsort(-np.asarray(self.behind), kind="stable")
        drawn = PathCollection(
            [self.curves[place] for place in order],
            facecolors=[tuple(self.faces[place]) for place in order],
            edgecolors=[tuple(self.edges[place]) for place in order],
            linewidths=[self.widths[place] for place in order],
            capstyle="round",
            joinstyle="round",
            transform=area.transData,
        )
        drawn.set_gid(name)
        area.add_collection(drawn, autolim=False)


def space_figure(
    picture: SpacePicture, view: View, *, width: float | None = None, dark: bool = False
) -> Figure:
    """Draw movies in activity space as a camera sees them, with axes, legends and a title.

    Parameters
    ----------
    picture
        The movies.
    view, width, dark
        As of `manifold_figure.manifold_figure`.

    Returns
    -------
    matplotlib.figure.Figure
        All points and pieces of paths are one collection with the identifier ``movies``, the farthest
        first. Those of the movie that is marked are another one, ``marked``, over it, as on the canvas.

    Raises
    ------
    InvalidInput
        If there is no movie, or none lies before the camera.
    """
    places = project(picture.world, view).reshape(*picture.paths.shape[:2], 2)
    if not np.isfinite(picture.paths).all(axis=-1).any():
        raise InvalidInput(
            "There is no stimulus to draw.",
            given=f"{len(picture.paths)} movies, none of which has a place",
            remedy="show another stage, or other units",
        )
    if not np.isfinite(places).any():
        raise InvalidInput("All stimuli lie behind the camera.", remedy="reset the view")
    ink = np.array(hex_rgba(DARK_INK if dark else INK))
    figure, area, per_pixel = camera_figure(
        picture.title,
        (*picture.lines, *_outside(places, view)),
        [figure_legend.colors(picture.legend), *_meaning(picture, ink)],
        picture.labels,
        view,
        width=width,
        dark=dark,
    )
    paths, colors = picture.paths, picture.colors
    strokes = _Strokes(view, per_pixel)
    strokes.add_paths(paths, colors, TUBE)
    strokes.add_discs(
        movie_marks(paths, colors, ink.astype(np.float32), picture.frame), picture.point_size, ink
    )
    strokes.draw(area, "movies")
    if picture.movie is not None:
        over = _Strokes(view, per_pixel)
        one = slice(picture.movie, picture.movie + 1)
        over.add_paths(paths[one], colors[one], CURRENT_TUBE)
        over.add_discs(current_mark(paths, colors, picture.movie, picture.frame), picture.point_size, ink)
        over.draw(area, "marked")
    return figure


def _meaning(picture: SpacePicture, ink: Floats) -> list[figure_legend.Part]:
    """Return what small and large discs and rings mean."""
    rim, entries = _rgba(ink), []
    marked = None if picture.movie is None else _rgba(picture.colors[picture.movie])
    moves = picture.paths.shape[1] > 1
    if moves:
        all_alike = bool(np.isfinite(picture.paths).all())  # else some movies end before
        start, end, now = (f"{seconds:.2f} s" for seconds in picture.seconds)
        entries += [
            figure_legend.Entry(f"start, {start}", rim, diameter=3.5),
            figure_legend.Entry(f"end, {end}" if all_alike else "end", _GREY, diameter=4.8),
        ]
        if picture.frame is not None:
            entries.append(figure_legend.Entry(f"at {now}", _GREY, rim))
    if marked is not None:
        entries.append(figure_legend.Entry(picture.movie_name, marked, rim, diameter=9.0))
    if not entries:
        return []
    return [figure_legend.Part("Trajectories" if moves else "Marked", tuple(entries))]


def _rgba(color: npt.NDArray[Any]) -> tuple[float, float, float, float]:
    red, green, blue, opacity = (float(part) for part in color)
    return red, green, blue, opacity


def _outside(places: Floats, view: View) -> tuple[str, ...]:
    beyond = ((places < 0) | (places > view.size)).any(axis=-1).any(axis=-1)
    count = int(np.count_nonzero(beyond))
    said = "1 movie lies" if count == 1 else f"{count} movies lie"
    return (f"{said} outside this section, wholly or in part.",) if count else ()

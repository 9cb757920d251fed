"""The 3D canvas of "Stimuli in activity space": movies as points, or as paths with moving markers."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Points, Surface

from napari_twinscope.rig.space_marks import CURRENT_TUBE, TUBE, current_mark, movie_marks
from napari_twinscope.rig.space_style import tubes, vertices_of_each_path
from napari_twinscope.views.keys import neutralise
from napari_twinscope.views.settings import follow_setting, setting
from napari_twinscope.views.space_canvas import SpaceCanvas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Layer

    from napari_twinscope.rig.colors import RGBA
    from napari_twinscope.rig.space_marks import Marks


class StimulusCanvas(SpaceCanvas):
    """Movies in activity space. What is drawn has unit spread, so that the camera fits any population."""

    title = "Stimuli in activity space"

    def __init__(self) -> None:
        super().__init__()
        self.lines: Surface | None = None  # layers are made when there is something to show
        self.points: Points | None = None
        self.current_line: Surface | None = None
        self.current_point: Points | None = None
        self._paths = np.zeros((0, 1, 3))
        self._colors = np.zeros((0, 4), np.float32)
        self._text = np.ones(4, np.float32)
        self._current: int | None = None
        self._frame = 0
        self._stop_following = follow_setting("appearance", "point_size", self._follow_size)

    def _make_layers(self) -> None:
        """Make the layers in the order in which they are drawn: the movie on the screen comes last."""
        self.lines, self.points = _no_tubes("opaque"), _no_points("translucent")
        self.current_line = _no_tubes("translucent_no_depth")
        self.current_point = _no_points("translucent_no_depth")
        for layer in (self.lines, self.points, self.current_line, self.current_point):
            self.model.add_layer(layer)

    def _follow_size(self, _: object = None) -> None:
        self._show_points()
        self._show_current()

    # -- what is shown

    def show_paths(self, paths: np.ndarray, colors: RGBA, labels: tuple[str, str, str]) -> None:
        """Show movies along their paths, float [movies, frames, 3]; those of one frame are points.

        Parameters
        ----------
        paths
            NaN where nothing was recorded.
        colors
            float32 [movies, 4].
        labels
            Of the axes.
        """
        if self.lines is None:
            self._make_layers()
        first = not len(self._world)
        self._paths = np.array(paths[..., ::-1], np.float64)
        self._colors = np.asarray(colors, np.float32)
        self._world = self._paths.reshape(-1, 3)
        self.show_axes(labels)
        self._show_all()
        if first or (self.fit.holds and self._is_cut()):  # otherwise the camera stays
            self.reset_view()

    def _is_cut(self) -> bool:
        """Return whether something lies beyond the edge."""
        places = self.positions()
        if places is None:
            return False
        width, height = self.view().size
        known = places[np.isfinite(places).all(axis=1)]
        return bool(((known < 0) | (known > (width, height))).any())

    def show_current(self, movie: int | None, frame: int) -> None:
        """Mark the movie and the frame on the screen; ``None`` where the movie is not among these."""
        before, moved = self._current, self._moves and frame != self._frame
        self._current, self._frame = movie, frame
        if not len(self._paths) or not (moved or movie != before):
            return
        if moved:
            self._show_points()
        self._show_current(movie != before)

    def show_text_color(self, color: tuple[float, float, float]) -> None:
        """Draw starts of paths and the ring around the current movie in the colour of the theme's text."""
        self._text = np.array((*color, 1.0), np.float32)
        self._show_points()
        self._show_current()

    def hide(self) -> None:
        """Show nothing."""
        self._paths, self._world = np.zeros((0, 1, 3)), np.zeros((0, 3))
        for layer in self.model.layers:
            layer.visible = False
        self.model.canvas.overlays.axes.visible = False

    def movie_at(self, place: int) -> tuple[int, int | None]:
        """Return movie and frame of one of the `positions`; of a point no frame."""
        movie, frame = divmod(place, self._paths.shape[1])
        return movie, None if self._paths.shape[1] == 1 else frame

    # -- drawing

    @property
    def _moves(self) -> bool:
        return self._paths.shape[1] > 1

    @property
    def _scale(self) -> float:
        return float(setting("appearance", "point_size"))

    def _show_all(self) -> None:
        radii = np.full(len(self._paths), TUBE)
        self._draw_tubes(self.lines, self._paths, radii, self._colors)
        self._show_points()
        self._show_current()

    def _show_points(self) -> None:
        """Show each movie's point, or the start, the end and the present place on each path."""
        if len(self._paths):
            self._draw_marks(self.points, movie_marks(self._paths, self._colors, self._text, self._frame))

    def _show_current(self, line: bool = True) -> None:
        """Show the movie on the screen before all others, which would hide it."""
        if not len(self._paths):
            return
        if self._current is None:
            self.current_line.visible = self.current_point.visible = False
            return
        one = slice(self._current, self._current + 1)
        if line:
            self._draw_tubes(self.current_line, self._paths[one], np.array([CURRENT_TUBE]), self._colors[one])
        mark = current_mark(self._paths, self._colors, self._current, self._frame)
        self._draw_marks(self.current_point, mark)

    def _draw_tubes(self, layer: Surface, paths: np.ndarray, radii: np.ndarray, colors: RGBA) -> None:
        if layer.visible != self._moves:  # napari looks at all layers anew, whether or not it changes
            layer.visible = self._moves
        if not self._moves:
            return
        vertices, faces = tubes(paths, radii)
        others = len(vertices) != len(layer.vertices)
        with _drawn_once(layer, others):
            if others:
                layer.vertex_colors = None
            layer.data = (vertices, faces)
            layer.vertex_colors = np.repeat(colors, vertices_of_each_path(paths.shape[1]), axis=0)

    def _draw_marks(self, layer: Points, marks: Marks) -> None:
        shown = np.isfinite(marks.places).all(axis=1)
        with _drawn_once(layer, len(shown) != len(layer.data)):
            layer.data = np.where(shown[:, None], marks.places, 0.0)
        looks = {
            "visible": True,
            "size": marks.diameters * self._scale,
            "face_color": marks.colors,
            "border_color": np.tile(self._text, (len(shown), 1)),
            "border_width": marks.rings,
            "shown": shown,
            "editable": False,
        }
        for name, value in looks.items():
            if not np.array_equal(getattr(layer, name), value):  # each would draw everything once more
                setattr(layer, name, value)

    def close(self) -> None:
        """Close the canvas."""
        self._stop_following()
        super().close()


@contextmanager
def _drawn_once(layer: Layer, others: bool) -> Iterator[None]:
    """Draw a layer once its data are changed, and have napari measure it anew only if it has `others`.

    It would fit its sliders, of which there are none here, and that takes four times as long as the drawing.
    """
    with layer._block_refresh(), nullcontext() if others else layer.events.data.blocker():
        yield
    layer.refresh(thumbnail=False, highlight=False, extent=others)


def _no_tubes(blending: str) -> Surface:
    nothing = (np.zeros((3, 3), np.float32), np.array([[0, 1, 2]]))
    return Surface(nothing, shading="none", blending=blending, visible=False)


def _no_points(blending: str) -> Points:
    layer = Points(np.zeros((1, 3)), size=1.0, border_width=0.0, blending=blending, visible=False)
    neutralise(layer)
    return layer

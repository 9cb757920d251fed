"""One activation map over the movie, whichever map is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils import Colormap

from napari_twinscope.rig.layers import AXES, map_name
from napari_twinscope.rig.map_colors import STOPS
from napari_twinscope.rig.maps import MapMovie, MapStyle, Placement, map_style
from napari_twinscope.views.frame_layer import FrameLayer
from napari_twinscope.views.roles import KEY, find_layer, mark

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.rig.maps import Condition, MapChoice

COLORMAPS = {
    "sequential": Colormap(STOPS["sequential"], name="twinscope activation"),
    "diverging": Colormap(STOPS["diverging"], name="twinscope signed activation"),
}


class MapLayer:
    """Shows a map choice as an Image layer whose data arrive condition by condition.

    Parameters
    ----------
    role
        ``map`` or ``readout``; the layer is found again by it.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self._shown: tuple[object, ...] | None = None
        self._first: tuple[MapChoice, MapStyle] | None = None
        self._kept = -1

    def forget(self) -> None:
        """Forget everything about the last recording."""
        self._shown = None
        self._first = None

    def hide(self, viewer: object) -> None:
        """Show no map."""
        layer = find_layer(viewer, self.role)
        if layer is not None and layer.visible:
            layer.visible = False

    def show(
        self,
        viewer: object,
        source: MapSource,
        choice: MapChoice,
        condition: Condition,
        warped: bool,
        style: MapStyle | None,
    ) -> None:
        """Show as much of the map as is known.

        Where what was recorded tells no `style`, the first condition that is known does, for as long as
        the same map is shown.
        """
        grid, warp = source.grid(choice), source.warp(choice) if warped else None
        if grid is None or (warped and warp is None):
            return
        protocol = source.recording.protocol
        leading = (len(protocol.stimuli), len(protocol.directions), protocol.frames)
        frame = (protocol.screen.height, protocol.screen.width)
        style = style or self._first_style(source, choice, condition)
        layer = find_layer(viewer, self.role)
        name = map_name(choice, source.recording, source.is_stored(choice))
        shown = (id(layer), id(source), choice, warped)
        if layer is not None and self._shown == shown:
            _apply(layer, style)
            _show(layer)
            if self._kept != source.kept:  # else nothing came that the layer has not shown
                self._kept = source.kept
                layer.refresh(extent=False)  # it is as large as before
            return
        self._kept = source.kept
        if layer is not None and self._differs_by_channel(shown) and isinstance(layer.data, MapMovie):
            layer.data.fetch_from(lambda at: source.lookup(choice, at))  # quicker than other data
            layer.name = name
            self._shown = shown
            _apply(layer, style)
            _show(layer)
            layer.refresh(extent=False)  # it is as large as before
            return
        data = MapMovie(leading, grid, lambda at: source.lookup(choice, at), warp)
        place = Placement((1.0, 1.0), (0.0, 0.0)) if warped else Placement.plain(grid, frame)
        scale, translate = (1, 1, 1, *place.scale), (0, 0, 0, *place.translate)
        if layer is None:
            layer = self._add(viewer, data, name, scale, translate, style)
        else:
            layer.data = data
            layer.name = name
            if (tuple(layer.scale), tuple(layer.translate)) != (scale, translate):
                layer.scale, layer.translate = scale, translate
            _apply(layer, style)
            _show(layer)
        self._shown = (id(layer), id(source), choice, warped)

    def _differs_by_channel(self, shown: tuple[object, ...]) -> bool:
        """Return whether nothing but the channel, or the unit, differs from what is shown."""
        if self._shown is None:
            return False
        *before, choice, warped = self._shown
        return (before, choice.stage, warped) == (list(shown[:2]), shown[2].stage, shown[3])

    def _first_style(self, source: MapSource, choice: MapChoice, condition: Condition) -> MapStyle:
        if self._first is None or self._first[0] != choice:
            maps = source.lookup(choice, condition)
            if maps is None:
                return MapStyle((-1.0, 1.0), "diverging", "not known yet")
            rule = "largest absolute value of the first condition shown"
            self._first = choice, map_style(maps, rule, signed=True)
        return self._first[1]

    def _add(
        self, viewer: object, data: MapMovie, name: str, scale: tuple, translate: tuple, style: MapStyle
    ) -> Image:
        layer = FrameLayer(
            data,
            name=name,
            rgb=False,
            multiscale=False,
            scale=scale,
            translate=translate,
            axis_labels=AXES,
            contrast_limits=style.limits,
            colormap=COLORMAPS[style.colormap],
            blending="translucent_no_depth",
            interpolation2d="nearest",
        )
        mark(layer, self.role)
        _apply(layer, style)
        units = find_layer(viewer, "units")
        index = len(viewer.layers) if units is None else viewer.layers.index(units)
        viewer.layers.insert(index, layer)
        # at the right its place is no round number, and napari would draw every frame of the movie twice
        layer.colorbar.position = "bottom_left"
        layer.colorbar.size = (14, 110)
        layer.colorbar.font_size = 8
        layer.colorbar.visible = True
        return layer


def _show(layer: Image) -> None:
    if not layer.visible:  # else napari would draw everything once more
        layer.visible = True


def _apply(layer: Image, style: MapStyle) -> None:
    """Set the contrast, and keep in the layer's metadata how it was chosen."""
    facts = layer.metadata[KEY]
    if facts.get("style") == style:
        return  # what the user changed since stays
    layer.contrast_limits_range = layer.contrast_limits = style.limits
    layer.colormap = COLORMAPS[style.colormap]
    layer.metadata = {**layer.metadata, KEY: {**facts, "style": style, "limits": style.rule}}

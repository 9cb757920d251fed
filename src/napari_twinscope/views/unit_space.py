"""Units of a session's stage in three dimensions: canvas, tools, legend, and words where there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psygnal import Signal
from qtpy.QtWidgets import QPushButton, QSizePolicy, QStackedWidget

from napari_twinscope.rig.session_picture import unit_colors
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.links import Links
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.selection_tools import SelectionTools
from napari_twinscope.views.tool_words import MANNERS, TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from napari_twinscope.rig import Session
    from napari_twinscope.rig.encoding_cloud import Cloud
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.views.dock_page import DockPage

CANVAS = 120  # pixels that the canvas is high at least
NARROW = 380  # pixels that a page with the tools is wide at least


class UnitSpace:
    """What all docks with a manifold have in common; each lays out the parts and adds its own.

    Parameters
    ----------
    page
        The dock's page, in which the parts are; while it is hidden, nothing is drawn.
    session
        Its stage is shown, its selection is edited.
    also
        Returns which units are highlighted besides the selected ones.

    Attributes
    ----------
    cloud, tools, pages, hint, legend, reset_button
        The parts. `pages` shows the canvas, or the hint.
    drawn
        Emitted when other units are shown, or none.
    """

    drawn = Signal()

    def __init__(
        self, page: DockPage, session: Session, also: Callable[[], np.ndarray] | None = None
    ) -> None:
        self.session, self._page, self._also = session, page, also
        self._drawn: Cloud | None = None
        self._behind = False
        self.cloud = PointCloud()
        self.tools = SelectionTools(
            session,
            self.cloud,
            page,
            points=self._points,
            measure=self._measure,
            categories=self._clusters,
            coordinates=self._coordinates,
        )
        self.reset_button = QPushButton("Reset view")
        self.reset_button.setToolTip("Show all units again")
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.cloud.widget)
        self.pages.setMinimumHeight(CANVAS)
        self.legend = LegendView()
        page.setMinimumWidth(NARROW)
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.links = Links()
        self._connect()

    def _connect(self) -> None:
        events = self.session.events
        for signal in (events.stage, events.looks, events.axes, events.turned):
            self.links.connect(signal, self.show_units)
        self.links.connect(events.measure, self.show_measure)
        for signal in (events.size_by, events.opacity_by):
            self.links.connect(signal, self.paint)
        self.links.connect(self.session.selection.updated, self.paint)
        self.links.connect(self._page.bench.viewer.events.theme, self._follow_theme)
        self.tools.previewed.connect(self.paint)
        self.reset_button.clicked.connect(self.cloud.reset_view)
        self._follow_theme()

    # -- what the tools ask for

    def shown(self) -> Cloud | None:
        """Return the units of the stage as points; ``None`` while there are none."""
        return self.session.cloud() if self.session.recording is not None and self.session.stage else None

    def _points(self) -> np.ndarray | None:
        cloud = self.shown()
        return None if cloud is None else cloud.points

    def _measure(self) -> Measure | None:
        return None if self.shown() is None else self.session.measured()

    def _clusters(self) -> Measure | None:
        return None if self.shown() is None else self.session.categories()

    def _coordinates(self) -> np.ndarray | None:
        cloud = self.shown()
        return None if cloud is None else cloud.coordinates

    # -- what is drawn

    def show_units(self) -> None:
        """Draw the units of the stage, or say why there are none."""
        cloud = self.shown()
        if cloud is self._drawn and cloud is not None:
            return
        self._drawn = cloud
        if cloud is None:
            self._show_words()
        else:
            self.cloud.show_points(cloud.points, cloud.labels)
            self.tools.set_axis_labels(cloud.labels)
            self.pages.setCurrentWidget(self.cloud.widget)
            self.show_measure()
        self.tools.refresh()
        self.reset_button.setEnabled(cloud is not None)
        self.drawn.emit()

    def _show_words(self) -> None:
        problem = self.session.look.problem
        if self.session.recording is None or not self.session.stage:
            self.hint.show_text(*self.hint.first)
        elif problem is not None:
            self.hint.show_text("This stage has no manifold", in_lines(problem))
        else:
            self.hint.show_text("Looking at the units …", "")
        self.pages.setCurrentWidget(self.hint)
        self.cloud.hide()
        self.legend.show_legend(None)

    def show_measure(self) -> None:
        """Colour the units by what is chosen, with its legend."""
        if self.shown() is None:
            return
        self._behind = not self._page.isVisible()
        if not self._behind:
            self.legend.show_legend(self.session.colors()[1])
            self.tools.refresh()
            self.paint()

    def paint(self) -> None:
        """Show what is selected, or would be if the drag ended now."""
        if self.shown() is None or not self._page.isVisible():
            return
        mask = self.tools.shown_mask()
        if self._also is not None:
            mask[self._also()] = True
        key = self.session.picked_unit()
        picked = None if key is None else self.session.selection.index(key)
        self.cloud.paint(unit_colors(self.session, mask), mask, picked, self.session.point_style())

    def catch_up(self) -> None:
        """Draw what changed while the page was hidden."""
        if self._behind:
            self.show_measure()
        else:
            self.paint()

    def _follow_theme(self) -> None:
        self.cloud.model.theme = self._page.bench.viewer.theme

    # -- in the file of a session

    def state(self) -> dict[str, Any]:
        """Return camera, tool, and what is open to select by values."""
        tool, manner = self.tools.chosen
        camera = self.cloud.fit.state()
        return {"camera": camera, "tool": tool, "manner": manner, **self.tools.values.state()}

    def restore(self, fields: Fields) -> None:
        """Look and select as `state` said."""
        self.tools.choose(fields.text("tool", "pick", among=tuple(TOOLS)))
        self.tools.choose_manner(fields.text("manner", "replace", among=tuple(MANNERS)))
        self.tools.values.restore(fields)
        self.cloud.fit.restore(fields.part("camera"))

    def release(self) -> None:
        """Let go of everything outside these parts, and close the canvas."""
        self.links.release()
        self.tools.release()
        self.cloud.close()

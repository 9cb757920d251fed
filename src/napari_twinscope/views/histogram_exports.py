"""The histogram of the Units dock out of the window: as a figure and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.histogram_figure import histogram_frame, session_histogram
from napari_twinscope.rig.unit_csv import write_units
from napari_twinscope.views.outlet import FIGURE_FILTER, TABLE_FILTER, Outlet
from napari_twinscope.views.window_state import open_pages

if TYPE_CHECKING:
    from qtpy.QtWidgets import QMenu, QWidget

    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.views.histogram_panel import HistogramPanel


class HistogramExports(Outlet):
    """Takes the histogram that the dock shows, or of what units are coloured by, out of the window."""

    def figure(self) -> None:
        """Save the histogram inside and outside the selection, as SVG, PDF or PNG."""

        def work() -> None:
            self.session.require_recording()
            panel = self._panel()
            density = panel is None or panel.density.isChecked()
            figure, title = session_histogram(
                self.session, self._measure(panel), density=density, dark=self.dark
            )
            path = self.ask("Save the histogram", f"{self.stem()}-histogram.svg", FIGURE_FILTER)
            if path is not None:
                self.say(save_figure(figure, *path, title=title))

        self.attempt("Saving the figure", work)

    def table(self) -> None:
        """Save counts and densities of all bins as CSV."""

        def work() -> None:
            self.session.require_recording()
            frame = histogram_frame(self.session, self._measure(self._panel()))
            path = self.ask("Save the histogram", f"{self.stem()}-histogram.csv", TABLE_FILTER)
            if path is not None:
                self.say(write_units(frame, *path))

        self.attempt("Saving the table", work)

    def menu(self, parent: QWidget) -> QMenu:
        """Return a menu of all that can be taken out."""
        deeds = (
            ("Histogram as figure …", "Inside and outside the selection, as SVG, PDF or PNG", self.figure),
            ("Histogram as table …", "Counts and densities of all bins, as CSV", self.table),
        )
        return self.menu_of(parent, deeds, {"dark": "Figure on black"})

    def _panel(self) -> HistogramPanel | None:
        dock = open_pages(self.bench.viewer).get("Units")
        return None if dock is None else dock.histogram

    def _measure(self, panel: HistogramPanel | None) -> Measure:
        """Return what is counted: what the panel shows, or else what units are coloured by."""
        known = self.session.colorings()
        name = (panel.chosen if panel is not None else "") or self.session.measure
        if name not in known:
            raise InvalidInput("This measure is not known of the units.", given=name, needed=", ".join(known))
        return known[name]

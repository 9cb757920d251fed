"""The dock "Responses": the mean response of the selected units for each stimulus and direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.theme import get_theme
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
)
from superqt.utils import qthrottled

from napari_twinscope.rig.colors import direction_color
from napari_twinscope.rig.gallery_layout import panel_columns
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.layers import arrow, stimulus_labels
from napari_twinscope.rig.peak import peak_of_units
from napari_twinscope.rig.psth import MeanLines, mean_lines
from napari_twinscope.rig.selected_responses import MAPS, MODES, PSTH
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.latest import PATIENCE, Latest
from napari_twinscope.views.response_panel import AXIS, LOWEST, ResponsePanel, ResponsePlots
from napari_twinscope.views.response_pictures import ResponsePictures
from napari_twinscope.views.steady_line import SteadyLine
from napari_twinscope.views.time_bar import TimeBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig import Outcome

AROUND = 120  # pixels of what is above and below the panels
GAP = 12  # pixels between panels, and around them
SMALL = 4_000_000  # responses of the units whose mean is there by then


class ResponsesDock(DockPage):
    """One panel for each stimulus, one line for each direction, and the time of the slider."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.mean: MeanLines | None = None
        self.latest = Latest(self.bench.background, "Mean response")
        self._stage = ""
        self._panels: list[ResponsePanel] = []
        self._laid_out: tuple[object, int] = (None, 0)
        self._build()
        events = self.session.events
        self._refresh = qthrottled(self._show_responses, timeout=30)
        self.links.connect(events.stage, self._show_stage)
        self.links.connect(self.session.selection.changed, self._selection_changed)
        self.links.connect(self.session.selection.picked, self._forget_peak)
        self.links.connect(events.condition, self._show_condition)
        self.links.connect(events.frame, self._show_time)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self._show_stage()

    def _build(self) -> None:
        self.title = SteadyLine(wrapped=True)
        self.title.setStyleSheet("font-weight: 600;")
        self.key = QLabel()
        self.key.setToolTip("Colour is the direction of motion; the direction under the slider is thick")
        self.mode = Combo()
        self.mode.setAccessibleName("How responses are shown")
        for place, (name, (title, tip)) in enumerate(MODES.items()):
            self.mode.addItem(title, name)
            self.mode.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.mode.currentIndexChanged.connect(self._show_mode)
        self.peak_button = QPushButton("Peak")
        self.peak_button.setToolTip(
            "Show the movie at the frame, direction and stimulus of the largest response: of the unit\n"
            "picked last, if one was, else of the mean of the selected units"
        )
        self.peak_button.setEnabled(False)
        self.peak_button.clicked.connect(self.go_to_peak)
        self.peak_said = QLabel()
        self.peak_said.setAccessibleName("Whose peak it is, and where")
        self.peak_said.setWordWrap(True)
        self.peak_said.hide()
        above = QHBoxLayout()
        above.addWidget(self.mode)
        above.addWidget(self.title, 1)
        above.addWidget(self.peak_button)
        self.plots = ResponsePlots()
        self.plots.ci.layout.setSpacing(GAP // 2)
        self.plots.setAccessibleName("Mean responses")
        self.plots.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.hint = Hint(
            "No responses to show yet", "Record the twin in the Rig dock, or open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.scroll = QScrollArea()
        self.scroll.setAccessibleName("Mean responses")
        self.scroll.setWidget(self.plots)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages.addWidget(self.scroll)
        self.pictures = ResponsePictures(self.bench)
        self.pages.addWidget(self.pictures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addLayout(above)
        layout.addWidget(self.key)
        layout.addWidget(self.peak_said)
        layout.addWidget(self.pages, 1)
        self.time_bar = TimeBar(self.bench.playback, self.session, (self.pages,))
        self.exports = Exports(self.bench.viewer, self)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Take figures, tables and layers out of the window")
        self.export_button.setMenu(self.exports.menu(self))
        below = QHBoxLayout()
        below.addWidget(self.time_bar, 1)
        below.addWidget(self.export_button)
        layout.addLayout(below)
        self.setMinimumHeight(230)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Ask for room for two rows of panels."""
        return QSize(900, 290)

    def _show_stage(self) -> None:
        if self.session.recording is None or not self.session.stage:
            self._empty(*self.hint.first)
        elif self.isVisible():
            self._show_responses()
        else:
            self._forget_mean()

    def _selection_changed(self) -> None:
        if self.isVisible():
            self._refresh()
        else:
            self._forget_mean()

    def showEvent(self, event: object) -> None:
        """Catch up with what happened while the dock was hidden."""
        super().showEvent(event)
        if self.mean is None:
            self._show_stage()
        else:
            self._show_condition()
            self._show_time()
            self._fit_columns()

    def _forget_mean(self) -> None:
        self.latest.forget()
        self.mean = None

    def _empty(self, title: str, text: str) -> None:
        self._forget_mean()
        self.peak_button.setEnabled(False)
        self._forget_peak()
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        self.title.clear()
        self.key.clear()

    def _show_responses(self) -> None:
        """Average the selected units, in the background: many of them take longer than all views do."""
        session, stage = self.session, self.session.stage
        if session.recording is None or not stage:
            return
        units = session.selection.indices(stage)
        if not len(units):
            self._empty(
                "No unit is selected",
                "Drag a box in the manifold (B) or on the movie (G), or click a unit.",
            )
            return
        responses, recording = session.responses(), session.recording
        quick = len(units) * (responses.size // responses.sizes["unit"]) <= SMALL
        self.latest.ask(
            lambda _: mean_lines(responses, units),
            lambda outcome: self._take(outcome, recording, stage),
            PATIENCE if quick else 0.0,
        )

    def _take(self, outcome: Outcome, recording: Recording, stage: str) -> None:
        if recording is not self.session.recording or stage != self.session.stage:
            return  # what is shown now is asked for, too
        if outcome.error is not None:
            self._empty("These responses have no mean", in_lines(outcome.error))
            return
        self.mean, self._stage = outcome.value, stage
        self._lay_out()
        self._show_key(recording.protocol)
        for s, panel in enumerate(self._panels):
            panel.show_lines(self.mean.mean[s], self.mean.sem[s])
        self._forget_peak()
        self.peak_button.setEnabled(True)
        self._scale()
        self._show_condition()
        self._show_time()
        self._show_mode()

    def _show_mode(self, *_: object) -> None:
        """Show the page of the mode that is chosen; the others draw nothing."""
        mode = self.mode.currentData()
        self.mode.setToolTip(MODES[mode][1])
        if self.mean is None:
            return
        averaged, left_out = self.mean.units, self.mean.non_finite
        several = f"{averaged} units (shade: ± s.e.m.)" if mode == PSTH else f"{averaged} units"
        note = f", {left_out} with non-finite responses left out" if left_out else ""
        what = "Mean response of" if mode == PSTH else "Responses of"
        units_text = "1 unit" if averaged == 1 else several
        self.title.setText(f"{what} {units_text} of {self._stage}{note}")
        self.key.setVisible(mode != MAPS)  # which have no colours of directions
        self.pages.setCurrentWidget(self.scroll if mode == PSTH else self.pictures)
        if mode != PSTH:
            self.pictures.show_mode(mode)

    def view_state(self) -> dict[str, Any]:
        """Return how responses are shown."""
        return {"mode": self.mode.currentData()}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show them so again."""
        mode = Fields(state, "docks.Responses").text("mode", PSTH, among=tuple(MODES))
        self.mode.setCurrentIndex(self.mode.findData(mode))

    def _scale(self) -> None:
        """Give all panels the same vertical axis, so that stimuli can be compared."""
        mean, sem = self.mean.mean, self.mean.sem
        if not np.isfinite(mean).any():
            return
        low, high = float(np.nanmin(mean - sem)), float(np.nanmax(mean + sem))
        margin = 0.05 * (high - low) or 0.5
        for panel in self._panels:
            panel.plot.setYRange(low - margin, high + margin, padding=0)

    def _lay_out(self) -> None:
        protocol = self.session.recording.protocol
        count = len(protocol.stimuli)
        columns = self._columns(count)
        if self._laid_out[0] is protocol and self._laid_out[1] == columns:
            return
        self._laid_out = (protocol, columns)
        self.plots.clear()
        times = np.arange(protocol.frames) / protocol.screen.frame_rate
        rows = -(-count // columns)
        self._panels = []
        for s, label in enumerate(stimulus_labels(protocol)):
            row, column = divmod(s, columns)
            plot = self.plots.addPlot(row=row, col=column)
            panel = ResponsePanel(plot, label, times, protocol.directions, column == 0, row == rows - 1)
            panel.clicked = lambda s=s: self._go_to(s)
            self._panels.append(panel)
        self.plots.setMinimumHeight(rows * LOWEST)  # more of them than there is room for are scrolled to
        self._fit_panels()
        self._follow_theme()

    def _fit_panels(self) -> None:
        """Give all panels the same room, whatever width they were first laid out in."""
        columns = self._laid_out[1]
        room = (self.width() - AXIS) / columns
        for place, panel in enumerate(self._panels):
            panel.plot.setPreferredWidth(room - GAP + (0 if place % columns else AXIS))
            panel.fit_title(room)

    def _columns(self, count: int) -> int:
        """Return how many panels are side by side, so that they can be read: more where rows would be low."""
        return panel_columns(count, (self.width() - AXIS, self.height() - AROUND))

    def resizeEvent(self, event: object) -> None:
        """Put other numbers of panels side by side where there is other room, once that has settled."""
        super().resizeEvent(event)
        if self.isVisible():
            self._fit_columns()

    def _fit_columns(self) -> None:
        if self.mean is None:
            return
        if self._columns(len(self._panels)) != self._laid_out[1]:
            self._refresh()
        else:
            self._fit_panels()

    def _show_key(self, protocol: object) -> None:
        if len(protocol.directions) < 2:
            self.key.clear()
            return
        parts = []
        for direction in protocol.directions:
            color = "#{:02x}{:02x}{:02x}".format(*direction_color(direction))
            parts.append(f'<span style="color:{color}"><b>{arrow(direction)}</b> {direction:g}°</span>')
        self.key.setText("&nbsp;&nbsp;".join(parts))

    def _go_to(self, stimulus: int) -> None:
        self.bench.show_frame((stimulus, self.session.condition[1]), self.session.frame)

    def go_to_peak(self) -> None:
        """Move the movie to the peak of the picked unit or of the mean, mark its time and say whose it is."""
        session = self.session
        if self.mean is None or session.recording is None:
            return
        key = session.selection.pointed
        picked = None if key is None or key.stage != session.stage else session.selection.index(key)
        units, known = session.selection.indices(session.stage), session.selection.known(session.stage)
        found = peak_of_units(session.responses(), units, known, picked)
        self.peak_said.setText(found.sentence(session.recording.protocol))
        self.peak_said.show()
        if found.peak is not None:
            stimulus, direction, frame, _ = found.peak
            what = "peak of the unit" if found.of_unit and len(units) > 1 else "peak"
            for s, panel in enumerate(self._panels):
                panel.mark(frame if s == stimulus else None, what)
            self.bench.show_frame((stimulus, direction), frame)

    def _forget_peak(self) -> None:
        for panel in self._panels:
            panel.mark(None)
        self.peak_said.hide()

    def _show_condition(self) -> None:
        if self.mean is None or not self.isVisible():  # the panels may be those of the last recording
            return
        stimulus, direction = self.session.condition
        for s, panel in enumerate(self._panels):
            panel.emphasise(direction, current=s == stimulus)

    def _show_time(self) -> None:
        if self.session.recording is None or self.mean is None or not self.isVisible():
            return
        seconds = self.session.frame / self.session.recording.protocol.screen.frame_rate
        for panel in self._panels:
            panel.cursor.setValue(seconds)

    def _follow_theme(self) -> None:
        theme = get_theme(self.bench.viewer.theme)
        text, back = theme.text.as_rgb_tuple()[:3], theme.background.as_rgb_tuple()[:3]
        self.plots.setBackground(tuple(int(v) for v in back))
        for panel in self._panels:
            panel.paint(tuple(int(v) for v in text))
        self.pictures.draw()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self._refresh.cancel()
        self.time_bar.release()
        self.latest.forget()
        self.pictures.latest.forget()
        self.plots.close()

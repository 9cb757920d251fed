"""Response maps and tuning curves in the dock "Responses", drawn in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

from napari_twinscope.rig.selected_responses import MODES, SelectedResponses
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.figure_view import FigureView
from napari_twinscope.views.latest import Latest
from napari_twinscope.views.theme import theme_colors

if TYPE_CHECKING:
    from napari_twinscope.rig import Outcome
    from napari_twinscope.views.bench import Bench


LONG = 300  # milliseconds after which a picture of what was selected before must not pass for a new one


class ResponsePictures(FigureView):
    """Shows one picture of the selected units; an older one never replaces a newer one.

    Parameters
    ----------
    bench
        Of the viewer.
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench, self._mode = bench, ""
        self.latest = Latest(bench.background, "Responses")
        self.resized.connect(self.draw)
        self._late = QTimer(self, singleShot=True, interval=LONG)
        self._late.timeout.connect(self.outdate)

    def show_mode(self, mode: str) -> None:
        """Draw anew, as one of `MODES` but the first."""
        self._mode = mode
        self.draw()

    def draw(self) -> None:
        """Draw what is selected now, if anybody sees it."""
        session = self._bench.session
        if not self._mode or not self.isVisible() or session.recording is None or not session.stage:
            return
        text, back = theme_colors(self._bench.viewer)
        shown, mode = SelectedResponses.of(session), self._mode
        size = (self.room, self.devicePixelRatioF())
        if not self._late.isActive():
            self._late.start()
        self.latest.ask(lambda _: shown.pixels(mode, *size, text, back), partial(self._take, mode))

    def _take(self, mode: str, outcome: Outcome) -> None:
        self._late.stop()
        if outcome.error is not None:
            self.clear()
            show_error("Drawing the responses", outcome.error, self)
        else:
            self.show_pixels(outcome.value, MODES[mode][0])

    def showEvent(self, event: object) -> None:
        """Draw what changed while nobody saw it."""
        super().showEvent(event)
        self.draw()

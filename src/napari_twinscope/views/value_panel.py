"""What panels have in common that select units by values: a drag previews, and letting go is one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QWidget

from napari_twinscope.rig.gestures import manner_of
from napari_twinscope.views.tool_words import keys_of_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig.gestures import Gesture
    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.views.axis_range import AxisRange


class ValuePanel(QWidget):
    """Selects units by ranges of values.

    The keys count that are held when a handle is taken, as with the tools that draw: Shift adds, Alt or
    Control subtracts. Escape gives up the drag.

    Parameters
    ----------
    manner
        Returns what a selection does to the one before while no key is held.

    Attributes
    ----------
    previewed
        Emitted with the `Gesture` so far while a handle is dragged, and with ``None`` at the end.
    selected
        Emitted with the `Gesture`.
    """

    previewed = Signal(object)
    selected = Signal(object)

    def __init__(self, manner: Callable[[], Manner]) -> None:
        super().__init__()
        self._chosen = manner
        self._held: tuple[AxisRange, tuple[float, float]] | None = None
        self._manner: Manner = "replace"
        self._canceled = False

    def gesture(self, manner: Manner) -> Gesture:
        """Return the units within what is shown."""
        raise NotImplementedError

    def show_changed(self) -> None:
        """Follow an end that changed."""

    def watch(self, axis: AxisRange) -> None:
        """Select by a range."""
        axis.pressed.connect(lambda: self._press(axis))
        axis.moved.connect(self._move)
        axis.released.connect(self._release)
        axis.typed.connect(self._type)

    def cancel(self) -> bool:
        """Give up the drag; return whether there was one."""
        if self._held is None or self._canceled:
            return False
        self._canceled = True
        self._put_back()
        self.previewed.emit(None)
        return True

    def give_up(self) -> None:
        """Give up the drag, if there is one, since what is selected from becomes another."""
        if self._held is not None:
            self._held = None
            self.previewed.emit(None)

    def manner_now(self) -> Manner:
        """Return what a click does to the selection, by the keys held with it."""
        return manner_of(keys_of_event(), self._chosen())

    def keyPressEvent(self, event: object) -> None:
        """Let Escape give up the drag."""
        if event.key() != Qt.Key.Key_Escape or not self.cancel():
            super().keyPressEvent(event)

    def _press(self, axis: AxisRange) -> None:
        if self._held is not None and self._held[0] is axis:
            return
        self._held, self._canceled, self._manner = (axis, axis.ends), False, self.manner_now()

    def _move(self) -> None:
        if self._held is not None and not self._canceled:
            self.show_changed()
            self.previewed.emit(self.gesture(self._manner))

    def _release(self) -> None:
        if self._held is None:
            return
        if self._canceled:
            self._put_back()
            self._held = None
            return
        _, before = self._held
        moved = self._held[0].ends != before
        self._held = None
        self.previewed.emit(None)
        if moved:
            self.selected.emit(self.gesture(self._manner))

    def _type(self) -> None:
        self.show_changed()
        self.selected.emit(self.gesture(self._chosen()))

    def _put_back(self) -> None:
        axis, before = self._held
        axis.show_ends(before)
        self.show_changed()

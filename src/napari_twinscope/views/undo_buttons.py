"""What can be done to a selection without pointing: undo, redo, invert and clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QPushButton

from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session


class UndoButtons:
    """Four buttons for the selection of the stage that is looked at; two of them say what they would do.

    Parameters
    ----------
    session
        Its selection is edited.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.undo = QPushButton("Undo")
        self.redo = QPushButton("Redo")
        self.invert = QPushButton("Invert")
        self.invert.setToolTip("Select what is not selected (I)")
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Select no unit")
        self.undo.clicked.connect(lambda: session.selection.undo())
        self.redo.clicked.connect(lambda: session.selection.redo())
        self.invert.clicked.connect(lambda: session.selection.invert(session.stage))
        self.clear.clicked.connect(lambda: session.selection.clear(session.stage))
        self.links = Links()
        self.links.connect(session.selection.history.changed, self._show)
        self._show()

    @property
    def all(self) -> tuple[QPushButton, ...]:
        """The buttons in the order in which they are shown."""
        return self.undo, self.redo, self.invert, self.clear

    def _show(self) -> None:
        history = self._session.selection.history
        for button, word, label, key in (
            (self.undo, "Undo", history.undo_label, "Ctrl+Z"),
            (self.redo, "Redo", history.redo_label, "Ctrl+Shift+Z"),
        ):
            button.setEnabled(label is not None)
            button.setToolTip(f"{word}: {label or 'nothing'} ({key})")

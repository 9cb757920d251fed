"""A list of the manifolds of a stage, and its principal components, of which one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt

from napari_twinscope.rig.encoding import choice_labels
from napari_twinscope.views.combo import Combo

if TYPE_CHECKING:
    from napari_twinscope.manifolds import EncodingOptions
    from napari_twinscope.rig import Session

COMPONENTS = "Principal components (first look)"


class LookChoice(Combo):
    """What the stage that is looked at can be shown as; whoever has it says when to `refresh`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName("What is shown")
        self.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)

    def options(self, index: int) -> EncodingOptions | None:
        """Return the options of a manifold in the list; ``None`` for the principal components."""
        return self.itemData(index)

    def refresh(self) -> None:
        """Show the choices there are now, and which of them is shown."""
        look = self._session.look
        with QSignalBlocker(self):
            self.clear()
            self.addItem(COMPONENTS, None)
            for options, label in zip(look.choices, choice_labels(look.choices), strict=True):
                self.addItem(label, options)
                tip = f"Encoding manifold, options {options.hash}"
                self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
            shown = look.shown
            self.setCurrentIndex(1 + look.choices.index(shown) if shown in look.choices else 0)
        self.setToolTip(self.currentText())

"""The button that opens one more manifold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QToolButton

from napari_twinscope.views.arrangement import open_another

if TYPE_CHECKING:
    from napari_twinscope.views.bench import Bench


class AnotherButton(QToolButton):
    """Opens another manifold beside those that are open."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.setText("+")
        self.setAccessibleName("Another manifold")
        self.setToolTip("Open another manifold beside this one: another stage, with the same selection")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda: open_another(bench.viewer))

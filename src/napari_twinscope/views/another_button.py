"""The button that opens one more manifold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QPushButton

from napari_twinscope.views.arrangement import open_another

if TYPE_CHECKING:
    from napari_twinscope.views.bench import Bench


class AnotherButton(QPushButton):
    """Opens another manifold beside those that are open."""

    def __init__(self, bench: Bench) -> None:
        super().__init__("+")
        self.setFixedWidth(self.sizeHint().height())
        self.setAccessibleName("Another manifold")
        self.setToolTip("Open another manifold beside this one: another stage, with the same selection")
        self.clicked.connect(lambda: open_another(bench.viewer))

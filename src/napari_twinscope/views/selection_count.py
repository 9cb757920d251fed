"""How many units are selected, and which: the count, the first indices, and all of them to be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from napari_twinscope.rig.unit_index import first_indices, indices_as_code
from napari_twinscope.views.steady_line import SteadyLine

if TYPE_CHECKING:
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.gestures import Gesture

COPY = "Copy the indices of all selected units as a list, which responses.isel(unit=…) takes (Ctrl+C)"


class SelectionCount:
    """Lines that change with every selection and never their size; each dock puts them where it has room.

    Parameters
    ----------
    session
        Whose selection is counted, at the stage that is looked at.

    Attributes
    ----------
    line
        The count.
    which
        The first indices, as the tooltip of a unit tells them, and `copy_button`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.line, self.indices = SteadyLine(), SteadyLine()
        self.line.setStyleSheet("font-weight: 600;")
        self.copy_button = QPushButton("Copy indices")
        self.copy_button.setToolTip(COPY)
        self.copy_button.clicked.connect(self.copy)
        self.which = QWidget()
        row = QHBoxLayout(self.which)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.indices, 1)
        row.addWidget(self.copy_button)

    def copy(self) -> None:
        """Copy the indices of all selected units to the clipboard; without any the clipboard stays."""
        units = self._session.selection.indices(self._session.stage)
        if len(units):
            QApplication.clipboard().setText(indices_as_code(units))

    def show(self, total: int | None, preview: Gesture | None, then: np.ndarray | None = None) -> None:
        """Count the selection, or what would be selected if the drag ended now.

        Parameters
        ----------
        total
            How many units there are; ``None`` where there are none to be seen.
        preview
            What is being drawn, if anything is.
        then
            What would be selected, bool [units].
        """
        if total is None:
            self.line.clear()
            self.indices.clear()
            self.copy_button.setEnabled(False)
        elif preview is None or then is None:
            units = self._session.selection.indices(self._session.stage)
            self.line.setText(f"{len(units)} of {total} units selected")
            self.indices.setText(first_indices(units))
            self.copy_button.setEnabled(len(units) > 0)
        else:
            caught = f"{len(preview.units)} in the {preview.tool}"
            self.line.setText(f"{caught} → {np.count_nonzero(then)} of {total}")

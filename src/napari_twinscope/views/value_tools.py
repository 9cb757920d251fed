"""The tools that select by values rather than by hand: two buttons, each with a panel that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import InvalidInput
from napari_twinscope.views.range_box_panel import RangeBoxPanel
from napari_twinscope.views.range_panel import RangePanel
from napari_twinscope.views.tool_buttons import tool_button

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.views.wire_frame import WireFrame

NONE = ""


class ValueTools:
    """A range of one measure or axis, or a box of three ranges; at most one of them is open.

    Parameters
    ----------
    manner
        Returns what a selection does to the one before while no key is held.
    frame
        Where the box is drawn while its panel is open.

    Attributes
    ----------
    buttons, panels
        By what they are called.
    """

    def __init__(self, manner: Callable[[], Manner], frame: WireFrame) -> None:
        self._frame = frame
        self._usable = False
        self._split: tuple[np.ndarray, tuple[str, str, str], dict[str, np.ndarray]] | None = None
        self.buttons = {
            "range": tool_button("Range", "Select units by the range of a measure or axis", "R"),
            "3D box": tool_button(
                "3D box", "Select units within ranges of all three axes shown, seen as a wire frame", "X"
            ),
        }
        self.range_panel, self.box_panel = RangePanel(manner), RangeBoxPanel(manner)
        self.panels = {"range": self.range_panel, "3D box": self.box_panel}
        self.box_panel.changed.connect(self._draw)
        for name, button in self.buttons.items():
            button.toggled.connect(lambda on, name=name: self._close_others(name) if on else self.cancel())

    @property
    def open(self) -> str:
        """Which of them is open; empty if none."""
        return next((name for name, button in self.buttons.items() if button.isChecked()), NONE)

    def choose(self, name: str) -> None:
        """Open one of them, or with an empty name none."""
        for other, button in self.buttons.items():
            button.setChecked(other == name)

    def show(self, points: np.ndarray | None, labels: tuple[str, str, str], measure: Measure | None) -> None:
        """Select from other points, along other axes, or by another measure; ``None`` of points is nothing.

        A panel that is closed is filled when it is opened.
        """
        self._usable = points is not None
        name = self.open if self._usable else NONE
        if name == "range":
            # a range of categories means nothing
            measured = {} if measure is None or measure.labels else {measure.name: measure.values}
            self.range_panel.show_features({**measured, **self._columns(points, labels)})
        elif name == "3D box":
            self.box_panel.show_points(points, labels)
        for other, button in self.buttons.items():
            button.setEnabled(self._usable)
            self.panels[other].setVisible(other == name)
        self._draw()

    def cancel(self) -> bool:
        """Give up what is being dragged; return whether there was anything."""
        given_up = [panel.cancel() for panel in self.panels.values()]
        return any(given_up)

    # -- in the file of a session

    def state(self) -> dict[str, Any]:
        """Return which of them is open, and the ranges of the box."""
        return {"by_value": self.open, "range_box": self.box_panel.state()}

    def restore(self, fields: Fields) -> None:
        """Show it again.

        Raises
        ------
        InvalidInput
            If a field does not fit.
        """
        name = fields.text("by_value", NONE, among=(NONE, *self.buttons))
        part = fields.part("range_box")
        ranges = {label: part.numbers(label, 2) for label in part}
        for label, (low, high) in ranges.items():
            if not low <= high:
                raise InvalidInput(
                    "A range ends before it begins.", given=f"{part.path(label)} from {low} to {high}"
                )
        self.box_panel.restore(ranges)
        self.choose(name)

    # -- details

    def _columns(self, points: np.ndarray, labels: tuple[str, str, str]) -> dict[str, np.ndarray]:
        if self._split is None or self._split[0] is not points or self._split[1] != labels:
            self._split = (points, labels, dict(zip(labels, points.T, strict=True)))
        return self._split[2]

    def _close_others(self, name: str) -> None:
        for other, button in self.buttons.items():
            if other != name:
                button.setChecked(False)

    def _draw(self) -> None:
        box = self.box_panel.box if self._usable and self.open == "3D box" else None
        self._frame.show(None if box is None else box.edges)

"""Selecting with a ball that is put down in the cloud or dragged through it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from napari_twinscope.rig.ball import Ball, Scene
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.drag_tool import DragTool, point_of

if TYPE_CHECKING:
    from collections.abc import Callable

GROWTH = 1.15  # of the radius with each notch of the wheel
DIGITS = 3


class BallOptions(QWidget):
    """How large the ball is, and in which axes distances are measured.

    Attributes
    ----------
    changed
        Emitted after any of it was changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.radius = QDoubleSpinBox()
        self.radius.setAccessibleName("Radius of the ball")
        self.radius.setToolTip("Radius of the ball in the units of the axes; the wheel changes it too")
        self.radius.setMaximum(1e9)
        self.axes = Combo()
        self.axes.setAccessibleName("Axes in which distances are measured")
        self.axes.addItems(["the axes shown", "all axes"])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Radius"))
        layout.addWidget(self.radius)
        layout.addWidget(QLabel("Distance in"))
        layout.addWidget(self.axes)
        layout.addStretch(1)
        self.radius.valueChanged.connect(self.changed)
        self.axes.currentIndexChanged.connect(self.changed)
        self.fit(1.0, False)

    @property
    def in_all_axes(self) -> bool:
        """Whether distances are measured in all axes rather than in the three shown."""
        return self.axes.currentIndex() == 1

    def fit(self, extent: float, more_axes: bool) -> None:
        """Begin with a twentieth of the extent of the cloud; say whether there are axes not shown."""
        self.radius.setDecimals(max(0, DIGITS - len(f"{extent:.0f}")) if extent >= 1 else _decimals(extent))
        self.radius.setMinimum(10.0 ** -self.radius.decimals())
        self.radius.setValue(extent / 20)
        self.axes.setEnabled(more_axes)
        self.axes.setToolTip(
            "Distances in the three axes shown, or in all axes of the manifold"
            if more_axes
            else "All axes of this manifold are shown"
        )
        if not more_axes:
            self.axes.setCurrentIndex(0)

    def grow(self, notches: float) -> None:
        """Make the ball larger, or with negative notches smaller."""
        step = 10.0 ** -self.radius.decimals()
        wanted = self.radius.value() * GROWTH**notches
        if abs(wanted - self.radius.value()) < step:
            wanted = self.radius.value() + (step if notches > 0 else -step)
        self.radius.setValue(wanted)


class BallTool(DragTool):
    """While active, a ball follows the pointer; a press or drag selects all units it touches.

    Parameters
    ----------
    scene
        Returns the points, the camera, and the coordinates in which distances are measured.
    options
        Radius and axes.
    """

    dabs = True

    def __init__(
        self,
        viewer: object,
        *arguments: Any,
        scene: Callable[[], Scene],
        options: BallOptions,
        **more: Any,
    ) -> None:
        super().__init__(viewer, *arguments, **more)
        self.options = options
        self._scene = scene
        this = weakref.ref(self)

        def hover(_viewer: object, event: object) -> None:
            tool = this()
            if tool is not None and tool.active:
                tool._hover(point_of(event))

        def turn(_viewer: object, event: object) -> None:
            tool = this()
            if tool is not None and tool.active:
                tool.options.grow(event.delta[1])
                tool._hover(point_of(event))
                event.handled = True

        self.listen(viewer.mouse_move_callbacks, hover)
        self.listen(viewer.mouse_wheel_callbacks, turn)

    def begin(self, point: tuple[float, float]) -> Ball:
        """Put the ball down."""
        return Ball(self._scene(), self.options.radius.value(), point)

    def _hover(self, point: tuple[float, float]) -> None:
        if not self.drawing and self._positions() is not None:
            self.band.draw(self.begin(point).outline)


def _decimals(extent: float) -> int:
    digits = DIGITS
    while extent < 1 and digits < 12:
        extent, digits = extent * 10, digits + 1
    return digits

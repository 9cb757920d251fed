"""A cloud of made-up units with its tools, without a viewer."""

from __future__ import annotations

import numpy as np
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_twinscope.rig import Session
from napari_twinscope.rig.measures import Measure
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.selection_tools import SelectionTools

UNITS = 300


class Page(QWidget):
    """A cloud of made-up units with its tools, without a viewer."""

    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(5)
        self.points = rng.normal(size=(UNITS, 3)) * (2.0, 1.0, 0.5)
        self.points[7] = np.nan
        self.coordinates = np.concatenate([self.points, rng.normal(size=(UNITS, 3))], axis=1)
        self.measure = Measure("height", self.points[:, 1].copy())
        self.session = Session()
        self.session.selection.register("output", [f"output:0:{i}:0" for i in range(UNITS)])
        self.session.stage = "output"
        self.cloud = PointCloud()
        self.tools = SelectionTools(
            self.session,
            self.cloud,
            self,
            points=lambda: self.points,
            measure=lambda: self.measure,
            coordinates=lambda: self.coordinates,
        )
        layout = QVBoxLayout(self)
        layout.addWidget(self.tools)
        layout.addWidget(self.tools.count)
        layout.addWidget(self.tools.counted.which)
        layout.addWidget(self.cloud.widget, 1)
        self.resize(560, 700)
        self.show()

    def settle(self):
        self.cloud.show_points(self.points, ("x", "y", "z"))
        self.tools.set_axis_labels(("x", "y", "z"))
        QTest.qWait(100)
        self.cloud.reset_view()

    @property
    def canvas(self):
        return self.cloud.native

    def selected(self):
        return set(self.session.selection.indices("output").tolist())

    def take_keys(self):
        self.activateWindow()
        QTest.qWaitForWindowActive(self)
        self.canvas.setFocus()
        QTest.qWait(20)

    def leave(self):
        self.tools.release()
        self.cloud.close()
        self.close()
        self.deleteLater()

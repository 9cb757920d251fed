"""A simulated visual cortex: a seeded population of cells whose every parameter is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.twins.simulated.cells import Cells, draw_cells
    from napari_twinscope.twins.simulated.cortex import SimulatedCortex

__getattr__ = lazy_names(
    __name__,
    {"Cells": "cells", "SimulatedCortex": "cortex", "draw_cells": "cells"},
)

__all__ = ["Cells", "SimulatedCortex", "draw_cells"]

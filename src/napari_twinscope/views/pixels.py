"""Pixels as a picture that Qt can draw."""

from __future__ import annotations

import numpy as np
from qtpy.QtGui import QImage


def image_of(pixels: np.ndarray) -> QImage:
    """Return pixels, uint8 [rows, columns, RGBA], as an image of its own."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

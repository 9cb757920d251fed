"""A camera that shows everything, and goes on doing so while its canvas changes size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QTimer

from napari_twinscope.views.cameras import camera_state, restore_camera

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig.json_fields import Fields


class KeptFit:
    """Fits what is shown into a canvas, again whenever its size changes, until the camera is moved.

    Parameters
    ----------
    model
        A napari viewer or viewer model; only its camera is kept.
    fit
        Moves the camera so that everything is shown.
    later
        Whether to wait for the event loop: napari changes the size of its main canvas for a moment when it
        saves pictures of another size, which are not to be zoomed.
    """

    def __init__(self, model: object, fit: Callable[[], None], later: bool = False) -> None:
        self._camera, self._fit, self._later = model.scene.camera, fit, later
        self._left: dict[str, Any] | None = None
        model.canvas.events.size.connect(self._resized)

    @property
    def holds(self) -> bool:
        """Whether the camera is where the last fit left it."""
        return self._left is not None and _alike(camera_state(self._camera), self._left)

    def apply(self) -> None:
        """Show everything."""
        self._fit()
        self._left = camera_state(self._camera)

    def _resized(self) -> None:
        if not self.holds:
            return
        if self._later:
            QTimer.singleShot(0, self._keep)
        else:
            self.apply()

    def _keep(self) -> None:
        if self.holds:
            self.apply()

    # -- in the file of a session

    def state(self) -> dict[str, Any]:
        """Return where the camera is, and whether everything is to be shown there."""
        return {**camera_state(self._camera), "fitted": self.holds}

    def restore(self, fields: Fields) -> None:
        """Look from where `state` said; where everything was to be shown, at whatever size the canvas has.

        Raises
        ------
        InvalidInput
            If a field does not fit; then nothing changes.
        """
        fitted = fields.boolean("fitted", False)
        restore_camera(self._camera, fields)
        if fitted:
            self.apply()


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two cameras see the same; napari hands values back a little rounded."""
    hundredth_of_a_pixel = 0.01 / other["zoom"]
    lenient = {"center": hundredth_of_a_pixel, "angles": 1e-3, "perspective": 1e-3, "zoom": 0.0}
    return all(
        np.allclose(one[name], other[name], rtol=1e-5, atol=allowed) for name, allowed in lenient.items()
    )

"""Where a napari canvas is looked at from, as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.components import Camera

    from napari_twinscope.rig.json_fields import Fields


def camera_state(camera: Camera) -> dict[str, Any]:
    """Return centre, zoom, angles (degrees) and perspective (degrees) of a camera."""
    return {
        "center": [float(value) for value in camera.center],
        "zoom": float(camera.zoom),
        "angles": [float(value) for value in camera.angles],
        "perspective": float(camera.perspective),
    }


def restore_camera(camera: Camera, fields: Fields) -> None:
    """Look from where `camera_state` said; what the fields lack stays.

    Raises
    ------
    InvalidInput
        If a field does not fit; then nothing changes.
    """
    angles = fields.numbers("angles", 3, camera.angles)
    perspective = fields.number("perspective", camera.perspective)
    center = fields.numbers("center", len(camera.center), camera.center)
    zoom = max(fields.number("zoom", camera.zoom), 1e-6)
    camera.perspective, camera.angles = perspective, angles
    camera.center, camera.zoom = center, zoom

"""Layers of a recording are known by their role, whoever added them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer

KEY = "twinscope"


def mark(layer: Layer, role: str) -> None:
    """Give a layer its role."""
    layer.metadata = {**layer.metadata, KEY: {**layer.metadata.get(KEY, {}), "role": role}}


def find_layer(viewer: object, role: str) -> Layer | None:
    """Return the newest layer of a role."""
    for layer in reversed(viewer.layers):
        if layer.metadata.get(KEY, {}).get("role") == role:
            return layer
    return None


def recorded_in(layer: Layer) -> tuple[str | None, str | None]:
    """Return from which recording a layer was read, if from one, and which stage was meant."""
    facts = layer.metadata.get(KEY, {})
    return facts.get("recording"), facts.get("stage")

"""Keys that would destroy data on a layer are made to do nothing."""

from __future__ import annotations

# They act in napari's pan-and-zoom mode too, and even on layers that are not editable.
DESTRUCTIVE = ("Delete", "Backspace", "Control-V", "2", "3", "4")


def neutralise(layer: object) -> None:
    """Keep the destructive keys from removing, adding or moving the layer's points."""
    for key in DESTRUCTIVE:
        layer.bind_key(key, _nothing, overwrite=True)


def keep_three_dimensions(model: object) -> None:
    """Keep the key that switches between two and three dimensions from acting on a viewer model."""
    model.bind_key("Control-Y", _nothing, overwrite=True)


def _nothing(_: object) -> None:
    return

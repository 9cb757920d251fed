"""What the tools are called, and what the status line says a drag or click will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from napari_twinscope.rig.selection import Manner

NO_CLUSTERS = "There are no clusters: colour by a measure with categories, such as the preferred stimulus"
TOOLS = {
    "pick": ("Pick", "P", "Turn the view by dragging, select a unit by clicking"),
    "box": ("▭ Box", "B", "Select units by dragging a box"),
    "lasso": ("Lasso", "L", "Select units by drawing a line around them"),
    "ball": ("Ball", "O", "Select units within a ball dragged through the cloud; the right button zooms"),
    "cluster": ("Cluster", "C", "Select a whole cluster by clicking one of its units"),
}
DEEDS = {
    "pick": "Drag turns the view. Click: the unit {verb}.",
    "box": "Drag a box: the units inside, at any depth, {verbs}.",
    "lasso": "Draw around units: those inside, at any depth, {verbs}.",
    "ball": "Press or drag: the units within the ball {verbs}. Wheel: radius.",
    "cluster": "Drag turns the view. Click: all units of the same {category} {verbs}.",
}
MOVIE = "On the movie, drag a box: the units inside {verbs}."
BY_VALUE = {
    "range": "Range: when a handle is let go, the units within {verbs}.",
    "3D box": "3D box: when a handle is let go, the units within all three ranges {verbs}.",
}
KEYS = "Hold Shift to add, Alt or Ctrl to subtract, Shift and Alt to intersect; Esc cancels."
VERBS: dict[Manner, tuple[str, str]] = {
    "replace": ("is selected", "are selected"),
    "add": ("is added", "are added"),
    "subtract": ("is taken away", "are taken away"),
    "intersect": ("stays selected, no other", "stay selected, no others"),
}
MANNERS: dict[Manner, tuple[str, str]] = {
    "replace": ("New", "What is pointed at replaces the selection"),
    "add": ("Add", "What is pointed at is added to the selection (or hold Shift)"),
    "subtract": ("Subtract", "What is pointed at is taken from the selection (or hold Alt or Ctrl)"),
    "intersect": ("Intersect", "Only what is pointed at stays selected (or hold Shift and Alt)"),
}
MODIFIERS = {
    Qt.KeyboardModifier.ShiftModifier: "Shift",
    Qt.KeyboardModifier.AltModifier: "Alt",
    Qt.KeyboardModifier.ControlModifier: "Control",
}


def held_keys() -> set[str]:
    """Return the names of the modifier keys that are held now."""
    pressed = QApplication.queryKeyboardModifiers()
    return {name for modifier, name in MODIFIERS.items() if pressed & modifier}


def keys_of_event() -> set[str]:
    """Return the names of the modifier keys that were held with what is being answered."""
    pressed = QApplication.keyboardModifiers()
    return {name for modifier, name in MODIFIERS.items() if pressed & modifier}


def what_happens(
    tool: str, manner: Manner, category: str = "cluster", on_movie: bool = False, by_value: str = ""
) -> str:
    """Return what the mouse will do.

    Parameters
    ----------
    tool
        One of `TOOLS`.
    manner
        What it does to the selection, one of `MANNERS`.
    category
        What the units have in common that are selected together by the tool ``cluster``.
    on_movie
        Whether boxes can be dragged on the movie as well.
    by_value
        Which panel that selects by values is open, one of `BY_VALUE`; empty for none.
    """
    verb, verbs = VERBS[manner]
    lines = [DEEDS[tool].format(verb=verb, verbs=verbs, category=category)]
    if by_value:
        lines.append(BY_VALUE[by_value].format(verbs=verbs))
    if on_movie:
        lines.append(MOVIE.format(verbs=verbs))
    return " ".join(lines)

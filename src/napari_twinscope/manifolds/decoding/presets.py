"""Which presets and choices of stimuli an analysis knows."""

from __future__ import annotations

from napari_twinscope.errors import InvalidInput

PRESETS = ("corrected", "published-2025", "published-2026")
STIMULI = ("all", "medium", "high", "first-six", "first-and-last-five")
CUTS = {"first-six": (0, 1, 2, 3, 4, 5), "first-and-last-five": (0, 6, 7, 8, 9, 10)}
"""Choices by position among the papers' eleven stimuli."""


def check_preset(preset: str, stimuli: str | None) -> None:
    """Refuse a preset or a choice of stimuli that does not exist.

    Raises
    ------
    InvalidInput
        If there is no such preset or choice, or the corrected preset is to cut stimuli by position.
    """
    if preset not in PRESETS:
        raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
    if stimuli is not None and stimuli not in STIMULI:
        raise InvalidInput("There is no such choice of stimuli.", given=stimuli, needed=", ".join(STIMULI))
    if preset == "corrected" and stimuli in CUTS:
        raise InvalidInput(
            "The corrected preset takes stimuli by name.",
            given=stimuli,
            needed="all, medium or high",
            remedy="use a published preset to cut them by position, as the public code does",
        )
